"""How tensors, sizes and long lines are written for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rewriter.dialect.inference import sizes_of
from rewriter.model import Tensor

LONGEST_NAME = 48
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_SPACE = re.compile(r"(?<=\S) ")


def size(count: int) -> str:
    """A number of bytes: exact up to 10,000, rounded above."""
    if count < 10_000:
        return f"{count:,} B"
    unit, name = next(each for each in _UNITS if count >= each[0])
    return f"{count / unit:.3g} {name}" if count < 999.5 * unit else f"{count / unit:,.0f} {name}"


def number(count: int, what: str) -> str:
    """`1 operator`, `2,500 operators`."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def name_of(tensor: Tensor, *, whole: bool = False) -> str:
    """A tensor's name, or its index where it has none; long ones shortened to what tells them apart best, their end."""
    name = tensor.name
    if not name:
        return f"#{tensor.index}"
    if whole or len(name) <= LONGEST_NAME:
        return name
    # Converters join the names of what they fused; the first is the operator's own.
    first, more, _ = name.partition(";")
    end = "…" if more else ""
    return (first if len(first) < LONGEST_NAME else "…" + first[1 - LONGEST_NAME :]) + end


def kind_of(tensor: Tensor) -> str:
    """Element type, shape and quantization: `i8[8,3,3,3] per-channel(0)`, `u8[1,?] 0.5·(q-128)`."""
    sizes = ",".join("?" if each is None else str(each) for each in sizes_of(tensor))
    return f"{tensor.dtype}[{sizes}]{_quantization(tensor)}"


def _quantization(tensor: Tensor) -> str:
    parameters = tensor.quantization
    if parameters is None or not parameters.scale:
        return ""
    if parameters.per_channel:
        return f" per-channel({parameters.dimension})"
    return f" scale {parameters.scale[0]:.6g} zero {parameters.zero_point[0] if parameters.zero_point else 0}"


def value(given: object) -> str:
    """An attribute's value as a pattern would write it."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, float):
        return f"{given:g}"
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{key}: {value(each)}" for key, each in given.items()) + "}"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(value, given)) + "]"  # pyright: ignore[reportUnknownArgumentType]
    return str(given)


def cut(line: str, width: int | None) -> str:
    """A line of at most this many columns."""
    return line if width is None or len(line) <= width else line[: max(width - 1, 1)] + "…"


def wrapped(text: str, width: int | None, *, indent: int = 0, hang: int = 0) -> list[str]:
    """A text in lines of at most `width` columns, all indented, those behind the first by `hang` more.

    Runs of spaces, which line columns up, stay.
    """
    line = " " * indent + text
    if width is None or len(line) <= width:
        return [line]
    lines: list[str] = []
    start = " " * (indent + hang)
    while len(line) > width:
        places = [match.start() for match in _SPACE.finditer(line) if len(start) < match.start() <= width]
        # What has no space in it is broken anywhere: a line that is too long is broken by the terminal, without indent.
        at = places[-1] if places else max(width, len(start) + 1)
        lines.append(line[:at].rstrip())
        line = start + line[at:].lstrip()
    return [*lines, line]


def columns(rows: Iterable[tuple[str, ...]], right: Iterable[int] = ()) -> list[str]:
    """Rows with their columns lined up, two spaces between; those named by `right` end together."""
    listed = list(rows)
    ends = set(right)
    widths = [max(len(row[place]) for row in listed) for place in range(len(listed[0]))] if listed else []
    return [
        "  ".join(
            cell.rjust(wide) if place in ends else cell.ljust(wide)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in listed
    ]

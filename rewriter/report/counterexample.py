"""A counterexample as text for a person and as data for a script."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from rewriter.errors import ModelError
from rewriter.model import Model, read
from rewriter.report.facts import Facts
from rewriter.report.model import operator_lines
from rewriter.report.words import columns, kind_of, name_of, number, wrapped

if TYPE_CHECKING:
    from rewriter.model import Tensor
    from rewriter.proof.regressions import Saved
    from rewriter.proof.verdict import Counterexample, Verdict
    from rewriter.verify.compare import Comparison
    from rewriter.verify.protocol import Array

_WHOLE = 24  # elements of an array that is shown with all of them
_AROUND = 4  # elements on each side of the place that differs, in a larger one
_FIRST = 8  # elements of a larger one in which no place is of interest
_IN_JSON = 4096


def describe_refutation(
    verdict: Verdict, *, saved: Saved | None = None, replay: str | None = None, width: int | None = None
) -> list[str]:
    """What refutes a rule, a fact a line.

    Args:
        verdict: A refuted rule's.
        saved: Where the counterexample was saved.
        replay: The command that gives it again.
        width: How many columns there are; None for any number.
    """
    found = verdict.counterexample
    assert found is not None
    circumstances = [f"{found.kernels} kernels"] if found.kernels else []
    circumstances += [f"example {verdict.examples + 1}", f"seed {verdict.seed}", f"{verdict.seconds:.1f} s"]
    lines = wrapped(f"{verdict.rule}: refuted ({', '.join(circumstances)}): {found.reason}", width, hang=4)
    before, after = _model(found.before), _model(found.after)
    for title, told, model in (("model", found.model, before), ("becomes", found.replaced, after)):
        listed = told or (_operators(model) if model is not None else ())
        if listed:
            lines.append(f"  {title}")
            lines += [line for each in listed for line in wrapped(each.rstrip(), width, indent=4, hang=4)]
    lines += _table("operands", list(_operands(found, before)) if before is not None else [], width)
    lines += _table("results", list(_results(found, before)), width)
    if found.comparison is not None:
        lines += wrapped(_difference(found, found.comparison), width, indent=2, hang=4)
    if found.condition is not None:
        lines += wrapped(f"a condition that excludes it: where {found.condition}", width, indent=2, hang=4)
    if saved is not None:
        other = f" and {saved.after.name}" if saved.after else ""
        lines.append(f"  saved: {saved.before}{other}")
    if replay is not None:
        lines.append(f"  again: {replay}")
    return lines


def counterexample_json(counterexample: Counterexample, saved: Saved | None = None) -> dict[str, Any]:
    """The value of `"counterexample"` in `test --json`; figures that are not finite are words there."""
    found = counterexample
    comparison = found.comparison
    at = comparison.index if comparison is not None else None
    before, after = _model(found.before), _model(found.after)
    return {
        "reason": found.reason,
        "kernels": found.kernels,
        "output": found.output,
        "index": None if at is None else list(at),
        "before": None if found.left is None or at is None else _plain(_element(found.left, at)),
        "after": None if found.right is None or at is None else _plain(_element(found.right, at)),
        "max_abs": None if comparison is None else _plain(comparison.max_abs),
        "max_rel": None if comparison is None else _plain(comparison.max_rel),
        "differing": None if comparison is None else comparison.differing,
        "compared": None if comparison is None else comparison.compared,
        "model": list(found.model or (_operators(before) if before is not None else ())),
        "replaced": list(found.replaced or (_operators(after) if after is not None else ())),
        "operands": [
            {"name": name, "type": kind, "constant": constant, "values": _values(value)}
            for name, kind, constant, value in (_valued(found, before) if before is not None else ())
        ],
        "left": _values(found.left),
        "right": _values(found.right),
        "condition": found.condition,
        "files": None
        if saved is None
        else {
            "before": str(saved.before),
            "after": None if saved.after is None else str(saved.after),
            "inputs": str(saved.inputs),
        },
    }


def _model(data: bytes | None) -> Model | None:
    if data is None:
        return None
    try:
        model = read(data)
    except ModelError:
        return None
    return model if model.subgraphs else None


def _operators(model: Model) -> list[str]:
    subgraph = model.subgraphs[0]
    lines = operator_lines(Facts(model), ((subgraph, each) for each in subgraph.operators), None, verbose=False)
    return [line.strip() for line in lines]


def _valued(found: Counterexample, model: Model) -> Iterator[tuple[str, str, bool, Array]]:
    """What the model computes from: names, kinds, whether they are constants, and values."""
    from rewriter.verify.arrays import constant

    subgraph = model.subgraphs[0]
    for tensor, value in zip(subgraph.inputs, found.inputs, strict=False):
        yield name_of(tensor), _kind(tensor, value), False, value
    for tensor in subgraph.tensors:
        if tensor.is_constant and tensor.consumers:
            try:
                value = constant(tensor)
            except ValueError:
                continue
            yield name_of(tensor), _kind(tensor, value), True, value


def _kind(tensor: Tensor, value: Array) -> str:
    """A tensor's kind; with the sizes that it had in this run where the file leaves them open."""
    if tuple(tensor.shape) == value.shape and not tensor.dynamic:
        return kind_of(tensor)
    sizes = ",".join(map(str, value.shape))
    return f"{kind_of(tensor)} as [{sizes}]"


def _operands(found: Counterexample, model: Model) -> Iterator[tuple[str, str, str]]:
    at = found.comparison.index if found.comparison is not None else None
    like = None if found.left is None else found.left.shape
    for name, kind, constant, value in _valued(found, model):
        if constant and any(str(value.tolist()) in line for line in found.model):
            continue  # its values stand there already
        # The element of an operand that stands where the results differ has most to do with it.
        place = at if value.shape == like else None
        yield name, kind + ", constant" * constant, _shown(value, place)


def _results(found: Counterexample, model: Model | None) -> Iterator[tuple[str, str, str]]:
    at = found.comparison.index if found.comparison is not None else None
    outputs = model.subgraphs[0].outputs if model is not None else ()
    tensor = next((each for each in outputs if each.name == found.output), None)
    for side, value in (("before", found.left), ("after", found.right)):
        if value is not None:
            kind = f"{value.dtype}{list(value.shape)}" if tensor is None else _kind(tensor, value)
            yield f"{found.output or 'result'} {side}", kind, _shown(value, at)


def _table(title: str, rows: Sequence[tuple[str, ...]], width: int | None) -> list[str]:
    if not rows:
        return []
    return [f"  {title}", *(line for row in columns(rows) for line in wrapped(row, width, indent=4, hang=4))]


def _difference(found: Counterexample, comparison: Comparison) -> str:
    parts: list[str] = []
    at = comparison.index
    if at is not None and found.left is not None and found.right is not None:
        values = (_written(_element(value, at)) for value in (found.left, found.right))
        if found.left.dtype.kind != "c":
            at = at[: found.left.ndim]  # that of a scalar is compared as an array of one
        place = f"at [{', '.join(map(str, at))}]" if at else "the value"
        parts.append(f"{place}: {' before, '.join(values)} after")
    if comparison.differing:
        parts.append(f"{comparison.differing} of {number(comparison.compared, 'element')} differ")
    parts.append(f"max abs {comparison.max_abs:.3g}, max rel {comparison.max_rel:.3g}")
    if comparison.limit:
        parts.append(f"{comparison.limit:.3g} is let pass")
    return "; ".join(parts)


def _shown(value: Array, at: tuple[int, ...] | None) -> str:
    """An array's values; a large one's around a place only, which is marked."""
    place = None if at is None else at[: value.ndim]
    if place is not None and (len(place) < value.ndim or any(i >= n for i, n in zip(place, value.shape, strict=True))):
        place = None  # the other side's, which has another shape
    if value.size <= _WHOLE:
        return _nested(value, place)
    if place is None:
        first = ", ".join(_written(each) for each in value.reshape(-1)[:_FIRST])
        return f"{first}, … ({value.size:,} elements)"
    *outer, last = place
    row = value[tuple(outer)]
    start, stop = max(last - _AROUND, 0), min(last + _AROUND + 1, len(row))
    shown = [f">{_written(row[each])}<" if each == last else _written(row[each]) for each in range(start, stop)]
    ends = ["…"] * (start > 0), ["…"] * (stop < len(row))
    where = ", ".join([*map(str, outer), f"{start}:{stop}"])
    return f"[{where}] = {', '.join([*ends[0], *shown, *ends[1]])}"


def _nested(value: Array, place: tuple[int, ...] | None) -> str:
    if value.ndim == 0:
        text = _written(value[()])
        return f">{text}<" if place == () else text
    parts = (
        _nested(value[each : each + 1].reshape(value.shape[1:]), place[1:] if place and place[0] == each else None)
        for each in range(len(value))
    )
    return f"[{', '.join(parts)}]"


def _element(value: Array, at: tuple[int, ...]) -> Any:
    # Of complex numbers real and imaginary parts are compared, and tell themselves apart by one more index.
    found: Any = value[at[: value.ndim]]
    if value.dtype.kind == "c":
        return found.imag if at[-1] else found.real
    return found


def _written(element: Any) -> str:
    """An element as it is told apart from its neighbours of the same type."""
    if isinstance(element, bytes):
        return repr(element)
    text = str(element)
    return text.lower() if text in ("True", "False") else text


def _plain(element: Any) -> object:
    """An element or a figure as JSON can hold it."""
    item: Any = element.item() if hasattr(element, "item") else element
    if isinstance(item, bytes):
        return item.decode("utf-8", "backslashreplace")
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"
    return item if isinstance(item, bool | int | float | str) else str(item)


def _values(value: Array | None) -> object:
    if value is None or value.size > _IN_JSON:
        return None

    def nested(part: object) -> object:
        return [nested(each) for each in cast("list[object]", part)] if isinstance(part, list) else _plain(part)

    return nested(value.tolist())

"""What a file holds by the schema's own bindings: the reader that the code under test is compared with.

Their object API costs a hundred times what the code under test does, so what it says of a source is kept.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTERNAL = "outside the flatbuffer"
_MOST = 10


def unpack(data: bytes) -> Any:
    """All that a file holds, as the bindings' objects.

    What stands outside the flatbuffer is fetched from its place: two files may keep the same bytes in different places.
    """
    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    for buffer in model.buffers or ():
        if buffer.offset > 1:
            assert buffer.offset + buffer.size <= len(data)
            buffer.data = np.frombuffer(data, np.uint8, buffer.size, buffer.offset)
            buffer.offset = EXTERNAL
    for graph in model.subgraphs or ():
        for operator in graph.operators or ():
            if operator.largeCustomOptionsOffset > 1:
                start, size = operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize
                assert start + size <= len(data)
                operator.largeCustomOptionsOffset = EXTERNAL, data[start : start + size]
    return model


@functools.cache
def unpack_file(path: Path) -> Any:
    """`unpack` for a file, which must not be changed."""
    return unpack(path.read_bytes())


def pack(model: Any) -> bytes:
    """A file with what the bindings' objects say."""
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def differences(one: Any, other: Any, where: str = "model") -> list[str]:
    """Where two unpacked models differ, field by field; absent is not empty, and NaN is NaN."""
    return [difference for difference, _ in zip(_differences(one, other, where), range(_MOST), strict=False)]


def _differences(one: Any, other: Any, where: str) -> Iterator[str]:
    if type(one) is not type(other):
        yield f"{where}: {_short(one)} is not {_short(other)}"
    elif isinstance(one, np.ndarray):
        if one.dtype != other.dtype or one.tobytes() != other.tobytes():
            yield f"{where}: {_short(one)} is not {_short(other)}"
    elif isinstance(one, list):
        if len(one) != len(other):
            yield f"{where}: {len(one)} items are not {len(other)}"
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from _differences(left, right, f"{where}[{index}]")
    elif hasattr(one, "__dict__"):
        for name, left in vars(one).items():
            yield from _differences(left, getattr(other, name), f"{where}.{name}")
    elif one != other and not (one != one and other != other):
        yield f"{where}: {_short(one)} is not {_short(other)}"


def _short(value: Any) -> str:
    return repr(value)[:60]


def misaligned(data: bytes) -> list[int]:
    """The buffers whose bytes do not stand at a multiple of 16, which the schema asks for."""
    model = schema.Model.GetRootAs(data, 0)
    found: list[int] = []
    for index in range(model.BuffersLength()):
        buffer: Any = model.Buffers(index)
        field = buffer._tab.Offset(4)
        inline = buffer._tab.Vector(field) if field and buffer.DataLength() else 0
        outside = buffer.Offset() if buffer.Offset() > 1 else 0
        if inline % 16 or outside % 16:
            found.append(index)
    return found


def withdrawn_tags(data: bytes) -> list[bytes | None]:
    """What stands in the field of each signature that the schema has withdrawn and the objects leave out."""
    model = schema.Model.GetRootAs(data, 0)
    found: list[bytes | None] = []
    for index in range(model.SignatureDefsLength()):
        table: Any = model.SignatureDefs(index)._tab  # type: ignore[union-attr]
        field = table.Offset(10)
        found.append(table.String(field + table.Pos) if field else None)
    return found

"""A flatbuffer written front to back, so that gigabytes of constants can be streamed behind a graph of any size.

The `flatbuffers` package builds from the back and needs the whole file in memory. It also serves the code under test,
which must not be the only witness of what a file holds.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINK = "I"
"""The form of a field that says where something else stands."""

_INT32 = struct.Struct("<i")
_UINT32 = struct.Struct("<I")
_UINT64 = struct.Struct("<Q")


@frozen(eq=False)
class Layout:
    """How the tables of one kind are stored: the table of field places that they share, and the fields behind it."""

    vtable: bytes
    body: struct.Struct
    places: Mapping[str, int]
    """Bytes from a table's start to each field."""
    order: tuple[int, ...]
    """The order in which fields are stored, as positions in the order in which they were declared."""
    alignment: int


def layout(**fields: tuple[int, str]) -> Layout:
    """Lay out tables with these fields.

    Args:
        fields: For each field its slot in the schema and its form, a `struct` code or `LINK`.
    """
    names = list(fields)
    order = sorted(range(len(names)), key=lambda index: -struct.calcsize("<" + fields[names[index]][1]))
    places: dict[str, int] = {}
    end = _INT32.size  # every table starts with the distance to its vtable
    for index in order:
        places[names[index]] = end
        end += struct.calcsize("<" + fields[names[index]][1])
    slots = [0] * (max((slot for slot, _ in fields.values()), default=-1) + 1)
    for name, (slot, _) in fields.items():
        slots[slot] = places[name]
    vtable = struct.pack(f"<{2 + len(slots)}H", 2 * (2 + len(slots)), end, *slots)
    body = struct.Struct("<" + "".join(fields[names[index]][1] for index in order))
    alignment = max((struct.calcsize("<" + form) for _, form in fields.values()), default=4)
    return Layout(vtable, body, places, tuple(order), max(alignment, 4))


class Graph:
    """The part of a file that is built in memory. What a link leads to is written after the link, which is then set."""

    def __init__(self, identifier: bytes) -> None:
        self.data = bytearray(_UINT32.size) + identifier
        self._vtables: dict[bytes, int] = {}

    def set_link(self, link: int, target: int) -> None:
        """Let the link at `link` lead to `target`, which must be behind it."""
        _UINT32.pack_into(self.data, link, target - link)

    def set_uint64(self, place: int, value: int) -> None:
        """Set the 8-byte field at `place`."""
        _UINT64.pack_into(self.data, place, value)

    def table(self, link: int, kind: Layout, *values: int) -> int:
        """Write a table that `link` leads to, its values in the order of the layout's declaration; return its start."""
        vtable = self._vtables.get(kind.vtable)
        if vtable is None:
            self._align(2)
            vtable = self._vtables[kind.vtable] = len(self.data)
            self.data += kind.vtable
        # The fields start four bytes into the table, the largest first: it is they that must be aligned.
        self._align(kind.alignment, ahead=_INT32.size)
        start = len(self.data)
        self.set_link(link, start)
        self.data += _INT32.pack(start - vtable)
        self.data += kind.body.pack(*[values[index] for index in kind.order])
        return start

    def links(self, link: int, count: int) -> range:
        """Write a list of links that lead nowhere yet; return their places."""
        start = self._vector(link, count)
        self.data += bytes(4 * count)
        return range(start, start + 4 * count, 4)

    def int32s(self, link: int, values: Sequence[int]) -> None:
        """Write a list of 32-bit numbers."""
        self._vector(link, len(values))
        self.data += struct.pack(f"<{len(values)}i", *values)

    def string(self, link: int, text: str) -> None:
        """Write a string."""
        encoded = text.encode()
        self._vector(link, len(encoded))
        self.data += encoded + b"\0"

    def _vector(self, link: int, count: int) -> int:
        self._align(4)
        self.set_link(link, len(self.data))
        self.data += _UINT32.pack(count)
        return len(self.data)

    def _align(self, alignment: int, *, ahead: int = 0) -> None:
        self.data += bytes(-(len(self.data) + ahead) % alignment)

"""The zip archive that TFLite Metadata appends behind the flatbuffer (labels and other associated files).

A zip's directory holds distances. Writers disagree on whether they count from the start of the file or of the archive;
those that count from the start of the file have to move with the archive.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from rewriter.model.graph import Model

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 1 << 16


@frozen
class Tail:
    """An archive behind a flatbuffer.

    Attributes:
        data: Its bytes.
        start: Where it stood.
        directory: Where in `data` its directory begins.
        entries: Where in `data` each entry of the directory begins.
        absolute: Whether its distances count from the start of the file.
    """

    data: bytes
    start: int
    directory: int
    entries: tuple[int, ...]
    absolute: bool

    def at(self, start: int) -> bytes:
        """Its bytes when it begins at `start`."""
        if not self.absolute or start == self.start:
            return self.data
        moved = bytearray(self.data)
        shift = start - self.start
        for entry in self.entries:
            _shift(moved, entry + 42, shift)
        _shift(moved, _end_record(self.data) + 16, shift)
        return bytes(moved)


def read_tail(model: Model) -> Tail | None:
    """The archive behind a model's flatbuffer, or None."""
    binary = model.binary
    if binary is None or not model.at:
        return None
    window = min(binary.size, _LONGEST_COMMENT + _END.size)
    end = _end_record(binary.peek(binary.size - window, window))
    if end < 0:
        return None
    end += binary.size - window
    _, _, _, _, count, size, offset, _ = _END.unpack(binary.peek(end, _END.size))
    directory = end - size
    if directory < 8:
        return None
    entries = binary.peek(directory, size)
    starts: list[int] = []
    at = 0
    origin = directory - offset  # where the archive's distances count from
    first = directory
    for _ in range(count):
        if at + _ENTRY.size > size or entries[at : at + 4] != b"PK\x01\x02":
            return None
        fields = _ENTRY.unpack_from(entries, at)
        starts.append(at)
        first = min(first, origin + fields[16])
        at += _ENTRY.size + fields[10] + fields[11] + fields[12]
    if first < model.constants_end:
        return None
    data = binary.peek(first, binary.size - first)
    begin = directory - first
    return Tail(data, first, begin, tuple(begin + start for start in starts), absolute=origin != first)


def _end_record(data: bytes) -> int:
    """Where the record that ends a zip archive stands, or -1."""
    at = data.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + _END.size <= len(data) and at + _END.size + _END.unpack_from(data, at)[7] == len(data):
            return at
        at = data.rfind(b"PK\x05\x06", 0, at)
    return -1


def _shift(data: bytearray, at: int, by: int) -> None:
    struct.pack_into("<L", data, at, struct.unpack_from("<L", data, at)[0] + by)

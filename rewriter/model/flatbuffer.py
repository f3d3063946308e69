"""How a flatbuffer stores a table, and where in it each field of the schema stands.

A table starts with the signed distance back to its vtable; the vtable holds the table's size and, for each slot of the
schema, where in the table its field stands (0: absent). Few vtables serve many tables, so everything that follows from
one is worked out once, as a `Layout`.
"""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.errors import ModelError
from rewriter.model.schema import SCALAR, SCALARS, SIZES, STRING, STRINGS, TABLE, TABLES, UNION, Schema, Table

if TYPE_CHECKING:
    import mmap
    from types import TracebackType

unpack_u32 = struct.Struct("<I").unpack_from
unpack_i32 = struct.Struct("<i").unpack_from
unpack_u16 = struct.Struct("<H").unpack_from
pack_u32 = struct.Struct("<I").pack_into

Scalar = int | float | bool


class Damage(Exception):
    """Bytes that cannot be what they stand for; `Reading` makes it a ModelError."""


class TooNew(Exception):
    """Something that the schema known here does not have; `Reading` makes it a ModelError."""


_OFFSET = re.compile(r"at offset (-?\d+)")  # in what `struct` says of a read beyond the end


class Reading:
    """While bytes are decoded: whatever cannot be decoded becomes one ModelError that names the file.

    A class and not a generator, because it is entered for every detail that is asked for.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            return
        if isinstance(error, Damage):
            raise ModelError(f"{self.name}: damaged model: {error}") from None
        if isinstance(error, TooNew):
            hint = "install a newer ai-edge-litert, whose schema will be used"
            raise ModelError(f"{self.name}: {error}", hint=hint) from None
        if isinstance(error, struct.error | IndexError):
            place = _OFFSET.search(str(error))
            where = f": byte {place[1]} is asked for" if place else ""
            message = f"{self.name}: damaged model: something in it lies outside the file{where}"
            raise ModelError(message, hint="get the file again: it was cut off or changed on its way") from None


@frozen(eq=False)
class Layout:
    """What one vtable says of tables of one type.

    Attributes:
        vtable: Its bytes.
        size: Bytes of the table itself, from its start.
        offsets: For each slot of the schema, where the field stands in the table, or 0.
        references: (offset in the table, kind, type, offset of the union's type byte) of each field that refers to
            something outside the table.
        wide: Where the first field of eight bytes stands, or -1: it must be aligned to eight.
        unknown: A slot in use that the schema does not know, or -1.
    """

    vtable: bytes
    size: int
    offsets: tuple[int, ...]
    references: tuple[tuple[int, int, str, int], ...]
    wide: int
    unknown: int


class FlatBuffer:
    """Read access to the tables of a flatbuffer. Positions are byte offsets from its start.

    Whatever does not fit into the data raises `struct.error`, IndexError, `Damage` or `TooNew`; `reading`, which every
    caller enters first, turns all of these into one ModelError that names the file.
    """

    __slots__ = ("_layouts", "_members", "data", "operator_table", "reach", "reading", "schema", "size")

    def __init__(self, data: bytes | mmap.mmap, schema: Schema, name: str) -> None:
        self.data = data
        self.reading = Reading(name)
        self.size = len(data)
        self.schema = schema
        self.reach = 0  # where the last vector read so far ends
        self.operator_table = schema.table("Operator")
        self._layouts: dict[str, dict[int, Layout]] = {}
        self._members: dict[tuple[str, int], Table] = {}

    def layouts(self, table: str) -> dict[int, Layout]:
        """The layouts seen so far for one type of table, by position of the vtable."""
        found = self._layouts.get(table)
        if found is None:
            found = self._layouts[table] = {}
        return found

    def layout(self, at: int, table: Table) -> Layout:
        """The layout of the table at `at`."""
        vtable = at - unpack_i32(self.data, at)[0]
        try:
            return self._layouts[table.name][vtable]
        except KeyError:
            found = self.layouts(table.name)[vtable] = self._read_layout(at, vtable, table)
            return found

    def _read_layout(self, at: int, vtable: int, table: Table) -> Layout:
        if not 0 <= vtable <= self.size - 4:
            raise Damage(f"the {table.name} at byte {at} has its vtable outside the file")
        length, size = struct.unpack_from("<HH", self.data, vtable)
        if length < 4 or length % 2 or vtable + length > self.size or size < 4 or at + size > self.size:
            raise Damage(f"the {table.name} at byte {at} has a damaged vtable")
        stored = struct.unpack_from(f"<{(length - 4) // 2}H", self.data, vtable + 4)
        known = len(table.fields)
        offsets = (*stored[:known], *[0] * (known - len(stored)))
        unknown = next((slot for slot, offset in enumerate(stored) if offset and slot >= known), -1)
        references: list[tuple[int, int, str, int]] = []
        taken: list[tuple[int, int]] = []
        wide = -1
        for field, offset in zip(table.fields, offsets, strict=True):
            if not offset or field is None:
                continue
            end = offset + (SIZES[field.type] if field.kind == SCALAR else 4)
            taken.append((offset, end))
            if offset < 4 or end > size:
                raise Damage(f"the {table.name} at byte {at} has its {field.name} outside itself")
            if field.kind == SCALAR:
                if SIZES[field.type] == 8 and wide < 0:
                    wide = offset
            else:
                references.append((offset, field.kind, field.type, offsets[field.slot - 1]))
        taken.sort()
        if any(end > start for (_, end), (start, _) in pairwise(taken)):
            raise Damage(f"the {table.name} at byte {at} has two fields in one place")
        return Layout(bytes(self.data[vtable : vtable + length]), size, offsets, tuple(references), wide, unknown)

    def vector(self, at: int, form: str) -> tuple[Scalar, ...]:
        """The vector of scalars whose length word stands at `at`."""
        (length,) = unpack_u32(self.data, at)
        if length * SIZES[form] > self.size - at - 4:
            raise Damage(f"the vector at byte {at} is longer than the file")
        self.reach = max(self.reach, at + 4 + length * SIZES[form])
        return struct.unpack_from(f"<{length}{form}", self.data, at + 4)

    def references(self, at: int) -> list[int]:
        """Where the tables or strings of the vector at `at` stand."""
        start = at + 4
        return [start + 4 * i + offset for i, offset in enumerate(self.vector(at, "I"))]  # type: ignore[operator]

    def raw(self, at: int) -> bytes:
        """The bytes of the vector of bytes, or of the string, at `at`."""
        (length,) = unpack_u32(self.data, at)
        if length > self.size - at - 4:
            raise Damage(f"the vector at byte {at} is longer than the file")
        self.reach = max(self.reach, at + 4 + length)
        return bytes(self.data[at + 4 : at + 4 + length])

    def text(self, at: int) -> str:
        """The string at `at`. Bytes that are not UTF-8 survive a round trip as lone surrogates."""
        return self.raw(at).decode("utf-8", "surrogateescape")

    def follow(self, at: int, table: Table, name: str) -> int:
        """Where the target of a reference field of the table at `at` stands, or 0 if the field is absent."""
        offset = self.layout(at, table).offsets[table.by_name[name].slot]
        return at + offset + unpack_u32(self.data, at + offset)[0] if offset else 0

    def scalar(self, at: int, table: Table, name: str) -> Scalar:
        """A scalar field of the table at `at`, or its default."""
        field = table.by_name[name]
        offset = self.layout(at, table).offsets[field.slot]
        if not offset:
            assert field.default is not None
            return field.default
        return struct.unpack_from("<" + field.type, self.data, at + offset)[0]

    def fields(self, at: int, table: Table) -> dict[str, object]:
        """Every field that is present, by name.

        Scalars and vectors of them as Python values, strings as `str`; everything else as a `Stored` reference, so that
        it can be written again as it stands.
        """
        layout = self.layout(at, table)
        if layout.unknown >= 0:
            raise unknown_field(table.name, layout.unknown)
        values: dict[str, object] = {}
        for field, offset in zip(table.fields, layout.offsets, strict=True):
            if not offset:
                continue
            if field is None:
                raise unknown_field(table.name, layout.offsets.index(offset))
            if field.kind == SCALAR:
                values[field.name] = struct.unpack_from("<" + field.type, self.data, at + offset)[0]
                continue
            target = at + offset + unpack_u32(self.data, at + offset)[0]
            if field.kind == SCALARS:
                values[field.name] = list(self.vector(target, field.type))
            elif field.kind == STRING:
                values[field.name] = self.text(target)
            elif field.kind == UNION:
                number = self.data[at + layout.offsets[field.slot - 1]] if layout.offsets[field.slot - 1] else 0
                values[field.name] = Stored(target, TABLE, self.union_table(field.type, number))
            else:
                assert field.kind in (TABLE, TABLES, STRINGS)
                values[field.name] = Stored(target, field.kind, field.type)
        return values

    def member(self, union: str, number: int) -> Table:
        """The table that a union's type byte stands for; errors as `union_table`."""
        try:
            return self._members[union, number]
        except KeyError:
            found = self._members[union, number] = self.schema.table(self.union_table(union, number))
            return found

    def union_table(self, union: str, number: int) -> str:
        """The name of the table that a union's type byte stands for.

        Raises:
            Damage: It stands for none.
            TooNew: The number belongs to a schema newer than this one.
        """
        if not number:
            raise Damage(f"a {union} is there, but its type is not")
        words = self.schema.words(union)
        if number not in words:
            raise TooNew(f"{union} number {number} is newer than the schema known here")
        return words[number]


@frozen
class Stored:
    """Something that stands in the source, to be written again as it is; `at` is where what is referred to stands."""

    at: int
    kind: int
    type: str


def unknown_field(table: str, slot: int) -> TooNew:
    """The error for a field that this schema does not know and that a rewritten file would lose."""
    return TooNew(
        f"the model uses field {slot} of {table}, which the schema known here does not have: it would be lost"
    )

"""Writing flatbuffer tables forward: a table first, then what it refers to, then the next.

The usual builder writes backward from the end of a buffer that it keeps moving. Offsets point forward either way, so a
table can as well be written before its parts, its offsets filled in as the parts find their places; that makes copying
a table from one file to another three slices and a few patched words.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from rewriter.errors import ModelError
from rewriter.model.flatbuffer import (
    Damage,
    FlatBuffer,
    Layout,
    Stored,
    pack_u32,
    unknown_field,
    unpack_i32,
    unpack_u16,
    unpack_u32,
)
from rewriter.model.schema import (
    SCALAR,
    SCALARS,
    SIZES,
    STRING,
    STRINGS,
    TABLE,
    UNION,
    Field,
    Schema,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_pack_i32 = struct.Struct("<i").pack_into

Item = TypeVar("Item")

# A flatbuffer's offsets are 32 bits wide, and its verifiers refuse anything beyond 2 GiB.
LIMIT = (1 << 31) - 1
# A vector at least this long that two tables share stays shared, so that a damaged file cannot make a small one large.
_SHARED = 64
_FLAT = (SCALARS, STRING)  # what is one stretch of bytes


class Encoder:
    """Builds a flatbuffer in memory, copying from a source where something is unchanged.

    Attributes:
        out: What has been written so far; its length is always a multiple of four.
        reach: Where the last byte copied from the source ends.
    """

    def __init__(self, schema: Schema, source: FlatBuffer | None) -> None:
        self.out = bytearray()
        self.reach = 0
        self.schema = schema
        self._source = source
        self._vtables: dict[bytes, int] = {}
        self._shared: dict[int, int] = {}
        self._listed = 0  # items of all lists copied so far

    # -- copying ------------------------------------------------------------------------------------------------------

    def copy_table(self, at: int, name: str) -> int:
        """Write the source's table at `at` again, with all that it refers to. Returns where it stands now."""
        start, layout = self.copy_inline(at, name)
        if layout.references:
            self.copy_references(at, start, layout)
        return start

    def copy_inline(self, at: int, name: str) -> tuple[int, Layout]:
        """Write the table itself again; its references still point nowhere. Returns where it stands, and its layout."""
        source = self._source
        assert source is not None
        data = source.data
        layout = source.layouts(name).get(at - unpack_i32(data, at)[0]) or source.layout(at, self.schema.table(name))
        if layout.unknown >= 0:
            raise unknown_field(name, layout.unknown)
        start = self._place(layout.vtable, layout.wide)
        out = self.out
        end = at + layout.size
        if end > self.reach:
            self.reach = end
        out += data[at:end]
        if len(out) & 3:
            self.align(4)
        _pack_i32(out, start, start - self._vtables[layout.vtable])
        return start, layout

    def copy_references(self, at: int, start: int, layout: Layout, skip: Sequence[int] = ()) -> None:
        """Write again what the table at `at` refers to, for its copy at `start`."""
        source = self._source
        assert source is not None
        data, out = source.data, self.out
        for offset, kind, name, type_offset in layout.references:
            if offset in skip:
                continue
            target = at + offset + unpack_u32(data, at + offset)[0]
            if kind in _FLAT:
                placed = self._copy_vector(target, name)
            elif kind == TABLE:
                placed = self.copy_table(target, name)
            elif kind == UNION:
                placed = self.copy_table(target, source.union_table(name, data[at + type_offset] if type_offset else 0))
            else:
                placed = self._copy_vector_of(target, kind, name)
            where = start + offset
            pack_u32(out, where, placed - where)

    def _copy_vector(self, at: int, form: str) -> int:
        """Copy a vector of scalars (`form` its format) or a string (`form` empty)."""
        source = self._source
        assert source is not None
        out = self.out
        length = unpack_u32(source.data, at)[0] * (SIZES[form] if form else 1)
        end = at + 4 + length
        if end > self.reach:
            self.reach = end
        if end > source.size:
            raise Damage(f"the vector at byte {at} is longer than the file")
        if length >= _SHARED:
            shared = self._shared.get(at)
            if shared is not None:
                return shared
        if form and SIZES[form] == 8 and (len(out) + 4) & 7:
            out += b"\0\0\0\0"
        start = len(out)
        out += source.data[at:end]
        if not form:
            out += b"\0"
        if len(out) & 3:
            self.align(4)
        if length >= _SHARED:
            self._shared[at] = start
        return start

    def _copy_vector_of(self, at: int, kind: int, name: str) -> int:
        source = self._source
        assert source is not None
        items = source.references(at)
        self._listed += len(items)
        if self._listed > source.size:
            raise Damage("its lists have more items than the file has bytes")
        if kind == STRINGS:
            return self.write_vector_of(items, lambda each: self._copy_vector(each, ""))
        return self.write_vector_of(items, lambda each: self.copy_table(each, name))

    # -- writing anew -------------------------------------------------------------------------------------------------

    def write_table(self, name: str, values: Mapping[str, object]) -> int:
        """Write a table from values by field name; None and absent ones are left out. Returns where it stands.

        A value is a number, bool, enum word, string, list of these, a `Stored` piece of the source, a mapping with the
        table's name as `(name, mapping)` for a table or a union's member, or a function that writes the part and
        returns its place. A union's type field is set by its value.
        """
        table = self.schema.table(name)
        present = {key: value for key, value in values.items() if value is not None}
        for key, value in list(present.items()):
            spec = table.by_name[key]
            if spec.kind == UNION:
                member: str = value.type if isinstance(value, Stored) else value[0]  # type: ignore[index]
                present.setdefault(f"{key}_type", self.schema.enums[spec.type][member])
        specs = sorted((table.by_name[key] for key in present), key=lambda spec: (-_size(spec), spec.slot))
        offsets = [0] * len(table.fields)
        size = 4
        for spec in specs:
            width = _size(spec)
            size += -size % width
            offsets[spec.slot] = size
            size += width
        while offsets and not offsets[-1]:
            offsets.pop()
        vtable = struct.pack(f"<{2 + len(offsets)}H", 4 + 2 * len(offsets), size, *offsets)
        wide = next((offsets[spec.slot] for spec in specs if _size(spec) == 8), -1)
        start = self._place(vtable, wide)
        self.out += bytes(size)
        self.align(4)
        _pack_i32(self.out, start, start - self._vtables[vtable])
        for spec in specs:
            where = start + offsets[spec.slot]
            value = present[spec.name]
            if spec.kind == SCALAR:
                self._write_scalar(spec, value, where, name)
            else:
                placed = self._write_part(spec, value)
                pack_u32(self.out, where, placed - where)
        return start

    def _write_scalar(self, spec: Field, value: object, where: int, table: str) -> None:
        number = self.schema.enums[spec.enum][value] if spec.enum and isinstance(value, str) else value
        try:
            struct.pack_into("<" + spec.type, self.out, where, number)
        except struct.error:
            raise ModelError(f"{value!r} does not fit into {spec.name} of {table}") from None

    def _write_part(self, spec: Field, value: object) -> int:
        if callable(value):
            placed = value()
            assert isinstance(placed, int)
            return placed
        if isinstance(value, Stored):
            if value.kind == TABLE:
                return self.copy_table(value.at, value.type)
            return self._copy_vector_of(value.at, value.kind, value.type)
        if spec.kind == STRING:
            return self.write_bytes(str(value).encode("utf-8", "surrogateescape"), terminated=True)
        if spec.kind == SCALARS:
            if isinstance(value, bytes):
                return self.write_bytes(value)
            return self.write_vector(value, spec.type)  # type: ignore[arg-type]
        if spec.kind == STRINGS:
            return self.write_vector_of(value, lambda each: self.write_bytes(each.encode(), terminated=True))  # type: ignore[arg-type]
        if spec.kind in (TABLE, UNION):
            member, fields = value  # type: ignore[misc]
            return self.write_table(member, fields)  # type: ignore[arg-type]
        return self.write_vector_of(value, lambda each: self.write_table(spec.type, each))  # type: ignore[arg-type]

    def write_vector(self, values: Sequence[int | float], form: str) -> int:
        """Write a vector of scalars."""
        out = self.out
        if SIZES[form] == 8 and (len(out) + 4) & 7:
            out += b"\0\0\0\0"
        start = len(out)
        out += struct.pack(f"<I{len(values)}{form}", len(values), *values)
        if len(out) & 3:
            self.align(4)
        return start

    def write_bytes(self, data: bytes | memoryview, *, terminated: bool = False) -> int:
        """Write a vector of bytes, or with a zero behind them a string."""
        start = len(self.out)
        self.out += len(data).to_bytes(4, "little")
        self.out += data
        if terminated:
            self.out += b"\0"
        self.align(4)
        return start

    def write_vector_of(self, items: Sequence[Item], write: Callable[[Item], int]) -> int:
        """Write a vector of references, each item written behind it by `write`."""
        out = self.out
        start = len(out)
        count = len(items)
        out += count.to_bytes(4, "little")
        out += bytes(4 * count)
        first = start + 4
        placed = [write(item) - first - 4 * index for index, item in enumerate(items)]
        if len(out) > LIMIT:
            raise ModelError("the graph alone would exceed 2 GiB, the most that a flatbuffer can hold")
        struct.pack_into(f"<{count}I", out, first, *placed)
        return start

    # -- places -------------------------------------------------------------------------------------------------------

    def align(self, to: int) -> None:
        """Fill up to a multiple of `to`."""
        self.out += bytes(-len(self.out) % to)

    def field_at(self, start: int, name: str, field: str) -> int:
        """Where a field of a table written here stands."""
        vtable = start - unpack_i32(self.out, start)[0]
        slot = self.schema.table(name).by_name[field].slot
        return start + unpack_u16(self.out, vtable + 4 + 2 * slot)[0]

    def _place(self, vtable: bytes, wide: int) -> int:
        """Make room for a table: its vtable is written if it is new, and its field of eight bytes will be aligned."""
        out = self.out
        if vtable not in self._vtables:
            self._vtables[vtable] = len(out)
            out += vtable
            self.align(4)
        if wide >= 0 and (len(out) + wide) & 7:
            out += b"\0\0\0\0"
        return len(out)


def _size(spec: Field) -> int:
    return SIZES[spec.type] if spec.kind == SCALAR else 4

"""Custom options: the bytes in which a custom operator keeps its attributes."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from attrs import field, frozen

from rewriter.dialect.types import FORMATS, is_list

ANY_LENGTH = 0
"""The length of a field that holds a list, of however many values."""


class OptionsError(Exception):
    """Custom options do not hold what their declaration says, or cannot hold what they are given."""


@frozen
class OptionsField:
    """One attribute in the options.

    Attributes:
        dtype: As in the `.pat` language; what it takes in a struct, its kind in a flexbuffer.
        length: How many values; `ANY_LENGTH` for a list of any number, None for a single value.
        words: An enum's words and the numbers that stand for them in these options; empty where it is no enum.
        default: What a flexbuffer means that lacks it; None where it must be there.
    """

    name: str
    dtype: str
    length: int | None = None
    words: Mapping[str, int] = field(factory=dict[str, int])
    # What has been shown of rules is kept under a hash of what this prints; the attribute's own default is part of it.
    default: object = field(default=None, repr=False)

    def named(self, number: object) -> object:
        """The enum's word for a number; a number that has none stays one."""
        return next((word for word, value in self.words.items() if value == number), number)

    def number(self, value: object) -> object:
        """What stands in the file for a value."""
        if isinstance(value, str) and self.words:
            if value not in self.words:
                raise OptionsError(f"{self.name} cannot be {value} here: {', '.join(self.words)}")
            return self.words[value]
        return value


class Codec(Protocol):
    """How attributes become bytes, and bytes attributes."""

    @property
    def fields(self) -> tuple[OptionsField, ...]:
        """What the options hold, in order."""
        ...

    def decode(self, data: bytes | None) -> dict[str, object]:
        """The attributes in `data`. OptionsError if it does not hold them."""
        ...

    def encode(self, values: Mapping[str, object], like: bytes | None = None) -> bytes:
        """The bytes for these attributes; what `like` holds besides them is kept. OptionsError if one does not fit."""
        ...


@frozen
class StructCodec:
    """Fields packed one behind the other, little-endian; bytes behind the last one belong to newer writers."""

    fields: tuple[OptionsField, ...]

    @property
    def _struct(self) -> struct.Struct:
        return struct.Struct("<" + "".join(f"{each.length or ''}{FORMATS[each.dtype]}" for each in self.fields))

    def decode(self, data: bytes | None) -> dict[str, object]:
        form = self._struct
        if data is None or len(data) < form.size:
            raise OptionsError(f"its custom options hold {len(data or b'')} bytes, {form.size} are needed")
        flat = list(form.unpack_from(data))
        values: dict[str, object] = {}
        for each in self.fields:
            if each.length is None:
                values[each.name] = each.named(flat.pop(0))
            else:
                values[each.name] = [each.named(value) for value in flat[: each.length]]
                del flat[: each.length]
        return values

    def encode(self, values: Mapping[str, object], like: bytes | None = None) -> bytes:
        form = self._struct
        flat: list[object] = []
        for each in self.fields:
            value: Any = values[each.name]
            if each.length is None:
                flat.append(each.number(value))
                continue
            if not is_list(value) or len(value) != each.length:
                raise OptionsError(f"{each.name} takes a list of {each.length}")
            flat.extend(each.number(item) for item in value)
        try:
            return form.pack(*flat) + (like or b"")[form.size :]
        except (struct.error, OverflowError) as error:
            raise OptionsError(f"the attributes do not fit: {error}") from None


@frozen
class FlexbufferCodec:
    """A flexbuffer map with a key for each field; an operator that lacks one without a default is none of these."""

    fields: tuple[OptionsField, ...]

    def decode(self, data: bytes | None) -> dict[str, object]:
        found = _load(data)
        missing = [each.name for each in self.fields if each.name not in found and each.default is None]
        if missing:
            raise OptionsError(f"its custom options have no {missing[0]!r}")
        return {each.name: _taken(each, found.get(each.name, each.default)) for each in self.fields}

    def encode(self, values: Mapping[str, object], like: bytes | None = None) -> bytes:
        kept = _load(like) if like else {}
        given = {each.name: _given(each, values[each.name]) for each in self.fields}
        try:
            return bytes(_flexbuffers().Dumps(kept | given))
        except _REFUSED as error:
            raise OptionsError(f"the attributes do not fit: {error}") from None


def _narrowed(field: OptionsField, value: object) -> object:
    """A number as the operator reads it: some writers keep wider ones than it takes."""
    if field.dtype == "f32" and isinstance(value, int | float):
        try:
            return struct.unpack("<f", struct.pack("<f", value))[0]
        except OverflowError:
            return math.copysign(math.inf, value)
    return bool(value) if field.dtype == "bool" and isinstance(value, int) else value


def _taken(each: OptionsField, value: object) -> object:
    """A field's value as the operator reads it from a flexbuffer, enum numbers as words."""
    if not _is_of_length(each, value):
        raise OptionsError(f"its custom options have {value!r} as {each.name!r}")
    if is_list(value):
        return [each.named(_narrowed(each, item)) for item in value]
    return each.named(_narrowed(each, value))


def _given(each: OptionsField, value: object) -> object:
    if not _is_of_length(each, value):
        raise OptionsError(f"{each.name} takes {'one value' if each.length is None else 'a list'}, not {value!r}")
    return [each.number(item) for item in value] if is_list(value) else each.number(value)


def _is_of_length(each: OptionsField, value: object) -> bool:
    if each.length is None or not is_list(value):
        return each.length is None and not is_list(value)
    return each.length in (ANY_LENGTH, len(value))


# What the library raises on bytes that are no flexbuffer, and on values that are too large; it checks neither first.
_REFUSED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


def _load(data: bytes | None) -> dict[str, object]:
    try:
        found: Any = _flexbuffers().Loads(data) if data else None
    except _REFUSED as error:
        raise OptionsError(f"its custom options are no flexbuffer: {error}") from None
    if not isinstance(found, dict):
        raise OptionsError("its custom options are no flexbuffer map")
    return cast("dict[str, object]", found)


# What is shown of custom options that nobody declared: so many bytes, and in a flexbuffer so many values.
_SHOWN_BYTES, _SHOWN_VALUES = 64, 64


def shown_options(data: bytes) -> str:
    """Custom options as a rule would write them, where they are short: `flexbuffer{cores: 4}`, `bytes("\\x01")`.

    Bytes that are no flexbuffer may look like one that never ends, so that only so much of one is read.
    """
    try:
        root: Any = _flexbuffers().GetRoot(data)
        if root.IsMap:
            return "flexbuffer" + _shown(root, [_SHOWN_VALUES])
    except _REFUSED:
        pass
    if len(data) > _SHOWN_BYTES:
        return f"{len(data):,} bytes"
    written = "".join(chr(each) if 32 <= each < 127 and chr(each) not in '"\\' else f"\\x{each:02x}" for each in data)
    return f'bytes("{written}")'


def _shown(value: Any, left: list[int]) -> str:
    """A value of a flexbuffer in the language's own words; `left` says how many more there may be."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError("it has too many values")
    if value.IsMap:
        found = value.AsMap
        keys, values = found.Keys, found.Values
        return "{" + ", ".join(f"{_key(keys[at].AsKey)}: {_shown(values[at], left)}" for at in range(len(keys))) + "}"
    if value.IsVector or value.IsTypedVector or value.IsFixedTypedVector:
        found = (
            value.AsVector
            if value.IsVector
            else value.AsTypedVector
            if value.IsTypedVector
            else value.AsFixedTypedVector
        )
        return "[" + ", ".join(_shown(found[at], left) for at in range(len(found))) + "]"
    if value.IsBool:
        return "true" if value.AsBool else "false"
    if value.IsInt or value.IsFloat:
        return repr(value.AsInt if value.IsInt else value.AsFloat)
    if value.IsString or value.IsKey:
        return _quoted(value.AsString if value.IsString else value.AsKey)
    raise ValueError("it has a value that rules do not write")


def _key(key: str | bytes) -> str:
    text = key if isinstance(key, str) else key.decode()
    return text if text.isidentifier() else _quoted(text)


def _quoted(text: str | bytes) -> str:
    found = text if isinstance(text, str) else text.decode()
    if not found.isprintable() or '"' in found or "\\" in found:
        raise ValueError("it has text that is not shown")
    return f'"{found}"'


@frozen
class FlexbufferValue:
    """What custom options must hold, whichever way they are written."""

    value: object

    def holds(self, data: object) -> bool:
        """Whether some bytes are a flexbuffer of this value."""
        try:
            return isinstance(data, bytes) and _equal(_flexbuffers().Loads(data), self.value)
        except _REFUSED:
            return False


def _equal(one: object, other: object) -> bool:
    """Equality in which `true` is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        first, second = cast("dict[str, object]", one), cast("dict[str, object]", other)
        return first.keys() == second.keys() and all(_equal(first[key], second[key]) for key in first)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(_equal(*pair) for pair in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def flexbuffer(value: object) -> bytes:
    """A value as the bytes of a flexbuffer.

    Args:
        value: A dictionary of numbers, strings, booleans, lists and dictionaries.

    Raises:
        OptionsError: It cannot be written.
    """
    try:
        return bytes(_flexbuffers().Dumps(value))
    except _REFUSED as error:
        raise OptionsError(f"the custom options do not fit: {error}") from None


def _flexbuffers() -> Any:
    """The library; it has no types, and brings NumPy."""
    return import_module("flatbuffers.flexbuffers")

"""Custom options turn into attributes and back, and what does not fit is said."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.dialect.options import (
    ANY_LENGTH,
    FlexbufferCodec,
    OptionsError,
    OptionsField,
    StructCodec,
    flexbuffer,
    shown_options,
)
from rewriter.dialect.types import FORMATS

PADDING = OptionsField("padding", "i32", None, {"SAME": 1, "VALID": 2})
STRUCT = StructCodec((PADDING, OptionsField("sizes", "i16", 2), OptionsField("on", "bool")))
WIDTHS: dict[str, Literal[16, 32, 64]] = {"f16": 16, "f32": 32, "f64": 64}
FLEX = FlexbufferCodec((PADDING, OptionsField("rate", "f32"), OptionsField("name", "string")))

LISTS = FlexbufferCodec((OptionsField("any", "i32", ANY_LENGTH), OptionsField("two", "f32", 2)))


def test_a_struct_is_packed_little_endian_in_order() -> None:
    assert STRUCT.encode({"padding": "VALID", "sizes": [3, -4], "on": True}) == struct.pack("<ihh?", 2, 3, -4, True)
    assert STRUCT.decode(struct.pack("<ihh?", 1, 3, -4, False)) == {"padding": "SAME", "sizes": [3, -4], "on": False}


def test_a_number_without_a_word_stays_a_number() -> None:
    assert STRUCT.decode(struct.pack("<ihh?", 0, 0, 0, False))["padding"] == 0


def test_bytes_behind_the_last_field_are_read_over_and_kept_only_when_asked() -> None:
    old = struct.pack("<ihh?", 1, 3, 4, True) + b"newer"
    values = STRUCT.decode(old)
    assert STRUCT.encode(values) == old[:9]
    assert STRUCT.encode(values | {"padding": "VALID"}, old) == b"\2" + old[1:]


@pytest.mark.parametrize("data", [None, b"", b"\1\0\0\0\0\0\0\0"])
def test_a_struct_that_is_too_short_is_refused(data: bytes | None) -> None:
    with pytest.raises(OptionsError, match=f"its custom options hold {len(data or b'')} bytes, 9 are needed"):
        STRUCT.decode(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"padding": "FULL"}, "padding cannot be FULL here: SAME, VALID"),
        ({"sizes": [1]}, "sizes takes a list of 2"),
        ({"sizes": 5}, "sizes takes a list of 2"),
        ({"sizes": [1, 70000]}, "the attributes do not fit"),
        ({"padding": 1 << 40}, "the attributes do not fit"),
        ({"padding": "1"}, "padding cannot be 1 here"),
    ],
)
def test_what_a_struct_cannot_hold_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        STRUCT.encode({"padding": "SAME", "sizes": [1, 2], "on": True} | change)


def test_a_flexbuffer_keeps_keys_that_are_not_declared() -> None:
    from flatbuffers import flexbuffers

    old = bytes(flexbuffers.Dumps({"padding": 1, "rate": 0.5, "name": "n", "extra": [1, 2]}))
    values = FLEX.decode(old)
    assert values == {"padding": "SAME", "rate": 0.5, "name": "n"}
    assert flexbuffers.Loads(FLEX.encode(values | {"padding": "VALID"}, old)) == {
        "padding": 2,
        "rate": 0.5,
        "name": "n",
        "extra": [1, 2],
    }
    assert flexbuffers.Loads(FLEX.encode(values)) == {"padding": 1, "rate": 0.5, "name": "n"}


def test_a_list_in_a_flexbuffer_is_of_any_length_or_of_the_one_declared() -> None:
    for values in ([], [1], [3, 1, 2]):
        assert LISTS.decode(LISTS.encode({"any": values, "two": [0.5, 1.5]})) == {"any": values, "two": [0.5, 1.5]}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"any": 1, "two": [0.5, 1.5]}, "any takes a list, not 1"),
        ({"any": [1], "two": [0.5]}, "two takes a list, not"),
        ({"any": [1], "two": 0.5}, "two takes a list, not 0.5"),
    ],
)
def test_what_is_no_such_list_is_neither_written_nor_read(values: dict[str, object], message: str) -> None:
    from flatbuffers import flexbuffers

    with pytest.raises(OptionsError, match=message):
        LISTS.encode(values)
    with pytest.raises(OptionsError, match="its custom options have"):
        LISTS.decode(bytes(flexbuffers.Dumps(values)))


def test_a_single_value_in_a_flexbuffer_is_no_list() -> None:
    with pytest.raises(OptionsError, match=r"rate takes one value, not \[0.5\]"):
        FLEX.encode({"padding": "SAME", "rate": [0.5], "name": "n"})


def test_a_flexbuffer_without_a_declared_key_or_that_is_none_is_refused() -> None:
    from flatbuffers import flexbuffers

    with pytest.raises(OptionsError, match="its custom options have no 'rate'"):
        FLEX.decode(bytes(flexbuffers.Dumps({"padding": 1})))
    with pytest.raises(OptionsError, match="its custom options are no flexbuffer map"):
        FLEX.decode(bytes(flexbuffers.Dumps([1, 2])))
    with pytest.raises(OptionsError, match="its custom options are no flexbuffer map"):
        FLEX.decode(None)
    with pytest.raises(OptionsError, match="the attributes do not fit"):
        FLEX.encode({"padding": "SAME", "rate": 1 << 80, "name": "n"})


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    for codec in (STRUCT, FLEX):
        with suppress(OptionsError):
            assert codec.decode(data).keys() == {each.name for each in codec.fields}


@given(st.data())
def test_a_struct_gives_back_what_it_was_given(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(FORMATS)), min_size=1, max_size=5))
    fields: list[OptionsField] = []
    values: dict[str, object] = {}
    for index, dtype in enumerate(names):
        value: st.SearchStrategy[object]
        if dtype == "bool":
            value = st.booleans()
        elif dtype.startswith("f"):
            value = st.floats(width=WIDTHS[dtype], allow_nan=False)
        else:
            bits = 8 * struct.calcsize(FORMATS[dtype])
            value = (
                st.integers(0, 2**bits - 1) if dtype[0] == "u" else st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
            )
        length = data.draw(st.none() | st.integers(1, 3))
        fields.append(OptionsField(f"f{index}", dtype, length))
        values[f"f{index}"] = data.draw(value if length is None else st.lists(value, min_size=length, max_size=length))
    codec = StructCodec(tuple(fields))
    assert codec.decode(codec.encode(values)) == values


def test_a_field_with_a_default_may_be_missing() -> None:
    codec = FlexbufferCodec((OptionsField("count", "i32", default=100), OptionsField("rate", "f32")))
    assert codec.decode(flexbuffer({"rate": 0.5})) == {"count": 100, "rate": 0.5}
    assert codec.decode(flexbuffer({"rate": 0.5, "count": 3})) == {"count": 3, "rate": 0.5}
    with pytest.raises(OptionsError, match="have no 'rate'"):
        codec.decode(flexbuffer({"count": 3}))


def test_a_number_is_read_as_wide_as_its_field_says() -> None:
    codec = FlexbufferCodec((OptionsField("rate", "f32"), OptionsField("on", "bool")))
    assert codec.decode(flexbuffer({"rate": 0.6, "on": 1})) == {"rate": 0.6000000238418579, "on": True}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (flexbuffer({"cores": 4, "rate": 0.5}), "flexbuffer{cores: 4, rate: 0.5}"),
        (flexbuffer({"a b": [1, 2], "m": {"x": True}}), 'flexbuffer{"a b": [1, 2], m: {x: true}}'),
        (flexbuffer({"s": ["npu", "cpu"], "none": []}), 'flexbuffer{none: [], s: ["npu", "cpu"]}'),
        (flexbuffer({}), "flexbuffer{}"),
        (b"\x01\x02mark", r'bytes("\x01\x02mark")'),
        (b'"\\', r'bytes("\x22\x5c")'),
        (b"x" * 65, "65 bytes"),
        (flexbuffer({"many": list(range(80))}), "176 bytes"),
    ],
)
def test_options_that_nobody_declared_are_shown_as_a_rule_would_write_them(data: bytes, text: str) -> None:
    assert shown_options(data) == text


def test_bytes_that_look_like_a_flexbuffer_without_end_are_shown_as_bytes() -> None:
    # A map whose one value is, by its offset, the map itself.
    written = bytearray(flexbuffer({"a": {"a": {"a": 1}}}))
    for at in range(len(written)):
        for value in (0, 1, 2, 255):
            other = bytes(written[:at]) + bytes([value]) + bytes(written[at + 1 :])
            assert shown_options(other)[:5] in ("flexb", "bytes")

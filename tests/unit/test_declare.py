"""An `op` item says what an operator is, and the builtin ones agree with the schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rewriter.dialect.declaration import EFFECTS, Declaration, OperandSpec, undeclared
from rewriter.dialect.dialect import Dialect, builtin_declarations
from rewriter.dialect.inference import infer, operand_types
from rewriter.dialect.options import ANY_LENGTH, FlexbufferCodec, StructCodec
from rewriter.dialect.types import TensorType
from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.check import compile_rules, declarations_of
from rewriter.language.declare import declare
from rewriter.language.expressions import Undefined
from rewriter.language.parse import parse
from rewriter.model import Quantization, Tensor, schema
from tests.unit.networks import Network


def names_of(specs: Sequence[OperandSpec] | None) -> list[str]:
    return [spec.name for spec in specs or ()]


def declared(text: str, resolve: Callable[[str], Callable[..., object] | None] = lambda _: None) -> Declaration:
    (item,) = parse(text, "d.pat").items
    assert isinstance(item, syntax.Op)
    declaration, diagnostics = declare(item, resolve)
    assert diagnostics == []
    return declaration


def test_the_builtin_operators_are_declared_but_for_the_custom_one() -> None:
    assert set(builtin_declarations()) == set(schema().enums["BuiltinOperator"]) - {"CUSTOM"}


def test_what_has_side_effects_is_known_in_one_way_only() -> None:
    assert {name for name, each in builtin_declarations().items() if each.side_effects} == EFFECTS


def test_attributes_that_hold_subgraphs_are_known_by_their_names() -> None:
    found = {name: each.subgraph_attributes for name, each in builtin_declarations().items()}
    assert {name: names for name, names in found.items() if names} == {
        "CALL": ("subgraph",),
        "CALL_ONCE": ("init_subgraph_index",),
        "IF": ("then_subgraph_index", "else_subgraph_index"),
        "STABLEHLO_CASE": ("branch_subgraph_indices",),
        "STABLEHLO_COMPOSITE": ("decomposition_subgraph_index",),
        "STABLEHLO_CUSTOM_CALL": ("called_computations",),
        "STABLEHLO_REDUCE": ("body_subgraph_index",),
        "STABLEHLO_REDUCE_WINDOW": ("body_subgraph_index",),
        "STABLEHLO_SCATTER": ("update_computation_subgraph_index",),
        "STABLEHLO_SORT": ("comparator_subgraph_index",),
        "STABLEHLO_WHILE": ("cond_subgraph_index", "body_subgraph_index"),
        "WHILE": ("cond_subgraph_index", "body_subgraph_index"),
    }


def test_an_implied_attribute_follows_from_operands_and_results() -> None:
    cast, reshape = builtin_declarations()["CAST"], builtin_declarations()["RESHAPE"]
    known = cast.names([TensorType("f32", (2,))], [TensorType("bf16", (2,))], {})
    assert cast.implied_attributes == {"in_data_type", "out_data_type"}
    assert cast.implied_values["in_data_type"](known) == "FLOAT32"
    assert cast.implied_values["out_data_type"](known) == "BFLOAT16"
    assert cast.operand_values == {}
    shape = reshape.implied_values["new_shape"]
    assert shape(reshape.names([None, None], [TensorType("f32", (2, 3))], {})) == [2, 3]
    # A file writes an open size as -1.
    assert shape(reshape.names([None, None], [TensorType("f32", (None, 3))], {})) == [-1, 3]
    with pytest.raises(Undefined, match="output is not known here"):
        shape({})


def test_an_operand_that_a_file_does_without_is_worth_what_an_attribute_says() -> None:
    reshape = builtin_declarations()["RESHAPE"]
    assert set(reshape.operand_values) == {"shape"}
    names = reshape.names([TensorType("f32", (6,))], [], {"new_shape": [2, 3]})
    assert names["shape"] is None
    assert reshape.operand_values["shape"](names) == [2, 3]
    one = Tensor.make("one", "f32", (1, 1))
    assert infer(reshape, operand_types(reshape, [one], {"new_shape": []}), {}) == (TensorType("f32", ()),)
    assert infer(reshape, operand_types(reshape, [one], {"new_shape": [-1]}), {}) == (TensorType("f32", (1,)),)


def test_what_is_implied_may_be_computed() -> None:
    found = declared(
        "op CUSTOM[f](aa, bb: i32 implied) -> output options struct { count: i32, kind: i32 as TensorType, depth: i32 }"
        " implied count = len(output.shape) + 1, bb = [count, aa.shape[0]], kind = aa.dtype, depth"
    )
    assert found.implied_attributes == {"count", "kind", "depth"}
    names = found.names([TensorType("i8", (5,))], [TensorType("i8", (5, 1))], {"count": 7})
    assert found.implied_values["count"](names) == 3
    assert found.implied_values["kind"](names) == "INT8"
    assert set(found.implied_values) == {"count", "kind"}
    assert found.operand_values["bb"](names) == [7, 5]


def test_names_of_several_stand_for_the_first() -> None:
    join = builtin_declarations()["CONCATENATION"]
    one, other = TensorType("i8", (1,)), TensorType("i8", (2,))
    assert join.names([one, other], [other], {"axis": 0}) == {"axis": 0, "values": one, "output": other}
    assert join.names([], [], {}) == {"values": None, "output": None}


def test_the_operands_of_a_file_in_logical_order() -> None:
    network = Network()
    x, w, shape = network.input("x"), network.constant("w", 1.0), network.constant("s", [1], "i32")
    network.add("TRANSPOSE_CONV", [shape, w, x], "y")
    network.add("PACK", [x, w, x], "z")
    first, second = network.operators
    assert builtin_declarations()["TRANSPOSE_CONV"].logical(first) == [x, w, None, shape]
    assert builtin_declarations()["PACK"].logical(second) == [x, w, x]


def test_a_quantisation_rule_is_an_operand_or_a_function() -> None:
    def mine(*_: object) -> Quantization:
        return Quantization((2.0,), (0,))

    kept = declared("op CUSTOM[f](aa, bb) -> output quantization bb")
    half = Tensor.make("half", "i8", (1,), quantization=Quantization((0.5,), (0,)))
    assert kept.quantization is not None
    assert kept.quantization([None, half], {}, TensorType("i8", (1,)), 0) == half.quantization
    assert kept.quantization_complaints([None, half], [half], {}) == []
    other = Tensor.make("other", "i8", (1,), quantization=Quantization((0.25,), (0,)))
    assert kept.quantization_complaints([None, half], [other], {}) == ["'half' and 'other' need the same quantisation"]
    made = declared("op CUSTOM[f](aa) -> output quantization my.rule", {"my.rule": mine}.get)
    assert made.quantization is mine
    assert declared("op CUSTOM[f](aa) -> output").quantization is None


def test_only_declarations_that_are_asked_for_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path))
    builtin_declarations.cache_clear()
    try:
        found = builtin_declarations()
        assert len(found) > 200
        assert "NEG" in found
        assert len(list(tmp_path.glob("pat-*"))) == 0
        assert found["NEG"] is found["NEG"]
        assert len(list(tmp_path.glob("pat-*"))) == 1
        # Made again, it comes from what was kept, and is the same.
        builtin_declarations.cache_clear()
        again = builtin_declarations()["NEG"]
        assert (again.operands, again.results, again.doc) == (found["NEG"].operands, found["NEG"].results, again.doc)
    finally:
        builtin_declarations.cache_clear()


def test_operands_and_results() -> None:
    found = declared(
        'op CUSTOM["a.b"](first: f32|f16, second?, more..., axis: i32 implied, state variable) -> (one, two) "What."'
    )
    assert (found.name, found.code, found.doc) == ("CUSTOM[a.b]", "a.b", "What.")
    assert found.operands is not None
    assert names_of(found.operands) == ["first", "second", "more", "axis", "state"]
    assert found.operands[0].dtypes == ("f32", "f16")
    assert [(each.optional, each.variadic, each.implied, each.variable) for each in found.operands] == [
        (False, False, False, False),
        (True, False, False, False),
        (False, True, False, False),
        (False, False, True, False),
        (False, False, False, True),
    ]
    assert names_of(found.results) == ["one", "two"]
    assert found.variadic


def test_the_order_in_the_file() -> None:
    found = declared("op CUSTOM[f](data, weights, shape) -> output stored (shape, weights, data)")
    assert found.stored == (2, 1, 0)
    assert [found.file_index(place) for place in range(3)] == [2, 1, 0]
    assert [declared("op CUSTOM[f](aa, bb) -> output").file_index(place) for place in range(2)] == [0, 1]


def test_options_and_their_attributes() -> None:
    found = declared(
        "op CUSTOM[f](aa) -> output options struct "
        "{ padding: i32 as Padding(SAME=1, VALID=2), sizes: i32[4], rate: f32, on: bool, "
        "kind: i8 as ActivationFunctionType }"
    )
    assert isinstance(found.codec, StructCodec)
    kinds = {name: (each.kind, each.enum, each.format) for name, each in found.attributes.items()}
    assert kinds == {
        "padding": ("int", "Padding", "i"),
        "sizes": ("list", None, "i"),
        "rate": ("float", None, "f"),
        "on": ("bool", None, "?"),
        "kind": ("int", "ActivationFunctionType", "b"),
    }
    assert found.attributes["padding"].words == {"SAME", "VALID"}
    assert "RELU6" in found.attributes["kind"].words
    assert isinstance(
        declared("op CUSTOM[f](aa) -> output options flexbuffer { size: i32, name: string }").codec, FlexbufferCodec
    )
    assert declared("op CUSTOM[f](aa) -> output options bytes").codec is None


def test_a_list_of_any_length_is_one_of_a_flexbuffer() -> None:
    found = declared("op CUSTOM[f](aa) -> output options flexbuffer { sizes: i32[], pair: f32[2] }")
    assert isinstance(found.codec, FlexbufferCodec)
    assert [each.length for each in found.codec.fields] == [ANY_LENGTH, 2]
    assert {name: (each.kind, each.format) for name, each in found.attributes.items()} == {
        "sizes": ("list", "i"),
        "pair": ("list", "f"),
    }


def test_functions_are_resolved_and_kernels_only_when_they_are_needed() -> None:
    asked: list[str] = []

    def resolve(name: str) -> Callable[..., object]:
        asked.append(name)
        return len

    found = declared("op CUSTOM[f](aa) -> output shape mine.shape kernel mine.kernel", resolve)
    assert found.shape is len
    assert asked == ["mine.shape"]
    assert found.kernel is not None
    assert found.kernel() is len
    assert asked == ["mine.shape", "mine.kernel"]


def test_a_kernel_that_is_not_there_is_an_error_when_it_is_needed() -> None:
    found = declared("op CUSTOM[f](aa) -> output kernel mine.kernel")
    assert found.kernel is not None
    with pytest.raises(LookupError, match=r"there is no function 'mine\.kernel'"):
        found.kernel()


def test_side_effects_forbid_a_pattern() -> None:
    assert declared("op CUSTOM[f](aa) -> output side effects").side_effects
    with pytest.raises(LanguageError, match="has side effects, and is never replaced"):
        compile_rules("op CUSTOM[f](aa) -> output side effects\nCUSTOM[f](x) -> x", "d.pat")
    with pytest.raises(LanguageError, match="WHILE has side effects"):
        compile_rules("NEG(WHILE(x)) -> x", "d.pat")


def test_declarations_of_a_file_alone() -> None:
    assert set(declarations_of("op CUSTOM[f](aa) -> output\nRELU(x) -> RELUU(x)", "d.pat", lambda _: None)) == {"f"}
    with pytest.raises(LanguageError):
        declarations_of("op CUSTOM[f](aa: f33) -> output", "d.pat", lambda _: None)


@pytest.mark.parametrize("name", sorted(builtin_declarations()))
def test_a_builtin_declaration_agrees_with_the_schema(name: str) -> None:
    found = builtin_declarations()[name]
    assert name in schema().enums["BuiltinOperator"]
    assert found.code is None
    assert found.operands is not None
    assert found.results is not None
    assert found.doc
    assert dict(found.attributes) == dict(undeclared(name).attributes)
    assert sorted(found.stored) in ([], list(range(len(found.operands))))
    numbers = [each.number for each in found.versions]
    assert len(set(numbers)) == len(numbers)


def test_an_operator_is_found_in_the_file_then_elsewhere_then_in_the_schema() -> None:
    mine, theirs = declared("op CUSTOM[f](aa) -> output"), declared("op CUSTOM[g](aa, bb) -> output")
    dialect = Dialect({"f": mine}, {"f": theirs, "g": theirs}.get)
    assert dialect.find("CUSTOM", "f") is mine
    assert dialect.find("CUSTOM", "g") is theirs
    unknown = dialect.find("CUSTOM", "h")
    assert unknown is not None
    assert unknown.operands is None
    assert dialect.find("ADD", None) is builtin_declarations()["ADD"]
    assert dialect.find("ADDD", None) is None


def test_an_operator_that_is_newer_than_the_declarations_has_its_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewriter.dialect.dialect.builtin_declarations", dict)
    gelu = Dialect().find("GELU", None)
    assert gelu is not None
    assert (gelu.operands, set(gelu.attributes)) == (None, {"approximate"})


def test_a_declaration_keeps_what_its_clauses_say() -> None:
    declaration = builtin_declarations()["FULLY_CONNECTED"]
    assert declaration.clauses == {"shape": "convolutions.fully_connected", "quantization": "weighted"}
    assert declaration.versions[0].text == 'filter.dtype == "i2"'
    # Over several lines or not, a clause is one line here.
    assert 'input.dtype == "f32", filter.dtype == "i8", output.dtype == "f32", len(filter.scale) > 1' in [
        each.text for each in declaration.versions
    ]

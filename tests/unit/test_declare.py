"""An `op` item says what an operator is, and the builtin ones agree with the schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from rewriter.dialect.declaration import Declaration, OperandSpec, undeclared
from rewriter.dialect.dialect import Dialect, builtin_declarations
from rewriter.dialect.options import FlexbufferCodec, StructCodec
from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.check import compile_rules, declarations_of
from rewriter.language.declare import declare
from rewriter.language.parse import parse
from rewriter.model import schema


def names_of(specs: Sequence[OperandSpec] | None) -> list[str]:
    return [spec.name for spec in specs or ()]


def declared(text: str, resolve: Callable[[str], Callable[..., object] | None] = lambda _: None) -> Declaration:
    (item,) = parse(text, "d.pat").items
    assert isinstance(item, syntax.Op)
    declaration, diagnostics = declare(item, resolve)
    assert diagnostics == []
    return declaration


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

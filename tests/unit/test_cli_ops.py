"""`ops`: what is declared of operators, and what is near to a name that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.cli import main
from rewriter.dialect.dialect import builtin_declarations
from rewriter.report.declaration import declaration_json, describe_declaration
from tests.unit.commands import rewriter

if TYPE_CHECKING:
    from pathlib import Path

TRANSPOSE_CONV = """\
TRANSPOSE_CONV(input, filter, bias?, output_shape: i32 implied) -> output
  A convolution's gradient: each input place adds the filter OHWI, times its
  value, to the result.

  A file stores its operands as output_shape, filter, input, bias.

operands
  input         any type
  filter        any type
  bias          any type, optional
  output_shape  i32, implied

results
  output  any type

attributes
  padding                    SAME | VALID, default SAME
  stride_w                   int, default 0
  stride_h                   int, default 0
  fused_activation_function  NONE | RELU | RELU6 | RELU_N1_TO_1 | SIGN_BIT |
                             TANH, default NONE
"""


def test_a_declaration_is_shown_whole() -> None:
    lines = describe_declaration(builtin_declarations()["TRANSPOSE_CONV"], 80)
    text = "\n".join(lines)
    assert text.startswith(TRANSPOSE_CONV)
    assert "versions: the first that holds, 1 where none does\n" in text
    assert "  3  where bias is not absent\n" in text
    assert text.endswith("  bias needs scale input * filter, channel by channel, and zero point 0.")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ADD", "  Commutative: operands match in either order."),
        ("WHILE", "  Side effects: it is never matched away, and never dropped."),
        ("WHILE", "  Its results are not inferred: what it gives is what the file says."),
        ("CONCATENATION", "  values  any type, variadic"),
        ("RESHAPE", "  shape  i32, implied, may be missing in a file"),
        ("RESHAPE", "  new_shape  list, implied: follows from operands and results"),
        ("MAX_POOL_2D", "  input: The results keep the parameters of input."),
        ("CONCATENATION", "  Quantized operands and results need equal parameters, but for u8."),
        ("SOFTMAX", "  A quantized result needs just these parameters."),
        ("SVDF", "  state            any type, variable"),
        ("BROADCAST_TO", "  input  any type"),
    ],
)
def test_what_is_declared_is_said(name: str, line: str) -> None:
    assert line in describe_declaration(builtin_declarations()[name], None)


@pytest.mark.parametrize("name", sorted(builtin_declarations()))
def test_every_declaration_can_be_shown_and_says_what_it_holds(name: str) -> None:
    declaration = builtin_declarations()[name]
    text = "\n".join(describe_declaration(declaration, 80))
    named = [each.name for each in (*(declaration.operands or ()), *(declaration.results or ()))]
    assert all(each in text for each in [*named, *declaration.attributes])
    assert len(declaration_json(declaration)["versions"]) == len(declaration.versions)
    assert all(rule.text for rule in declaration.versions)


def test_json_has_all_that_is_declared(tmp_path: Path) -> None:
    found = rewriter("ops", "conv_2d", "--json", cwd=tmp_path).document
    assert found["signature"] == "CONV_2D(input, filter, bias?) -> output"
    assert [(each["name"], each["optional"]) for each in found["operands"]] == [
        ("input", False),
        ("filter", False),
        ("bias", True),
    ]
    assert found["attributes"][0] == {
        "name": "padding",
        "kind": "int",
        "enum": "Padding",
        "words": ["SAME", "VALID"],
        "default": "SAME",
        "implied": False,
    }
    assert found["versions"][2] == {"version": 4, "where": 'input.dtype == "i16"'}
    assert found["quantization"]["rule"] == "weighted"


def test_without_a_name_all_operators_are_listed(tmp_path: Path) -> None:
    lines = rewriter("ops", cwd=tmp_path).text.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"ADD", "STABLEHLO_ADD", "CUSTOM[Convolution2DTransposeBias]"} <= set(names)
    assert len(names) == len(set(names)) > 200
    every = rewriter("ops", "--json", cwd=tmp_path).document["operators"]
    assert [each["operator"] for each in every] == names


@pytest.mark.parametrize("name", ["CUSTOM[Convolution2DTransposeBias]", "Convolution2DTransposeBias"])
def test_custom_operators_of_installed_packs_are_known(name: str, tmp_path: Path) -> None:
    text = rewriter("ops", name, cwd=tmp_path).text
    assert text.startswith("CUSTOM[Convolution2DTransposeBias](input")
    assert "  A reference kernel computes it where no runtime does.\n" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("CONV2D", "error: there is no operator 'CONV2D'\n  = try: CONV_2D, CONV_3D"),
        ("xyzzy", "error: there is no operator 'xyzzy'\n  = try: rewriter ops lists all of them"),
        (
            "CUSTOM[Convolution2DTranspose]",
            "error: there is no operator 'CUSTOM[Convolution2DTranspose]' in the installed packs\n"
            "  = try: CUSTOM[Convolution2DTransposeBias]",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, message: str, tmp_path: Path) -> None:
    found = rewriter("ops", name, cwd=tmp_path)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "-q"]) == main(["ops", "ADD", "-q"]) == 0
    assert capsys.readouterr().out == ""

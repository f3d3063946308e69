"""`inspect`: an overview that stays short, details of what is asked for, and the graph check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.cli import main
from rewriter.demo import demo_model
from rewriter.model import Signature, read
from rewriter.report.facts import Facts
from rewriter.report.model import describe_model
from rewriter.report.words import columns, name_of, size, value, wrapped
from rewriter.wellformed import examine
from tests.unit.commands import rewriter
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rewriter.model import Model

Said = "Callable[..., str]"


def small() -> Model:
    """A quantized convolution on images of open number, a reshape, and an operator without an operand it may lack."""
    network = Network()
    image = network.input("image", (-1, 8, 8, 2), "i8", scale=0.5, zero=3)
    weights = network.constant("conv/weights", np.ones((3, 1, 1, 2)), "i8", scale=[0.25, 0.5, 1.0])
    bias = network.constant("conv/bias", [1, 2, 3], "i32", scale=[0.125, 0.25, 0.5])
    result = network.tensor("conv", (-1, 8, 8, 3), "i8", scale=0.75)
    options = {"stride_w": 1, "stride_h": 1, "padding": "VALID", "fused_activation_function": "RELU"}
    network.add("CONV_2D", [image, weights, bias], result, version=3, attributes=options)
    flat = network.tensor("flat", (-1, 192), "i8", scale=0.75)
    network.add("RESHAPE", [result, network.constant("shape", [-1, 192], "i32")], flat)
    dense = network.tensor("dense", (-1, 2), "i8", scale=0.5)
    table = network.constant("table", np.zeros((2, 192)), "i8", scale=0.125)
    network.add("FULLY_CONNECTED", [flat, table, None], dense, version=6)
    model = network.build(dense)
    first = model.subgraphs[0]
    model.signatures = [Signature("serve", first, [("in", first.inputs[0])], [("out", first.outputs[0])])]
    model.description = "made by a test"
    model.modified = True
    return read(model.to_bytes())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    small().save(tmp_path / "small.tflite")
    demo_model().save(tmp_path / "demo.tflite")
    return tmp_path


@pytest.fixture
def said(place: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `inspect small.tflite` says, with more arguments."""

    def run(*arguments: str, code: int = 0) -> str:
        assert main(["inspect", str(place / "small.tflite"), *arguments]) == code
        return capsys.readouterr().out.replace(str(place) + "/", "")

    return run


OVERVIEW = """\
1 subgraph, 3 operators of 3 kinds, 8 tensors; schema version 3
description: made by a test
types: 6 i8 (5 per-tensor, 1 per-channel), 2 i32 (1 per-channel)

     operators                              constants
  1  CONV_2D          ####################       18 B
  1  FULLY_CONNECTED  ####################      384 B
  1  RESHAPE          ####################        8 B

largest constants
  384 B  i8[2,192] scale 0.125 zero 0  table         read by 2 FULLY_CONNECTED
   12 B  i32[3] per-channel(0)         conv/bias     read by 0 CONV_2D
    8 B  i32[2]                        shape         read by 1 RESHAPE
    6 B  i8[3,1,1,2] per-channel(0)    conv/weights  read by 0 CONV_2D

dynamic: 4 tensors with sizes that are open until the model runs
  image i8[?,8,8,2] scale 0.5 zero 3
  dense i8[?,2] scale 0.5 zero 0

subgraph 0 's0': 3 operators
  in   image i8[?,8,8,2] scale 0.5 zero 3
  out  dense i8[?,2] scale 0.5 zero 0
     0  conv i8[?,8,8,3] scale 0.75 zero 0 = CONV_2D[padding=VALID, stride_w=1, stride_h=1, \
fused_activation_function=RELU](input=image, filter=conv/weights i8[3,1,1,2] per-channel(0), \
bias=conv/bias i32[3] per-channel(0))
     1  flat i8[?,192] scale 0.75 zero 0 = RESHAPE(input=conv, shape=[-1, 192])
     2  dense i8[?,2] scale 0.5 zero 0 = FULLY_CONNECTED(input=flat, \
filter=table i8[2,192] scale 0.125 zero 0, bias=absent)

signature 'serve' of subgraph 0
  in   in = image i8[?,8,8,2] scale 0.5 zero 3
  out  out = dense i8[?,2] scale 0.5 zero 0

graph check: nothing is wrong
"""


def test_the_overview_of_a_small_model_shows_all_that_counts(said: Callable[..., str]) -> None:
    head, _, rest = said().partition("\n")
    assert head.startswith("small.tflite: ")
    assert head.endswith(" bytes, 410 of constants (21 %)")
    assert rest == OVERVIEW


def test_an_operator_is_shown_with_operands_results_and_all_attributes(said: Callable[..., str]) -> None:
    shown = said("--op", "0")
    assert shown == said("--op", "0:0") == said("--op", "conv_2d")
    assert shown.splitlines()[:8] == [
        "operator 0 of subgraph 0: CONV_2D version 3",
        "  operands",
        "    input   image         i8[?,8,8,2] scale 0.5 zero 3  input",
        "    filter  conv/weights  i8[3,1,1,2] per-channel(0)    constant, 6 B",
        "    bias    conv/bias     i32[3] per-channel(0)         constant, 12 B",
        "  results",
        "    output  conv  i8[?,8,8,3] scale 0.75 zero 0",
        "  attributes",
    ]
    assert "    dilation_w_factor          1\n" in shown


def test_a_tensor_is_shown_with_its_maker_its_readers_and_its_values(said: Callable[..., str]) -> None:
    assert said("--tensor", "conv/weights").splitlines() == [
        "tensor 1 of subgraph 0: 'conv/weights'",
        "  i8[3,1,1,2] per-channel(0)",
        "  3 scales from 0.25 to 1, zero points 0",
        "  constant: 6 bytes in buffer 1",
        "  stored values: 1, 1, 1, 1, 1, 1; from 1 to 1",
        "  read by 0 CONV_2D conv as filter",
    ]
    assert said("--tensor", "conv").count("tensor ") == 1  # a whole name goes before parts of others
    assert said("--tensor", "CONV/").count("tensor ") == 2
    assert said("--tensor", "#0") == said("--tensor", "image")
    assert "an input of the subgraph" in said("--tensor", "image")
    assert "open sizes are 1 until somebody sets them: [1, 8, 8, 2]" in said("--tensor", "image")
    assert "  made by 2 FULLY_CONNECTED dense\n" in said("--tensor", "dense")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--op", "CONV2D"), "error: the model has no CONV2D\n  = try: CONV_2D"),
        (("--op", "Foo"), "error: the model has no Foo\n  = try: CONV_2D, FULLY_CONNECTED, RESHAPE"),
        (
            ("--op", "7"),
            "error: there is no operator 7\n  = try: operators are counted from 0; there are 3 in subgraph 0",
        ),
        (("--op", "1:0"), "error: there is no operator 1:0\n"),
        (("--tensor", "conf"), "error: the model has no tensor 'conf'\n  = try: 'conv'"),
        (("--tensor", "#99"), "error: the model has no tensor '#99'\n  = try: a part of a name"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(place: Path, arguments: tuple[str, ...], message: str) -> None:
    found = rewriter("inspect", "small.tflite", *arguments, cwd=place)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


def test_the_check_is_shown_and_decides_the_exit(place: Path) -> None:
    model = small()
    model.subgraphs[0].operators[2].outputs[0].edit(shape=(1, 3), shape_signature=(-1, 3))
    model.modified = True
    model.save(place / "wrong.tflite")
    overview = rewriter("inspect", "wrong.tflite", cwd=place)
    assert overview.code == 0
    assert "graph check: 1 error (--check shows them)\n" in overview.text
    found = rewriter("inspect", "wrong.tflite", "--check", cwd=place)
    assert (found.code, found.err) == (1, "")
    assert found.text == (
        "error: subgraph 0, operator 2, FULLY_CONNECTED 'dense': gives 'dense' the shape [1, 3], "
        "it computes i8[?, 2] [shape]\ngraph check: 1 error\n"
    )
    script = rewriter("inspect", "wrong.tflite", "--check", "--json", cwd=place)
    assert (script.code, [each["rule"] for each in script.document["complaints"]]) == (1, ["shape"])
    assert rewriter("inspect", "wrong.tflite", "--check", "-q", cwd=place).code == 1
    fine = rewriter("inspect", "small.tflite", "--check", cwd=place)
    assert (fine.code, fine.text) == (0, "graph check: nothing is wrong\n")


def test_json_has_all_facts(place: Path) -> None:
    found = rewriter("inspect", "demo.tflite", "--json", cwd=place)
    assert found.code == 0
    document = found.document
    assert document["operators"] == {"CONV_2D": 1, "CUSTOM[Convolution2DTransposeBias]": 1, "LOGISTIC": 1}
    (subgraph,) = document["subgraphs"]
    assert [each["operator"] for each in subgraph["operators"]] == list(document["operators"])
    assert subgraph["operators"][1]["attributes"] == {"padding": "SAME", "stride_w": 2, "stride_h": 2}
    assert subgraph["operators"][1]["operands"] == ["input", "filter", "bias"]
    assert subgraph["operators"][0]["attributes"]["fused_activation_function"] == "RELU"
    assert document["constant_bytes"] == sum(each["constant_bytes"] for each in subgraph["tensors"])
    assert document["constant_bytes"] == sum(document["constant_bytes_by_operator"].values())
    assert document["bytes"] == (place / "demo.tflite").stat().st_size
    assert document["complaints"] == []
    assert document["types"]["f32"]["tensors"] == len(subgraph["tensors"])
    first = subgraph["tensors"][subgraph["inputs"][0]]
    assert (first["name"], first["input"], first["dynamic"], first["producer"]) == ("image", True, False, None)
    assert first["consumers"] == [0]
    assert rewriter("inspect", "missing.tflite", cwd=place).code == 2


def test_json_of_details_has_just_these(place: Path) -> None:
    found = rewriter("inspect", "small.tflite", "--json", "--op", "RESHAPE", "--tensor", "shape", cwd=place).document
    assert list(found) == ["operators", "tensors"]
    assert [(each["subgraph"], each["index"]) for each in found["operators"]] == [(0, 1)]
    assert [(each["subgraph"], each["name"]) for each in found["tensors"]] == [(0, "shape")]


def long(count: int) -> Model:
    network = Network()
    last = network.input()
    for index in range(count):
        last = network.add("RELU" if index % 3 else "NEG", [last], f"block_{index}/output_of_an_operator")
    return network.build(last)


@pytest.mark.parametrize("count", [20, 2500])
def test_the_overview_is_short_however_many_operators_there_are(count: int) -> None:
    model = long(count)
    facts, found = Facts(model), examine(model)
    lines = describe_model("m", facts, found, 80, operators=False, verbose=False)
    assert len(lines) < 60
    assert (lines[-1] == "2,500 operators: --operators shows all of them, --op CONV_2D or --op 7 some") == (count > 20)
    every = describe_model("m", facts, found, 80, operators=True, verbose=False)
    assert [line.split()[0] for line in every if line[2:6].strip().isdecimal()][-count:] == list(map(str, range(count)))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    model = small()
    facts, found = Facts(model), examine(model)
    for verbose in (False, True):
        lines = describe_model("small.tflite", facts, found, width, operators=True, verbose=verbose)
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (9_999, "9,999 B"),
        (10_000, "10 kB"),
        (1_234_567, "1.23 MB"),
        (99_950_000, "100 MB"),
        (2.5e9, "2.5 GB"),
    ],
)
def test_sizes_are_exact_where_that_is_short(count: float, text: str) -> None:
    assert size(int(count)) == text


def test_names_are_whole_where_nothing_limits_them() -> None:
    network = Network()
    model = read(network.build(network.add("RELU", [network.input("x" * 100)], "y" * 100)).to_bytes())
    facts = Facts(model)
    for width, whole in ((None, True), (200, False)):
        lines = describe_model("m", facts, [], width, operators=True, verbose=False)
        (line,) = (line for line in lines if "RELU(" in line)
        assert ("y" * 100 in line and "x" * 100 in line) == whole


def test_long_names_keep_what_tells_them_apart() -> None:
    network = Network()
    assert name_of(network.input("x")) == "x"
    assert name_of(network.input("")) == "#1"
    fused = network.input("model/conv/Relu;model/conv/BiasAdd;model/conv/Conv2D;and a lot more of this")
    assert name_of(fused) == "model/conv/Relu…"
    assert name_of(fused, whole=True) == fused.name
    deep = name_of(network.input("a/" * 40 + "end"))
    assert deep.startswith("…")
    assert deep.endswith("a/end")
    assert len(deep) == 48


def test_values_are_written_as_in_patterns() -> None:
    assert [value(each) for each in (True, 1, 0.5, "SAME", [1, -2], {"a": [True]})] == [
        "true",
        "1",
        "0.5",
        "SAME",
        "[1, -2]",
        "{a: [true]}",
    ]


def test_long_lines_break_at_spaces_and_go_on_further_in() -> None:
    assert wrapped("one two three", 9, indent=1, hang=2) == [" one two", "   three"]
    assert wrapped("name  some words", 12, hang=6) == ["name  some", "      words"]
    assert wrapped("unbreakable", 5, hang=1) == ["unbre", " akab", " le"]
    assert wrapped("one two", None, indent=2) == ["  one two"]
    assert columns([("1", "a"), ("10", "bb")], right=(0,)) == [" 1  a", "10  bb"]

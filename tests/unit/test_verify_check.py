"""The check passes what is right, fails what is wrong, and says where it proves nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.errors import UsageError
from rewriter.language.rules import Equality
from rewriter.model import read
from rewriter.verify import Place, Runtime, check_model, place_between, verify_models
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rewriter.model import Model, Operator
    from rewriter.verify.protocol import Array

WITHIN = Equality("within", 1e-5)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def at(before: Model, after: Model, inputs: Sequence[str], root: str, equality: Equality = WITHIN) -> Place:
    """A place by the names of its boundary."""
    first, second = ({tensor.name: tensor for tensor in model.subgraphs[0].tensors} for model in (before, after))
    boundary = [(first[name], second[name]) for name in inputs]
    return place_between("test.rule", (before, after), 0, boundary, [(first[root], second[root])], equality)


WEIGHTS = np.random.default_rng(5).standard_normal((4, 3, 3, 2)).astype(np.float32)
MUTANTS: dict[str, dict[str, Any]] = {
    "bias dropped": {"weights": WEIGHTS, "bias": 0},
    "filter flipped": {"weights": WEIGHTS[:, ::-1, ::-1]},
    "filter transposed": {"weights": WEIGHTS.transpose(0, 2, 1, 3)},
    "channels swapped": {"weights": WEIGHTS[..., ::-1]},
    "one weight off by a percent of the largest": {
        "weights": WEIGHTS + 0.03 * (np.arange(72).reshape(4, 3, 3, 2) == 40)
    },
}


def test_a_model_that_did_not_change_passes_and_was_able_to_fail(runtime: Runtime) -> None:
    before, after = conv(weights=WEIGHTS), conv(weights=WEIGHTS)
    found = check_model(before, after, [at(before, after, ["x"], "c")], runtime=runtime)
    assert (found.status, found.failures, found.warnings) == ("passed", (), ())
    assert [(each.kernels, each.ran, each.whole) for each in found.kernels] == [
        ("reference", 5, True),
        ("default", 5, True),
    ]
    (place,) = found.places
    assert (place.varied, place.responds, place.comparison.max_abs) == (True, True, 0.0)
    assert place.ran == {"reference": 6, "default": 6}


@pytest.mark.parametrize("level", ["model", "rules"])
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_fails_as_a_whole_and_at_its_place(runtime: Runtime, mutant: str, level: Any) -> None:
    before, after = conv(weights=WEIGHTS), conv(**MUTANTS[mutant])
    found = check_model(before, after, [at(before, after, ["x"], "c")], level=level, runtime=runtime)
    assert found.status == "failed"
    assert not found.places[0].comparison.equal
    assert [each.comparison.equal for each in found.outputs] == ([False, False] if level == "model" else [])
    said = "is to blame" if level == "model" else "fails by itself"
    assert found.failures[0].startswith(f"test.rule at 'c' (application 1 of 1) {said}: both sides differ by")


def test_other_strides_are_another_shape_and_fail(runtime: Runtime) -> None:
    before, after = conv(), conv(stride=2)
    found = check_model(before, after, [at(before, after, ["x"], "c")], runtime=runtime)
    assert found.status == "failed"
    assert "float32[1, 8, 8, 4] became float32[1, 4, 4, 4]" in found.failures[0]


def test_a_negated_output_fails_although_the_place_before_it_is_right(runtime: Runtime) -> None:
    before, after = conv(), conv(negate=True)
    found = check_model(before, after, [at(before, after, ["x"], "c")], runtime=runtime)
    assert found.status == "failed"
    assert found.places[0].comparison.equal


def test_the_json_is_the_documented_one(runtime: Runtime) -> None:
    before, after = conv(), conv(bias=0)
    document = json.loads(json.dumps(check_model(before, after, [], runtime=runtime).to_json(), allow_nan=False))
    assert (document["level"], document["status"]) == ("model", "failed")
    (output,) = document["outputs"]
    assert (output["name"], output["equal"], output["varied"]) == ("y", False, True)
    assert output["max_abs"] > output["max_rel"] > 0
    assert [each["kernels"] for each in document["kernels"]] == ["reference", "default"]


def unary(code: str, table: str, *, dtype: str = "f32", out: str | None = None, **quant: Any) -> Model:
    maker = Maker()
    maker.tensor("x", dtype, (4, 16), **quant)
    maker.tensor("y", out or dtype, (4, 16), **quant)
    maker.operator(code, ["x"], ["y"], table=table)
    return maker.build(["x"], ["y"])


def unknown(code: str) -> Model:
    maker = Maker()
    maker.tensor("x", "f32", (4, 16))
    maker.tensor("y", "f32", (4, 16))
    maker.operator(code, ["x"], ["y"])
    return maker.build(["x"], ["y"])


def saturated(offset: float) -> Model:
    """logistic(x - 60), about 1e-26 whatever x is."""
    maker = Maker()
    for name in ("x", "s", "y"):
        maker.tensor(name, "f32", (4, 16))
    maker.tensor("c", "f32", (), offset)
    maker.operator("ADD", ["x", "c"], ["s"], table="AddOptions")
    maker.operator("LOGISTIC", ["s"], ["y"])
    return maker.build(["x"], ["y"])


def test_a_saturated_output_is_said_to_prove_nothing_and_the_place_decides(runtime: Runtime) -> None:
    before, right, wrong = saturated(-60), saturated(-60), saturated(-50)
    found = check_model(before, right, [at(before, right, ["x"], "s")], runtime=runtime)
    assert found.status == "passed"
    assert not any(each.varied for each in found.outputs)
    assert found.places[0].responds is False
    assert any("output 'y' never varied under default kernels" in warning for warning in found.warnings)
    assert any("only the place proves it" in warning for warning in found.warnings)
    found = check_model(before, wrong, [at(before, wrong, ["x"], "s")], runtime=runtime)
    assert found.status == "failed"
    assert all(each.comparison.equal for each in found.outputs)


def test_a_place_whose_own_result_never_varies_does_not_pass(runtime: Runtime) -> None:
    before, after = saturated(-60), saturated(-60)
    found = check_model(before, after, [at(before, after, ["s"], "y")], runtime=runtime, level="rules")
    assert found.status == "passed", "inputs of a place reach 10, which LOGISTIC shows"
    before, after = saturated(-60), saturated(-60)
    found = check_model(before, after, [at(before, after, ["x"], "y")], runtime=runtime, level="rules")
    assert found.status == "failed"
    assert "proves nothing" in found.failures[0]


def test_a_replacement_that_the_runtime_refuses_is_a_difference(runtime: Runtime) -> None:
    before, after = unary("ABS", "AbsOptions"), Maker()
    after.tensor("x", "f32", (4, 16))
    after.tensor("y", "f32", (4, 16))
    after.operator("CUSTOM[Mystery]", ["x"], ["y"])
    refused = after.build(["x"], ["y"])
    found = check_model(before, refused, [at(before, refused, ["x"], "y")], runtime=runtime)
    assert found.status == "failed"
    assert all("Mystery" in sentence for sentence in found.failures)
    assert "(what it replaces runs)" in found.failures[0]
    assert "(the model before runs)" in found.failures[1]


def test_an_operator_that_the_reference_kernels_lack_is_left_to_the_default_ones(runtime: Runtime) -> None:
    before, after = unary("ABS", "AbsOptions"), Maker()
    after.tensor("x", "f32", (4, 16))
    after.tensor("y", "f32", (4, 16))
    after.operator("ELU", ["x"], ["y"])
    other = after.build(["x"], ["y"])
    found = check_model(before, other, [at(before, other, ["x"], "y")], runtime=runtime)
    assert found.status == "failed"
    assert [sentence for sentence in found.failures if "refuse" in sentence] == []
    assert {each.kernels: each.ran for each in found.kernels} == {"reference": 0, "default": 5}
    assert "ELU" in (found.kernels[0].reason or "")


def test_what_no_runtime_runs_before_is_not_passed_and_said(runtime: Runtime) -> None:
    mystery = unknown("CUSTOM[Mystery]")
    after = unary("ABS", "AbsOptions")
    found = check_model(mystery, after, [at(mystery, after, ["x"], "y")], runtime=runtime)
    assert found.status == "failed"
    assert "could not be run" in found.failures[0]
    assert check_model(mystery, mystery, [], runtime=runtime).status == "skipped"


def test_a_custom_operator_is_checked_through_its_kernel(runtime: Runtime) -> None:
    def absolute(_: Operator, operands: list[Array | None]) -> Sequence[Array]:
        assert operands[0] is not None
        return [np.abs(operands[0])]

    def wrong(_: Operator, operands: list[Array | None]) -> Sequence[Array]:
        assert operands[0] is not None
        return [operands[0]]

    maker = Maker()
    maker.tensor("x", "f32", (4, 16))
    maker.tensor("y", "f32", (4, 16))
    maker.operator("CUSTOM[Mystery]", ["x"], ["y"])
    before, after = maker.build(["x"], ["y"]), unary("ABS", "AbsOptions")
    for kernel, status in ((absolute, "passed"), (wrong, "failed")):
        kernels = {"CUSTOM[Mystery]": kernel}
        for first, second in ((before, after), (after, before)):
            place = at(first, second, ["x"], "y", Equality("exact"))
            assert check_model(first, second, [place], kernels=kernels, runtime=runtime).status == status


def test_exact_places_are_tried_on_nan_and_signed_zeros(runtime: Runtime) -> None:
    """A copy and x are the same on every input; x + 0.0 and x differ on -0.0, on what overflows, and nowhere else."""

    def identity(code: str) -> Model:
        maker = Maker()
        for name in ("x", "s", "y"):
            maker.tensor(name, "f32", (4, 16))
        if code == "ADD":
            maker.tensor("c", "f32", (), 0.0)
            maker.operator("ADD", ["x", "c"], ["s"], table="AddOptions")
        else:
            maker.operator("RESHAPE", ["x"], ["s"], table="ReshapeOptions", newShape=[4, 16])
        maker.operator("ABS", ["s"], ["y"], table="AbsOptions")
        return maker.build(["x"], ["y"])

    after = unary("ABS", "AbsOptions")
    x = after.subgraphs[0].inputs[0]
    for code, status in (("RESHAPE", "passed"), ("ADD", "failed")):
        before = identity(code)
        main = before.subgraphs[0]
        pair = [(main.inputs[0], x)]
        root = [(main.operators[0].outputs[0], x)]
        place = place_between("test.rule", (before, after), 0, pair, root, Equality("exact"))
        assert place.after.operators == ()
        found = check_model(before, after, [place], runtime=runtime)
        assert (code, found.status) == (code, status)
        place = place_between("test.rule", (before, after), 0, pair, root, WITHIN)
        assert check_model(before, after, [place], runtime=runtime).status == "passed"


def quantized(code: str, factor: float) -> Model:
    """int8 y = x * factor or, the long way round, x + x * (factor - 1)."""
    maker = Maker()
    maker.tensor("x", "i8", (4, 64), scale=0.05)
    maker.tensor("c", "i8", (), 100, scale=factor / 100)
    maker.tensor("m", "i8", (4, 64), scale=0.05)
    maker.tensor("y", "i8", (4, 64), scale=0.05)
    maker.operator("MUL", ["x", "c"], ["m"], table="MulOptions")
    maker.operator(code, ["m"], ["y"], table=f"{code.title()}Options")
    return maker.build(["x"], ["y"])


def test_quantized_results_are_held_to_steps(runtime: Runtime) -> None:
    """Factors a little apart stand for an approximation: some results differ by one step, none by two."""
    before, after = quantized("ABS", 0.5), quantized("ABS", 0.504)
    for equality, equal in ((Equality("step", 1), True), (Equality("exact"), False), (WITHIN, False)):
        place = at(before, after, ["x"], "m", equality)
        found = check_model(before, after, [place], level="rules", runtime=runtime)
        assert found.places[0].comparison.max_abs == 1
        assert found.places[0].comparison.equal is equal


def test_an_interface_that_changed_is_compared_in_the_old_types(runtime: Runtime) -> None:
    """float -> QUANTIZE -> int8 ... becomes int8 -> ...; and the wrong scale for the new input is seen."""

    def inner(maker: Maker, scale: float) -> None:
        maker.tensor("q", "i8", (4, 16), scale=scale, zero=5)
        maker.tensor("y", "f32", (4, 16))

    before, after, wrong = Maker(), Maker(), Maker()
    before.tensor("x", "f32", (4, 16))
    inner(before, 0.01)
    before.operator("QUANTIZE", ["x"], ["q"], table="QuantizeOptions")
    before.operator("DEQUANTIZE", ["q"], ["y"], table="DequantizeOptions")
    inner(after, 0.01)
    after.operator("DEQUANTIZE", ["q"], ["y"], table="DequantizeOptions")
    inner(wrong, 0.02)
    wrong.operator("DEQUANTIZE", ["q"], ["y"], table="DequantizeOptions")
    original = before.build(["x"], ["y"])
    assert check_model(original, after.build(["q"], ["y"]), [], runtime=runtime).status == "passed"
    assert check_model(original, wrong.build(["q"], ["y"]), [], runtime=runtime).status == "failed"


def branching(code: str) -> Model:
    """y = code(x) where c holds, else -x."""
    maker = Maker()
    for body in (code, "NEG"):
        maker.tensor("a", "f32", (4, 16))
        maker.tensor("b", "f32", (4, 16))
        maker.operator(body, ["a"], ["b"])
        maker.enclose(["a"], ["b"])
    maker.tensor("c", "bool", (1,))
    maker.tensor("x", "f32", (4, 16))
    maker.tensor("y", "f32", (4, 16))
    maker.operator("IF", ["c", "x"], ["y"], table="IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
    return maker.build(["c", "x"], ["y"])


def in_body(before: Model, after: Model) -> Place:
    first, second = before.subgraphs[1], after.subgraphs[1]
    ends = [(first.inputs[0], second.inputs[0])], [(first.outputs[0], second.outputs[0])]
    return place_between("test.rule", (before, after), 1, *ends, WITHIN)


def test_a_place_in_the_body_of_an_if_is_checked_on_its_own(runtime: Runtime) -> None:
    before, right, wrong = branching("ABS"), branching("ABS"), branching("RELU")
    found = check_model(before, right, [in_body(before, right)], runtime=runtime)
    assert (found.status, found.failures, found.places[0].responds) == ("passed", (), None)
    found = check_model(before, wrong, [in_body(before, wrong)], runtime=runtime)
    assert found.status == "failed"
    assert not found.places[0].comparison.equal


def test_a_custom_operator_in_a_body_is_checked_at_its_place_and_said_to_be_out_of_reach(runtime: Runtime) -> None:
    def absolute(_: Operator, operands: list[Array | None]) -> Sequence[Array]:
        assert operands[0] is not None
        return [np.abs(operands[0])]

    before, after = branching("CUSTOM[Mystery]"), branching("ABS")
    kernels = {"CUSTOM[Mystery]": absolute}
    found = check_model(before, after, [in_body(before, after)], kernels=kernels, runtime=runtime)
    assert (found.status, found.outputs) == ("passed", ())
    assert any("inside the body of a control-flow operator" in warning for warning in found.warnings)


@pytest.mark.parametrize("progress", [None, lambda *_: None])
def test_two_models_agree_or_not_output_by_output(runtime: Runtime, progress: Callable[..., None] | None) -> None:
    assert verify_models(conv(), conv(), runtime=runtime, progress=progress).equal
    found = verify_models(conv(), conv(bias=0), runtime=runtime, seeds=2)
    assert not found.equal
    assert found.to_json()["outputs"][0]["equal"] is False


def two_outputs(names: list[str], *, swapped: bool = False) -> Model:
    maker = Maker()
    maker.tensor("x", "f32", (4, 16))
    for name in names:
        maker.tensor(name, "f32", (4, 16))
    maker.operator("ABS", ["x"], [names[0]], table="AbsOptions")
    maker.operator("NEG", ["x"], [names[1]], table="NegOptions")
    return maker.build(["x"], names[::-1] if swapped else names)


def test_outputs_are_paired_by_name_and_else_by_position(runtime: Runtime) -> None:
    model = two_outputs(["a", "b"])
    assert verify_models(model, two_outputs(["a", "b"], swapped=True), runtime=runtime).equal
    assert verify_models(model, two_outputs(["c", "d"]), runtime=runtime).equal
    assert not verify_models(model, two_outputs(["c", "d"], swapped=True), runtime=runtime).equal


def test_models_that_do_not_run_are_equal_where_they_hold_the_same_bytes(runtime: Runtime) -> None:
    model = unknown("CUSTOM[Mystery]")
    same = verify_models(model, read(model.to_bytes()), runtime=runtime)
    assert (same.equal, same.word, same.failures) == (True, "equal", ())
    assert same.warnings[0] == "both hold the same bytes"
    assert same.warnings[1].startswith("nothing could be compared: the first model: ")


def test_models_that_do_not_run_and_hold_other_bytes_are_not_compared(runtime: Runtime) -> None:
    found = verify_models(unknown("CUSTOM[Mystery]"), unknown("CUSTOM[Riddle]"), runtime=runtime)
    assert (found.equal, found.word) == (False, "not compared")
    assert found.to_json()["result"] == "not compared"
    assert all(sentence.startswith("nothing could be compared: ") for sentence in found.failures)
    assert verify_models(conv(), conv(bias=0), runtime=runtime, seeds=1).word == "different"


def test_models_with_other_interfaces_are_the_callers_mistake(runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="one model has 1 output, the other has 2"):
        verify_models(unary("ABS", "AbsOptions"), two_outputs(["a", "b"]), runtime=runtime)
    with pytest.raises(UsageError, match=r"input 'x' is f32\[4, 16\], but 'x' of the other model is f32\[1, 8, 8, 2\]"):
        verify_models(unary("ABS", "AbsOptions"), conv(), runtime=runtime)


def test_many_places_alike_are_left_to_the_whole_model_when_time_is_up(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewriter.verify.check._SECONDS", -1.0)
    maker = Maker()
    last = maker.tensor("x", "f32", (4, 16))
    for index in range(12):
        maker.operator("ABS" if index % 3 else "NEG", [last], [maker.tensor(f"t{index}", "f32", (4, 16))])
        last = f"t{index}"
    before = maker.build(["x"], [last])
    after = read(before.to_bytes())
    places = [at(before, after, [f"t{index - 1}" if index else "x"], f"t{index}") for index in range(12)]
    found = check_model(before, after, places * 2, runtime=runtime)
    assert found.status == "passed"
    assert any("8 of 24 places were not run on their own" in warning for warning in found.warnings)


def test_progress_comes_to_its_end(runtime: Runtime) -> None:
    seen: list[tuple[int, int, str]] = []
    before, after = conv(), conv()
    place = at(before, after, ["x"], "c")
    check_model(before, after, [place], runtime=runtime, progress=lambda *each: seen.append(each))
    assert [done for done, _, _ in seen] == list(range(1, 13))
    assert seen[-1][0] == seen[-1][1]

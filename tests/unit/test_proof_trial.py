"""One instance: the rule is applied, both models run under both kernel sets, and are compared as the rule states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.model import read
from rewriter.packs import find_declaration
from rewriter.proof.kinds import Kind
from rewriter.proof.trial import Instance, Outcome, Trials, behind, make_series
from rewriter.verify import Runtime
from tests.unit.proofs import rule_of
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.model import Model
    from rewriter.verify.protocol import Array


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as running:
        yield running


def chain(*codes: str, dtype: str = "f32", also: str | None = None) -> Model:
    """x -> each operator in turn -> y; `also` is a second output."""
    maker = Maker()
    names = ["x", *(f"t{number}" for number in range(1, len(codes))), "y"]
    for name in names:
        maker.tensor(name, dtype, (2, 3))
    for code, one, other in zip(codes, names, names[1:], strict=False):
        maker.operator(code, [one], [other])
    return maker.build(["x"], ["y", also] if also else ["y"])


def instance(model: Model, *series: Any) -> Instance:
    dtype = {"f32": np.float32, "i32": np.int32}[model.subgraphs[0].inputs[0].dtype]
    values = series or ([[1, -2, 3], [-4, 5, -6]], [[0.5, 7, -1], [2, -3, 4]])
    return Instance(model.to_bytes(), tuple((np.asarray(each, dtype),) for each in values))


def trial(runtime: Runtime, text: str, made: Instance) -> tuple[Outcome, Trials]:
    trials = Trials(runtime, {}, rule_of(text), find_declaration)
    return trials.run(made), trials


def test_sides_that_agree_under_both_kernel_sets_are_an_example(runtime: Runtime) -> None:
    outcome, trials = trial(runtime, "rule r NEG(NEG(x)) -> x", instance(chain("NEG", "NEG", "ABS")))
    assert (outcome.fate, outcome.ran, outcome.varied) == ("agrees", ("reference", "default"), True)
    assert outcome.difference is None
    assert trials.refusals == {}


def test_a_difference_says_where_it_is(runtime: Runtime) -> None:
    model = chain("FLOOR", "NEG", "NEG", also="t1")
    outcome, _ = trial(runtime, "rule r NEG(NEG(x)) -> ABS(x)", instance(model, [[1] * 3] * 2, [[2, 2, -2]] * 2))
    found = outcome.difference
    assert outcome.fate == "differs"
    assert found is not None
    assert (found.series, found.output, found.kernels) == (1, 0, "reference")
    assert found.comparison is not None
    assert found.comparison.index == (0, 2)
    assert found.left is not None
    assert found.right is not None
    assert (found.left[0, 2], found.right[0, 2]) == (-2, 2)
    assert found.after is not None
    assert [each.name for each in read(found.after).operators()][-1] == "ABS"


def test_where_the_rule_does_not_fire_nothing_is_run(runtime: Runtime) -> None:
    outcome, _ = trial(runtime, "rule r NEG(RELU(x)) -> x", instance(chain("NEG", "NEG")))
    assert (outcome.fate, outcome.ran) == ("untouched", ())


def test_a_left_side_that_no_kernels_run_is_no_example_and_counts_once_for_each_kernel_set(runtime: Runtime) -> None:
    model = chain("CUSTOM[Nowhere]", "NEG", "NEG")
    outcome, trials = trial(runtime, "rule r NEG(NEG(x)) -> x", instance(model))
    assert (outcome.fate, outcome.ran) == ("refused", ())
    assert trials.refusals == {"reference kernels refused to run": 1, "default kernels refused to run": 1}
    assert any("unresolved custom op" in note for note in outcome.notes)


def test_series_that_are_refused_are_left_out_and_count_as_one_instance(runtime: Runtime) -> None:
    """To divide by 0 is an error; the other series are compared all the same."""
    maker = Maker()
    for name in ("a", "b", "q", "n", "y"):
        maker.tensor(name, "i32", (2,))
    maker.operator("DIV", ["a", "b"], ["q"], table="DivOptions")
    maker.operator("NEG", ["q"], ["n"])
    maker.operator("NEG", ["n"], ["y"])
    pairs = [([8, 9], [2, 3]), ([1, 2], [0, 0]), ([3, 4], [0, 1]), ([6, 6], [6, 1])]
    series = tuple(tuple(np.asarray(each, np.int32) for each in pair) for pair in pairs)
    made = Instance(maker.build(["a", "b"], ["y"]).to_bytes(), series)
    outcome, trials = trial(runtime, "rule r NEG(NEG(x)) -> x", made)
    assert (outcome.fate, outcome.varied) == ("agrees", True)
    assert trials.refusals == {"reference kernels refused to run": 1, "default kernels refused to run": 1}


def test_a_replacement_that_is_refused_is_a_difference(runtime: Runtime) -> None:
    outcome, _ = trial(runtime, "rule r NEG(x: f32) -> CUSTOM[Nowhere](x)", instance(chain("NEG", "ABS")))
    assert outcome.fate == "differs"
    assert outcome.difference is not None
    assert "(what it replaces runs)" in outcome.difference.reason


def test_what_the_match_has_no_part_in_makes_no_example_by_varying(runtime: Runtime) -> None:
    maker = Maker()
    for name in ("x", "s", "y", "z"):
        maker.tensor(name, "f32", (2, 3))
    maker.operator("SUB", ["x", "x"], ["s"], table="SubOptions")
    maker.operator("ABS", ["s"], ["y"])
    maker.operator("NEG", ["x"], ["z"])
    model = maker.build(["x"], ["y", "z"])
    assert behind(model, ["s"]) == [0]
    assert behind(model, ["x"]) == [0, 1]
    outcome, _ = trial(runtime, "rule r SUB(x: f32, x) -> MUL(x, 0.0)", instance(model))
    assert (outcome.fate, outcome.varied) == ("agrees", False)


def test_only_outputs_behind_a_root_tell(runtime: Runtime) -> None:
    made = instance(chain("FLOOR", "NEG", "NEG", "ABS", also="t1"))
    outcome, _ = trial(runtime, "rule r NEG(NEG(x)) -> x", made)
    assert (outcome.fate, list(outcome.telling)) == ("agrees", [0])


@pytest.mark.parametrize(("statement", "fate"), [("equal exact", "differs"), ("", "agrees")])
def test_a_rule_is_held_to_its_own_statement(runtime: Runtime, statement: str, fate: str) -> None:
    made = instance(chain("NEG"), [[0.0, -1.0, 1.0]] * 2)
    outcome, _ = trial(runtime, f"rule r NEG(x: f32) -> SUB(0.0, x) {statement}", made)
    assert outcome.fate == fate


def test_instances_are_told_apart_by_models_and_values() -> None:
    model, other = chain("NEG"), chain("ABS")
    one = instance(model)
    assert one.digest == instance(model).digest
    assert one.digest != instance(other).digest
    assert one.digest != instance(model, [[1] * 3] * 2).digest


def test_series_have_the_values_that_inputs_have_to_hold() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 3))
    maker.tensor("p", "i32", (2,))
    maker.tensor("y", "f32", (3, 2))
    maker.operator("TRANSPOSE", ["x", "p"], ["y"], table="TransposeOptions")
    model = maker.build(["x", "p"], ["y"])
    order: Array = np.asarray([1, 0], np.int32)
    kinds = {"x": Kind("f32"), "p": Kind("i32")}
    series = make_series(model, kinds, {"p": order}, 3, ["real", "zeros", "ones"], special=False)
    assert [each[1].tolist() for each in series] == [[1, 0]] * 3
    assert [len(np.unique(each[0])) > 1 for each in series] == [True, False, False]
    again = make_series(model, kinds, {"p": order}, 3, ["real", "zeros", "ones"], special=False)
    assert all(np.array_equal(one[0], other[0]) for one, other in zip(series, again, strict=True))

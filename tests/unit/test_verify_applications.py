"""Places from the driver's record: each application on its own, also where rules build on one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from rewriter.driver import rewrite
from rewriter.language.check import compile_rules
from rewriter.model import read
from rewriter.verify import Place, Runtime, check_model, places_of
from tests.unit.verify_models import Maker, edited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.model import Model

CONSTANTS = {"MUL": np.arange(1, 17), "ADD": np.arange(16) / 2}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def chain(*codes: str) -> bytes:
    maker = Maker()
    maker.tensor("x", "f32", (4, 16))
    last = "x"
    for index, code in enumerate(codes):
        maker.tensor(f"t{index}", "f32", (4, 16))
        operands = [last]
        if code in CONSTANTS:
            operands.append(maker.tensor(f"c{index}", "f32", (16,), CONSTANTS[code]))
        maker.operator(code, operands, [f"t{index}"])
        last = f"t{index}"
    return maker.build(["x"], [last]).to_bytes()


def rewritten(source: bytes, text: str) -> tuple[Model, Model, list[Place]]:
    before, after = read(source), read(source)
    report = rewrite(after, compile_rules(text, filename="test.pat"))
    return before, after, places_of(before, after, report.applications)


def test_a_place_has_the_match_the_replacement_and_their_boundary(runtime: Runtime) -> None:
    before, after, places = rewritten(
        chain("ABS", "MUL", "ADD", "EXP"), "ADD(MUL(x, c: const), d: const) -> SUB(MUL(c, x), d * -1.0)"
    )
    (place,) = places
    assert (place.before.names, place.after.names) == (("MUL", "ADD"), ("MUL", "SUB"))
    assert [tensor.name for tensor in place.before.inputs] == ["t0"]
    assert place.sources == (before.subgraphs[0].operators[0].outputs[0],)
    assert place.name.endswith("at 't2'")
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.failures, found.places[0].responds) == ("passed", (), True)


def test_a_wrong_rule_fails_at_its_place(runtime: Runtime) -> None:
    before, after, places = rewritten(
        chain("NEG", "ADD", "RELU"),
        "rule right\n NEG(x) -> MUL(x, -1.0)\nrule wrong\n ADD(x, c: const) -> SUB(x, c)",
    )
    found = check_model(before, after, places, runtime=runtime)
    assert found.status == "failed"
    assert {each.rule: each.comparison.equal for each in found.places} == {"right": True, "wrong": False}


def test_a_match_on_what_an_earlier_rule_made_is_a_place_too(runtime: Runtime) -> None:
    """The MUL that the second rule matches is in no file; both places are run, the second on random values only."""
    before, after, places = rewritten(
        chain("RELU", "NEG", "ABS"),
        "rule first\n NEG(x) -> MUL(x, -1.0)\nrule second\n ABS(MUL(x, -1.0)) -> ABS(x)",
    )
    assert [place.rule for place in places] == ["first", "second"]
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.failures) == ("passed", ())
    assert all(each.varied and min(each.ran.values()) > 0 for each in found.places)


def test_a_capture_may_take_a_roots_place_before_and_after_its_readers_changed(runtime: Runtime) -> None:
    for order in ("1", "3"):
        before, after, places = rewritten(
            chain("RELU", "NEG", "NEG", "ADD", "EXP"),
            f"rule copy\n NEG(NEG(x)) -> x\n benefit {order}\n"
            "rule add\n ADD(x, c: const) -> SUB(x, c * -1.0)\n benefit 2",
        )
        assert {place.rule: place.after.names for place in places} == {"copy": (), "add": ("SUB",)}
        found = check_model(before, after, places, runtime=runtime)
        assert (found.status, found.failures) == ("passed", ())


def test_what_a_replacement_reads_may_become_a_constant_later(runtime: Runtime) -> None:
    """Both sides of the first place read what was computed then, though its replacement reads a constant now."""
    maker = Maker()
    for name in "xnyz":
        maker.tensor(name, "f32", (4, 16))
    maker.tensor("c", "f32", (4, 16), np.arange(64).reshape(4, 16))
    maker.operator("NEG", ["c"], ["n"], table="NegOptions")
    maker.operator("ADD", ["x", "n"], ["y"])
    maker.operator("RELU", ["y"], ["z"])
    source = maker.build(["x"], ["z"]).to_bytes()
    rules = "rule take\n RELU(ADD(x, y)) -> ADD[fused_activation_function=RELU](x, y)\n"
    before, after, places = rewritten(source, rules + "rule fold\n NEG(c: const) -> c * -1.0\n phase 1")
    assert [operator.name for operator in after.subgraphs[0].operators] == ["ADD"]
    (take,) = (place for place in places if place.rule == "take")
    assert take.before.inputs == take.after.inputs
    assert {tensor.name for tensor in take.after.operators[0].inputs if tensor} == {"x", "n"}
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.failures) == ("passed", ())


def test_what_two_replacements_have_alike_may_be_merged(runtime: Runtime) -> None:
    """Each place still has all of its own operators, and reads their results where the other's are read now."""
    maker = Maker()
    for name in "xypq":
        maker.tensor(name, "f32", (4, 16))
    maker.operator("ABS", ["x"], ["y"], table="AbsOptions")
    for name in "pq":
        maker.operator("SQUARE", ["y"], [name], table="SquareOptions")
    source = maker.build(["x"], ["p", "q"]).to_bytes()
    rules = "rule square\n SQUARE(x) -> n = NEG(x); MUL(n, n)\nrule merged\n a = NEG(x); b = NEG(x) -> a"
    before, after, places = rewritten(source, rules)
    assert [operator.name for operator in after.subgraphs[0].operators] == ["ABS", "NEG", "MUL", "MUL"]
    assert [place.after.names for place in places if place.rule == "square"] == [("NEG", "MUL")] * 2
    assert all(place.before.inputs == place.after.inputs for place in places if place.rule == "square")
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.failures) == ("passed", ())


def test_a_tensor_may_have_a_buffer_of_its_own_that_is_empty(runtime: Runtime) -> None:
    def own_buffers(model: Any) -> None:
        for tensor in model.subgraphs[0].tensors:
            if not tensor.buffer:
                tensor.buffer = len(model.buffers)
                model.buffers.append(schema.BufferT())

    before, after, places = rewritten(
        edited(chain("ABS", "MUL", "ADD", "EXP"), own_buffers),
        "ADD(MUL(x, c: const), d: const) -> SUB(MUL(c, x), d * -1.0)",
    )
    assert len({tensor.buffer for tensor in before.subgraphs[0].tensors}) == len(before.subgraphs[0].tensors)
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.failures, found.places[0].responds) == ("passed", (), True)


def test_constants_that_the_model_dropped_are_still_there_for_the_left_side(runtime: Runtime) -> None:
    before, after, places = rewritten(
        chain("MUL", "ADD"), "ADD(MUL(x, c: const), d: const) -> MUL(ADD(x, d / c), c)\n equal within 1e-4"
    )
    found = check_model(before, after, places, runtime=runtime)
    assert (found.status, found.places[0].ran) == ("passed", {"reference": 6, "default": 6})


def test_what_stays_of_a_match_is_computed_on_both_sides(runtime: Runtime) -> None:
    """RELU may go because ABS is before it; the tensor between is not free to have any value."""
    before, after, places = rewritten(chain("ABS", "RELU", "EXP"), "RELU(a = ABS(_)) -> a equal exact")
    (place,) = places
    assert (place.before.names, place.after.names) == (("ABS", "RELU"), ("ABS",))
    assert check_model(before, after, places, runtime=runtime).status == "passed"
    before, after, places = rewritten(chain("NEG", "RELU", "EXP"), "RELU(a = NEG(_)) -> a equal exact")
    assert check_model(before, after, places, runtime=runtime).status == "failed"


def test_a_step_that_a_rule_may_be_off_by_is_let_pass_in_the_whole_model_too(runtime: Runtime) -> None:
    def rescaled() -> bytes:
        maker = Maker()
        maker.tensor("x", "i8", (4, 16), scale=0.1)
        maker.tensor("t", "i8", (4, 16), scale=0.23)
        maker.tensor("y", "i8", (4, 16), scale=0.3)
        maker.operator("QUANTIZE", ["x"], ["t"])
        maker.operator("QUANTIZE", ["t"], ["y"])
        return maker.build(["x"], ["y"]).to_bytes()

    rule = "QUANTIZE(QUANTIZE(x: i8)) -> QUANTIZE(x)"
    found = check_model(*rewritten(rescaled(), f"{rule} equal within 1 step"), runtime=runtime)
    assert (found.status, found.failures) == ("passed", ())
    assert check_model(*rewritten(rescaled(), rule), runtime=runtime).status == "failed"

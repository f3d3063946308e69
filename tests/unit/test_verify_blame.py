"""A check that fails names the application that is to blame, by its place or by bisecting over applications."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.driver import rewrite
from rewriter.language.check import compile_rules
from rewriter.model import read
from rewriter.verify import CheckResult, Replay, Runtime, check_model, places_of
from tests.unit import verify_child
from tests.unit.verify_models import Maker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.model import Operator
    from rewriter.verify.protocol import Array
    from rewriter.verify.result import Level

TABLES = {"ADD": "AddOptions", "MUL": "MulOptions", "SUB": "SubOptions"}
NEGATE = "rule negate NEG(x) -> SUB(0.0, x)\n"
ROUGH = "rule rough NEG(x) -> MUL(x, -1.0003) equal within 1e-3\n"
WHY_NOT = "with which application the outputs begin to differ could not be found: "


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def chain(*steps: str | tuple[str, float | str]) -> bytes:
    """Operators one after the other, t0, t1 and so on; a second operand is a constant or the name of a tensor."""
    maker = Maker()
    last = maker.tensor("x", "f32", (4, 16))
    for index, step in enumerate(steps):
        code, second = (step, None) if isinstance(step, str) else step
        operands = [last]
        if second is not None:
            operands.append(second if isinstance(second, str) else maker.tensor(f"c{index}", "f32", (), second))
        last = maker.tensor(f"t{index}", "f32", (4, 16))
        options: dict[str, Any] = {"table": TABLES[code]} if code in TABLES else {}
        maker.operator(code, operands, [last], **options)
    return maker.build(["x"], [last]).to_bytes()


def checked(runtime: Runtime, source: bytes, text: str, *, level: Level = "model", **more: Any) -> CheckResult:
    before, after = read(source), read(source)
    rules = list(compile_rules(text, filename="test.pat"))
    report = rewrite(after, rules)
    replay = Replay(before, rules, report.applications)
    places = places_of(before, after, report.applications)
    return check_model(before, after, places, level=level, runtime=runtime, replay=replay, **more)


def who(found: CheckResult) -> Sequence[tuple[str, str, int, str, bool | None]]:
    return [(each.rule, each.root, each.application, each.found, each.begins) for each in found.blamed]


def test_a_wrong_rule_among_right_ones_is_named_first(runtime: Runtime) -> None:
    source = chain("NEG", ("ADD", 2.0), "RELU", "NEG", ("MUL", 3.0))
    found = checked(runtime, source, f"{NEGATE}rule wrong ADD(x, c: const) -> SUB(x, c)")
    assert found.status == "failed"
    assert who(found) == [("wrong", "t1", 2, "place", True)]
    assert found.failures[0].startswith("wrong at 't1' (application 2 of 3) is to blame: both sides differ by 4 ")
    assert found.failures[0].endswith(
        "; the outputs of the whole model agree with the one before it, and differ with it"
    )
    assert [sentence[:11] for sentence in found.failures[1:]] == ["output 't4'"] * 2


def test_a_replacement_that_no_runtime_knows_is_named_among_right_ones(runtime: Runtime) -> None:
    found = checked(runtime, chain("NEG", "RELU", "NEG", "ABS"), f"{NEGATE}rule odd RELU(x) -> CUSTOM[Mystery](x)")
    assert who(found) == [("odd", "t1", 2, "place", True)]
    assert "(what it replaces runs)" in found.failures[0]
    assert "agree with the one before it, and differ with it" in found.failures[0]


def test_a_check_that_passes_blames_nobody(runtime: Runtime) -> None:
    found = checked(runtime, chain("NEG", "RELU"), NEGATE)
    assert (found.status, found.blamed, found.to_json()["blamed"]) == ("passed", (), [])


def test_places_alone_are_blamed_without_a_word_on_the_whole_model(runtime: Runtime) -> None:
    source = chain("NEG", ("ADD", 2.0), "RELU")
    found = checked(runtime, source, f"{NEGATE}rule wrong ADD(x, c: const) -> SUB(x, c)", level="rules")
    assert who(found) == [("wrong", "t1", 2, "place", None)]
    assert found.failures[0].startswith("wrong at 't1' (application 2 of 2) fails by itself: both sides differ by 4 ")


def test_of_many_wrong_applications_all_are_data_and_three_are_named(runtime: Runtime) -> None:
    found = checked(runtime, chain(*["NEG", "ABS"] * 6), "rule careless NEG(x) -> MUL(x, -1.0003)")
    assert [each.application for each in found.blamed] == [1, 2, 3, 4, 5, 6]
    assert [each.begins for each in found.blamed] == [True, *[False] * 5]
    assert [sentence.split(" (")[0] for sentence in found.failures[:3]] == [
        "careless at 't0'",
        "careless at 't2'",
        "careless at 't4'",
    ]
    assert found.failures[3] == "3 more applications fail by themselves, of careless"


def test_differences_that_add_up_are_found_by_bisecting(runtime: Runtime) -> None:
    """Each application is off by 0.3 thousandths of the magnitude, which its rule states; four of them are not."""
    found = checked(runtime, chain(*["NEG", "ABS"] * 20), ROUGH)
    assert all(each.comparison.equal for each in found.places)
    assert who(found) == [("rough", "t6", 4, "bisection", True)]
    assert found.failures[0].startswith(
        "rough at 't6' (application 4 of 20) is the first with which the outputs of the whole model differ: "
        "output 't39' under default kernels differs by 0.0012 "
    )
    assert "; after the 3 before it they differ by 0.0009" in found.failures[0]
    assert "which its rule allows: the differences of several applications add up" in found.failures[0]


def test_two_rules_that_are_close_enough_each_alone_add_up(runtime: Runtime) -> None:
    text = (
        "rule first NEG(x) -> MUL(x, -1.0007) equal within 1e-3\n"
        "rule second RELU(x) -> MUL(MAXIMUM(x, 0.0), 1.0006) equal within 1e-3"
    )
    for source in (chain("NEG"), chain("NEG", "ABS")):
        assert checked(runtime, source, text).status == "passed"
    found = checked(runtime, chain("NEG", "ABS", "RELU"), text)
    assert all(each.comparison.equal for each in found.places)
    assert who(found) == [("second", "t2", 2, "bisection", True)]
    assert "; after the one before it they differ by" in found.failures[0]


def test_a_difference_that_what_follows_enlarges_is_traced_to_its_cause(runtime: Runtime) -> None:
    """x - x is nothing, and a hundred times the small difference is more than was stated."""
    source = chain("NEG", ("ADD", "x"), ("MUL", 100.0))
    found = checked(runtime, source, ROUGH)
    assert all(each.comparison.equal for each in found.places)
    assert who(found) == [("rough", "t0", 1, "bisection", True)]
    assert "which its rule allows: what follows it enlarges that" in found.failures[0]
    assert not any("never varied" in warning for warning in found.warnings)


def test_a_place_that_was_left_to_the_whole_model_is_found_and_then_run(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve places of one kind; the rule forgets to ask for the factor, which is another one at the tenth."""
    monkeypatch.setattr("rewriter.verify.check._SECONDS", -1.0)
    source = chain(*[("MUL", 2.0)] * 9, ("MUL", 3.0), ("MUL", 2.0), "NEG")
    found = checked(runtime, source, f"{NEGATE}rule double MUL(x, c: const) -> ADD(x, x)")
    assert who(found) == [("double", "t9", 10, "place", True)]
    assert "both sides differ by" in found.failures[0]
    assert "the outputs of the whole model agree with the 9 before it" in found.failures[0]
    assert any(warning.startswith("2 of 12 places were not run on their own") for warning in found.warnings)


def divided() -> bytes:
    """y = |x| / (x + 1) in the body of an IF: its divisors are never zero, those that a place is tried on are."""
    maker = Maker()
    for code in ("DIV", "SUB"):
        for name in ("a", "b", "r", "q"):
            maker.tensor(name, "i32", (4, 16))
        maker.operator("ABS", ["a"], ["r"])
        maker.operator(code, ["r", "b"], ["q"], table=f"{code.title()}Options")
        maker.enclose(["a", "b"], ["q"])
    maker.tensor("c", "bool", (1,))
    for name in ("x", "s", "y"):
        maker.tensor(name, "i32", (4, 16))
    maker.tensor("one", "i32", (), 1)
    maker.operator("ADD", ["x", "one"], ["s"], table="AddOptions")
    maker.operator("IF", ["c", "x", "s"], ["y"], table="IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
    return maker.build(["c", "x"], ["y"]).to_bytes()


def test_a_place_that_the_runtime_refuses_to_run_alone_is_found_by_bisecting(runtime: Runtime) -> None:
    text = "rule right ABS(x) -> MAXIMUM(x, NEG(x))\nrule wrong DIV(a, b) -> SUB(a, b)"
    found = checked(runtime, divided(), text)
    assert [(each.rule, each.subgraph, each.found) for each in found.blamed] == [("wrong", 1, "bisection")]
    assert "by itself it could not be run: what matched wrong at 'q'" in found.failures[0]
    assert "zero" in found.failures[0]
    assert not any("wrong at 'q': could not be run" in sentence for sentence in found.failures), "said once"


def test_a_place_on_which_the_runtime_crashes_is_found_by_bisecting() -> None:
    """The child ends itself where the first input of a model begins with a certain value, as only the place's does."""
    source = chain("RELU", ("MUL", 0.0), ("ADD", float(verify_child.Do.ABORT)), "NEG", ("ADD", "x"))
    text = "rule right RELU(x) -> MAXIMUM(x, 0.0)\nrule wrong NEG(x) -> MUL(x, -1.5)"
    with Runtime(command=(sys.executable, str(Path(verify_child.__file__)))) as running:
        found = checked(running, source, text)
    assert who(found) == [("wrong", "t3", 2, "bisection", True)]
    assert "by itself it could not be run: what matched wrong at 't3'" in found.failures[0]
    assert "crash on it: its process was ended by SIGABRT" in found.failures[0]


def test_what_differs_from_itself_blames_no_application(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("size", "i32", (2,), [4, 16])
    for name in ("x", "r", "s", "y"):
        maker.tensor(name, "f32", (4, 16))
    maker.operator("RANDOM_UNIFORM", ["size"], ["r"], table="RandomOptions")
    maker.operator("ADD", ["x", "r"], ["s"], table="AddOptions")
    maker.operator("NEG", ["s"], ["y"])
    found = checked(runtime, maker.build(["x"], ["y"]).to_bytes(), NEGATE)
    assert (found.status, found.blamed) == ("failed", ())
    assert found.failures[0].startswith(
        "the outputs speak against no application: the model before gives other results when it runs a second time"
    )


def test_a_wrong_place_is_not_blamed_for_what_another_does_to_the_outputs(runtime: Runtime) -> None:
    """That x + 0 is x is untrue of -0.0, which no output shows; they differ by what adds up later."""
    source = chain("ABS", ("ADD", 0.0), *["NEG", "ABS"] * 5)
    found = checked(runtime, source, f"rule zero ADD(x, 0.0) -> x equal exact\n{ROUGH}")
    assert who(found) == [("zero", "t1", 1, "place", False), ("rough", "t8", 5, "bisection", True)]
    assert found.failures[0].startswith("zero at 't1' (application 1 of 6) fails by itself: ")
    assert found.failures[0].endswith("the outputs of the whole model agree with the first 4, this one among them")


def test_the_search_ends_when_its_time_is_up_and_says_how_far_it_came(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rewriter.verify.blame._SECONDS", -1.0)
    found = checked(runtime, chain(*["NEG", "ABS"] * 20), ROUGH)
    assert (found.status, found.blamed) == ("failed", ())
    assert found.failures[0].startswith("the outputs begin to differ with one of the applications 1 to 20 of 20")


def test_a_search_takes_as_many_comparisons_as_bisecting_does_and_reports_them(runtime: Runtime) -> None:
    seen: list[tuple[int, int, str]] = []
    checked(runtime, chain(*["NEG", "ABS"] * 20), ROUGH, progress=lambda *each: seen.append(each))
    tried = [what for _, _, what in seen if what.endswith("of 20 applications")]
    assert tried[0] == "the first 20 of 20 applications"
    assert len(tried) <= 6
    assert all(done <= total for done, total, _ in seen)


def test_a_run_that_goes_differently_the_second_time_is_said_to(runtime: Runtime) -> None:
    """A pack's function that answers differently each time does this; here the rules are others."""
    source = chain(*["NEG", "ABS"] * 5)
    before, after = read(source), read(source)
    report = rewrite(after, compile_rules(ROUGH, filename="test.pat"))
    places = places_of(before, after, report.applications)
    for text, words in (
        (NEGATE, "went differently at application 1: negate at 't0' instead of rough at 't0'"),
        ("rule none CUSTOM[Nowhere](x) -> x", "ended after 0 of 5 applications"),
    ):
        replay = Replay(before, list(compile_rules(text, filename="test.pat")), report.applications)
        found = check_model(before, after, places, runtime=runtime, replay=replay)
        assert (found.status, found.blamed) == ("failed", ())
        assert found.failures[0].startswith(WHY_NOT + "rewriting the original")
        assert words in found.failures[0]


def test_what_agrees_the_second_time_blames_no_application(runtime: Runtime) -> None:
    """A kernel that remembers: at first it forgets the sign's meaning, later it does not."""
    calls = 0

    def moody(_: Operator, operands: list[Array | None]) -> Sequence[Array]:
        nonlocal calls
        calls += 1
        assert operands[0] is not None
        return [operands[0] if calls <= 5 else np.abs(operands[0])]

    maker = Maker()
    maker.tensor("x", "f32", (4, 16))
    maker.tensor("y", "f32", (4, 16))
    maker.operator("CUSTOM[Moody]", ["x"], ["y"])
    source = maker.build(["x"], ["y"]).to_bytes()
    found = checked(runtime, source, "CUSTOM[Moody](x) -> ABS(x)", kernels={"CUSTOM[Moody]": moody})
    assert (found.status, found.blamed) == ("failed", ())
    assert found.failures[0] == (
        f"{WHY_NOT}with the applications made once more, the outputs agree on the input on which they differed"
    )


def test_an_application_on_top_of_another_ones_result_is_told_from_it(runtime: Runtime) -> None:
    text = "rule below RELU(NEG(x)) -> RELU(MUL(x, -1.0))\nrule above RELU(MUL(x, -1.0)) -> RELU(MUL(x, -1.5))"
    found = checked(runtime, chain("EXP", ("SUB", 1.5), "NEG", "RELU", "ABS"), text)
    assert who(found) == [("above", "t3", 2, "place", True)]


def test_the_blame_is_documented_json(runtime: Runtime) -> None:
    found = checked(runtime, chain(*["NEG", "ABS"] * 20), ROUGH)
    (blame,) = json.loads(json.dumps(found.to_json(), allow_nan=False))["blamed"]
    reason = blame.pop("reason")
    assert blame == {
        "rule": "rough",
        "subgraph": 0,
        "root": "t6",
        "application": 4,
        "applications": 20,
        "found": "bisection",
        "begins": True,
    }
    assert found.failures[0] == f"rough at 't6' (application 4 of 20) {reason}"

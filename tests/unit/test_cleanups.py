"""Cleanups: how they are declared and chosen, when they run, and what they may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rewriter import run
from rewriter.changes import Leave, MergeOperators, RemoveBuffer, RemoveOperator, RemoveTensor, View
from rewriter.driver import rewrite
from rewriter.errors import CheckError, LanguageError, LimitError, PackError, UsageError
from rewriter.language.check import compile_rules
from rewriter.language.rules import Cleanup
from rewriter.model import Tensor, read
from rewriter.testing import check_rules
from rewriter.verify.applications import places_of
from rewriter.verify.replay import Replay
from tests.unit import commands
from tests.unit.networks import Network, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rewriter.model import Model, Operator, Subgraph


def cleanup(function: Callable[[View], Any], name: str = "tidy") -> Cleanup:
    """A cleanup that a file would declare."""
    (made,) = compile_rules(f'cleanup {name} "Tidies." by mine.f', "c.pat", resolve=lambda _: function).cleanups
    return made


def dead(view: View) -> Iterator[RemoveOperator]:
    """Removes what nobody reads, one round at a time: each one only frees those that come before it."""
    for subgraph in view.model.subgraphs:
        for operator in subgraph.operators:
            if not any(tensor.is_read for tensor in operator.outputs) and view.computes(operator):
                yield RemoveOperator(subgraph, operator)


def model_with_a_dead_end() -> Model:
    network = Network()
    x = network.input()
    network.add("NEG", [network.add("ABS", [x], "a")], "b")
    return network.build(network.add("RELU", [x], "y"))


def first(model: Model) -> tuple[Subgraph, Operator]:
    return model.subgraphs[0], model.subgraphs[0].operators[0]


# -- declaring ---------------------------------------------------------------------------------------------------------


def test_a_cleanup_has_its_name_its_sentence_and_is_equal_exact() -> None:
    made = cleanup(dead)
    assert (made.qualified, made.doc, str(made.equality), made.used) == ("tidy", "Tidies.", "equal exact", True)
    assert made.function is dead


def test_a_pack_may_leave_a_cleanup() -> None:
    text = 'pack mine leaves one\ncleanup one by mine.f cleanup two "Second." by mine.f'
    rules = compile_rules(text, "c.pat", pack="mine", resolve=lambda _: dead)
    assert {each.qualified: each.used for each in rules.cleanups} == {"mine.one": False, "mine.two": True}
    assert rules.rules == ()


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("cleanup one by mine.nothing", "E225", 16),
        ("cleanup one by mine.f cleanup one by mine.f", "E240", 23),
        ("rule one RELU(x) -> x cleanup one by mine.f", "E240", 23),
        ("pack mine leaves two cleanup one by mine.f", "E241", 18),
    ],
)
def test_a_mistake_in_a_cleanup_has_its_place(text: str, code: str, column: int) -> None:
    with pytest.raises(LanguageError) as raised:
        compile_rules(text, "c.pat", resolve=lambda name: dead if name == "mine.f" else None)
    (found,) = raised.value.diagnostics
    assert (found.code, found.span.column) == (code, column)


def test_the_word_stays_an_ordinary_name_elsewhere() -> None:
    text = "cleanup = RELU(by) -> by\npattern cleanup(x) = NEG(x)\nrule a ABS(cleanup(x)) -> ABS(x)"
    assert [each.name for each in compile_rules(text, "c.pat")] == ["c:1", "a"]


# -- running -----------------------------------------------------------------------------------------------------------


def test_cleanups_run_until_they_find_nothing_more() -> None:
    model = model_with_a_dead_end()
    report = rewrite(model, [cleanup(dead)])
    assert [each.name for each in report.applications] == ["b", "a"]
    assert shown(model) == ["y = RELU(x)"]
    assert (report.operators_before, report.operators_after) == (3, 1)
    assert {code.name for code in model.operator_codes} == {"RELU"}
    assert shown(_again(model)) == ["y = RELU(x)"]


def _again(model: Model) -> Model:
    return read(model.to_bytes())


def test_rules_run_again_where_a_cleanup_changed_operators() -> None:
    """Only without its second reader does the inner operator belong to the rule's match."""
    network = Network()
    x = network.input()
    inner = network.add("NEG", [x], "a")
    network.add("ABS", [inner], "b")
    model = network.build(network.add("NEG", [inner], "y"), network.add("RELU", [x], "z"))
    (rule,) = compile_rules("rule twice ABS(RELU(x)) -> RELU(x) rule fold NEG(NEG(x)) -> ABS(x)", "r.pat").rules[1:]
    report = rewrite(model, [rule, cleanup(dead)])
    assert list(report.rules_applied()) == ["tidy", "fold"]
    assert shown(model) == ["y = ABS(x)", "z = RELU(x)"]


def test_where_nothing_changes_the_model_stays_its_source() -> None:
    model = _again(model_with_a_dead_end())
    source = model.to_bytes()
    report = rewrite(model, [cleanup(lambda _: iter(()))])
    assert (report.applications, model.modified) == ([], False)
    assert model.to_bytes() == source


def test_a_run_with_cleanups_can_be_made_again_as_far_as_any_application() -> None:
    source = _again(model_with_a_dead_end())
    model = _again(source)
    rules = [*compile_rules("rule quiet RELU(x) -> ABS(x)", "r.pat"), cleanup(dead)]
    report = rewrite(model, rules)
    assert [each.rule.qualified for each in report.applications] == ["quiet", "tidy", "tidy"]
    lengths: list[int] = []
    for count in range(4):
        with Replay(source, rules, report.applications).after(count) as again:
            lengths.append(len(shown(again)))
    assert lengths == [3, 3, 2, 1]


def test_steps_of_cleanups_count_towards_the_limit() -> None:
    with pytest.raises(LimitError, match="the limit of 1 steps was reached; the rules that fired last: tidy"):
        rewrite(model_with_a_dead_end(), [cleanup(dead)], max_steps=1)


def test_what_a_cleanup_leaves_is_reported_once() -> None:
    report = rewrite(model_with_a_dead_end(), [cleanup(lambda _: [Leave("a", "why"), Leave("a", "why")])])
    (miss,) = report.misses
    assert (miss.rule, miss.root, miss.reason) == ("tidy", "a", "why")
    assert report.applications == []


# -- what is refused ---------------------------------------------------------------------------------------------------


def _removes_what_is_read(view: View) -> Iterator[RemoveOperator]:
    yield RemoveOperator(*first(view.model))


def _merges_what_is_another(view: View) -> Iterator[MergeOperators]:
    subgraph, operator = first(view.model)
    yield MergeOperators(subgraph, operator, operator)


def _removes_an_input(view: View) -> Iterator[RemoveTensor]:
    subgraph = view.model.subgraphs[0]
    yield RemoveTensor(subgraph, subgraph.inputs[0])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_removes_what_is_read, "the cleanup tidy asks to remove ABS, whose results are read"),
        (_merges_what_is_another, "the cleanup tidy asks to read the results of ABS in place of those of ABS"),
        (_removes_an_input, "the cleanup tidy asks to remove the tensor 'x', which something refers to"),
        (lambda _: [1 // 0], "the cleanup tidy fails: ZeroDivisionError"),
        (lambda _: ["nonsense"], "the cleanup tidy gives 'nonsense', which is no change"),
        (lambda _: None, "the cleanup tidy fails: TypeError"),
    ],
)
def test_a_change_that_would_break_the_model_is_refused(function: Callable[[View], Any], message: str) -> None:
    with pytest.raises(PackError, match=message):
        rewrite(model_with_a_dead_end(), [cleanup(function)])


def test_a_buffer_that_a_tensor_has_is_not_removed() -> None:
    network = Network()
    model = network.build(network.add("ADD", [network.input(), network.constant("c", [1.0, 2.0, 3.0])], "y"))
    with pytest.raises(PackError, match="asks to remove buffer 1, which something refers to"):
        rewrite(model, [cleanup(lambda view: [RemoveBuffer(view.model.buffers[1])])])


# -- reports and commands ----------------------------------------------------------------------------------------------


def test_an_application_without_a_result_is_a_place_that_shows_nothing_by_itself() -> None:
    source = _again(model_with_a_dead_end())
    model = _again(source)
    report = rewrite(model, [cleanup(dead)])
    places = places_of(source, model, report.applications)
    assert [(each.name, each.shows) for each in places] == [("tidy at 'b'", False), ("tidy at 'a'", False)]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    network = Network()
    x = network.input()
    network.add("NEG", [x], "dead")
    first_, second = network.add("SIN", [x], "a"), network.add("SIN", [x], "b")
    made = network.add("ADD", [network.add("RELU", [first_], "c"), second], "y")
    network.constant("unused", [1.0, 2.0])
    path = tmp_path / "sample.tflite"
    network.build(made).save(path)
    return path


def test_apply_reports_cleanups_beside_rules_and_checks_them(sample: Path) -> None:
    done = commands.rewriter("apply", sample, "-p", "toco", "--dry-run", "--json", cwd=sample.parent)
    document = done.document
    assert document["rules_applied"] == {"toco.remove_dead_operators": 1, "toco.common_subexpression_elimination": 1}
    assert [(each["root"], each["operators_before"], each["operators_after"]) for each in document["applications"]] == [
        ("dead", ["NEG"], []),
        ("b", ["SIN"], []),
    ]
    assert document["check"]["status"] == "passed"


def test_apply_names_what_a_cleanup_left_out(sample: Path) -> None:
    done = commands.rewriter(
        "apply", sample, "-p", "toco", "--rule", "remove_unused_parts", "--dry-run", cwd=sample.parent
    )
    assert done.text.startswith(
        "toco.remove_unused_parts: 1 place\n  'unused' is left out: nothing refers to the tensor\noperators: 5 -> 5\n"
    )


def test_the_places_alone_do_not_show_a_change_that_no_tensor_shows(sample: Path) -> None:
    done = commands.rewriter(
        "apply",
        sample,
        "-p",
        "toco",
        "--rule",
        "remove_unused_parts",
        "--dry-run",
        "--check",
        "rules",
        cwd=sample.parent,
    )
    assert "check skipped" in done.text
    assert "note: 1 of 1 changes have no result of their own" in done.text


def test_a_change_that_nothing_can_show_is_refused_with_the_reason() -> None:
    network = Network()
    model = network.build(network.add("CUSTOM[Unknown]", [network.input()], "y"))
    model.subgraphs[0].tensors.append(Tensor.make("unused", "f32", (1,)))
    model.modified = True
    with pytest.raises(
        CheckError, match=r"1 of 1 changes have no result of their own, and the whole model could not be"
    ):
        run.apply(model, ["toco"], only=["remove_unused_parts"])


def test_a_cleanup_is_left_out_where_more_has_to_be_shown_than_nothing(sample: Path) -> None:
    report = run.apply(sample, ["toco"], only=["remove_dead_operators"], require="tested").report
    assert report.rewriting.applications == []
    assert report.not_shown == {
        "toco.remove_dead_operators": "it is a cleanup, of which `rewriter test` shows nothing (--require)"
    }


def test_packs_list_their_cleanups(tmp_path: Path) -> None:
    (pack,) = commands.rewriter("packs", "toco", "--json", cwd=tmp_path).document["packs"]
    cleanups = {each["rule"]: each for each in pack["rules"] if each["kind"] == "cleanup"}
    found = cleanups["toco.remove_dead_operators"]
    assert (found["doc"], found["equal"], found["used"], found["shown"]) == (
        "Operators whose results nobody reads are left out.",
        "equal exact",
        True,
        "claimed",
    )
    assert {name.removeprefix("toco.") for name, each in cleanups.items() if not each["used"]} == {
        "remove_duplicate_constants",
        "remove_unused_parts",
        "eliminate_dead_subgraph",
        "strip_names",
        "shorten_variable_names",
    }


def test_a_cleanup_can_be_named_nowhere_to_be_tested_or_explained(sample: Path) -> None:
    with pytest.raises(UsageError, match=r"toco\.remove_dead_operators is a cleanup, which has no pattern"):
        check_rules("toco", rules="remove_dead_operators")
    done = commands.rewriter("explain", sample, "-p", "toco", "--rule", "remove_dead_operators", cwd=sample.parent)
    assert done.text.startswith("toco.remove_dead_operators: it is a cleanup and has no pattern;")

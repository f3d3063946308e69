"""Every rule in the documentation is one that the checker accepts, and does not warn of when it has time."""

from __future__ import annotations

import re

import pytest

import rewriter
from rewriter.language import syntax
from rewriter.language.constants import CONSTANT_FUNCTIONS, MOVING, OF_CAPTURES
from rewriter.language.expressions import FUNCTIONS
from rewriter.language.findings import findings
from rewriter.language.parse import parse
from rewriter.packs import installed, load
from rewriter.wellformed import RULES
from tests.shared import CHECKOUT

BLOCKS = [
    pytest.param(block, id=f"{path.stem}:{number}")
    for path in sorted((CHECKOUT / "docs").rglob("*.md"))
    for number, block in enumerate(re.findall(r"^```pat\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_rules_compile(block: str) -> None:
    items = parse(block, "docs.pat").items
    directions = sum(1 + each.both_ways for each in items if isinstance(each, syntax.Rule))
    assert items
    assert len(rewriter.compile_rules(block, "docs.pat")) == directions


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_rules_do_not_shadow_or_undo_each_other(block: str) -> None:
    assert {each.code for each in findings([rewriter.compile_rules(block, "docs.pat")])} <= {"W401", "W402"}


def test_stock_rules_give_no_warning_but_of_dropped_attributes() -> None:
    packs = [load(name) for name, pack in installed().items() if pack.distribution == "rewriter"]
    assert packs
    for pack in packs:
        assert {each.code for each in findings([pack])} <= {"W402"}
    # Two packs may have the same rule, each for its own reasons, but none may undo what another one does.
    assert {each.code for each in findings(packs)} <= {"W402", "W403", "W404"}


def test_every_code_of_the_checker_is_on_the_page_of_codes_and_no_other() -> None:
    page = (CHECKOUT / "docs" / "reference" / "errors.md").read_text()
    sources = [*(CHECKOUT / "rewriter" / "language").glob("*.py")]
    known = {code for path in sources for code in re.findall(r'"([EW]\d{3})"', path.read_text())}
    assert len(known) > 90
    assert set(re.findall(r"\b[EW]\d{3}\b", page)) == known


def _functions(before: str, after: str) -> list[str]:
    """The calls in the first column of the table of functions between two texts of the page about the language."""
    page = (CHECKOUT / "docs" / "reference" / "language.md").read_text()
    table = page.split(before)[1].split(after)[0]
    calls = [call for row in re.findall(r"^\| (`.*?) \| ", table, re.MULTILINE) for call in re.findall(r"`(.*?)`", row)]
    assert calls, "the page has no table here"
    return calls


def test_every_function_of_conditions_is_in_its_table_with_calls_that_can_be_made() -> None:
    calls = _functions("### Functions", "For constants, whose captures")
    assert {call.partition("(")[0] for call in calls} == {*FUNCTIONS, "attr"}
    for call in calls:
        used = f"{call} == {call}"
        (rule,) = rewriter.compile_rules(
            "op CUSTOM[Shaped](input, other) -> output options struct { shape: i32 }"
            f"c = CUSTOM[Shaped, shape=_](x: [h, w], z: const); CUSTOM[Joined](c, xs...) where {used} -> x"
        )
        assert used in rule.span.content


def test_every_function_of_constants_is_in_its_table_with_calls_that_can_be_made() -> None:
    calls = _functions("For constants, whose captures", "## Declarations")
    assert {call.partition("(")[0] for call in calls} == {*CONSTANT_FUNCTIONS, *MOVING, *OF_CAPTURES}
    for call in calls:
        pattern = "ADD(x, NEG(y = NEG(values: const))); MUL(a, ADD(w: const, ADD(v: const, q: const)))"
        (rule,) = rewriter.compile_rules(f"a = {pattern} -> CUSTOM[Made](x, {call})")
        assert call in rule.span.content


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        ("concat([w, w], keepdims=true)", "axis"),
        ("sum(w, constant_values=0)", "axis, keepdims"),
        ("reshape(w, axis=0)", "it without a name, in its place"),
    ],
)
def test_what_a_function_of_constants_does_not_take_by_name_is_refused(call: str, hint: str) -> None:
    with pytest.raises(rewriter.LanguageError) as raised:
        rewriter.compile_rules(f"ADD(x, w: const) -> CUSTOM[Made](x, {call})")
    assert [(each.code, each.hint) for each in raised.value.diagnostics] == [("E347", hint)]


def test_the_grammar_on_its_page_is_the_one_that_the_program_reads() -> None:
    page = CHECKOUT / "docs" / "reference" / "grammar.md"
    (included,) = re.findall(r"\{literalinclude\} (\S+)", page.read_text())
    assert (page.parent / included).resolve() == CHECKOUT / "grammar" / "pat.lark"
    assert (page.parent / included).exists()


def test_every_public_name_is_on_the_page_about_python() -> None:
    page = (CHECKOUT / "docs" / "reference" / "python.md").read_text()
    named = re.findall(r"^\.\. auto(?:function|class|exception):: (\w+)$", page, re.MULTILINE)
    assert sorted(named) == sorted(set(rewriter.__all__) - {"__version__"})


def test_every_group_of_operators_has_a_page() -> None:
    pages = (CHECKOUT / "docs" / "reference" / "operators").glob("*.md")
    groups = [
        group for page in pages for group in re.findall(r"^```\{operators\} (\w+)$", page.read_text(), re.MULTILINE)
    ]
    assert sorted(groups) == sorted(["custom", *(each.stem for each in (CHECKOUT / "grammar").glob("*.pat"))])


def test_every_rule_of_the_graph_check_is_on_its_page() -> None:
    page = (CHECKOUT / "docs" / "reference" / "checks.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == dict(RULES)

"""The compiled matcher finds what a plain one finds that tries everything, over rules and graphs drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, note
from hypothesis import strategies as st

from rewriter.dialect.dialect import Dialect
from rewriter.errors import LanguageError
from rewriter.explain import explain
from rewriter.language import syntax
from rewriter.language.check import compile_rules
from rewriter.language.decision import Decision
from rewriter.language.parse import parse
from rewriter.language.pattern import compile_pattern
from rewriter.language.scope import RuleScope
from rewriter.model import Model, Tensor
from tests.unit.drawn import DrawnRule, draw_model, draw_rule
from tests.unit.naive import Naive, Way
from tests.unit.networks import shown

if TYPE_CHECKING:
    from random import Random

    from rewriter.language.rules import Rule
    from rewriter.model import Operator

# What may be wrong with a drawn rule: two meanings of a name, alternatives that do not bind the same, equations that
# nothing connects, and operands that no such operator has in a graph that can be computed.
REFUSED = {
    "E214",
    "E246",
    "E247",
    "E248",
    "E256",
    "E260",
    "E261",
    "E262",
    "E263",
    "E264",
    "E265",
    "E266",
    "E267",
    "E270",
}


def described(value: Any) -> Any:
    """A value of a match, so that what stands for the same can be compared."""
    if isinstance(value, list):
        return [described(each) for each in value]
    return value.name if isinstance(value, Tensor) else value


def registers(tree: syntax.Rule) -> dict[str, int]:
    """Where a compiled pattern keeps what its names stand for."""
    scope = RuleScope([])
    assert compile_pattern(tree.left, Dialect(), scope, {}) is not None
    return {name: binding.register for name, binding in scope.bindings.items()}


def compiled(text: str) -> tuple[Rule | None, set[str]]:
    """The only rule of a text, or the codes of its mistakes."""
    try:
        (rule,) = compile_rules(text, "n.pat").rules
    except LanguageError as error:
        return None, {each.code for each in error.diagnostics}
    return rule, set()


def check_rule(model: Model, drawn: DrawnRule) -> tuple[Rule, list[str]] | None:
    """Compare the matchers for one rule. Returns it, and the roots at which it matches."""
    rule, codes = compiled(drawn.text)
    # A name of two meanings leads to other mistakes where it is used.
    assert codes <= REFUSED or "E214" in codes
    if rule is None:
        return None
    (tree,) = parse(drawn.text, "n.pat").items
    assert isinstance(tree, syntax.Rule)
    naive = Naive(tree, model.subgraphs[0], drawn.condition)
    ways = {operator.outputs[0].name: list(naive.matches(operator)) for operator in model.operators()}
    where = registers(tree)
    found: list[str] = []
    for operator in model.operators():
        name = operator.outputs[0].name
        frame = rule.program.run(operator) if can_be_root(rule, operator) else None
        note(f"{name}: {frame is not None} {[{n: described(v) for n, v in w.names.items()} for w in ways[name][:3]]}")
        # Readers of a constant are looked for at the one that matched, and not at others that are equal to it.
        certain = [way for way in ways[name] if not rule.program.spread or not has_constant(way)]
        assert bool(certain) <= (frame is not None) <= bool(ways[name]), f"{drawn.text} at {name}"
        if frame is None:
            continue
        found.append(name)
        names = [{each: described(way.names.get(each)) for each in where} for way in ways[name]]
        bound = {each: described(frame[register]) for each, register in where.items()}
        if rule.program.spread:
            assert bound in names
            assert set(rule.program.matched(frame)) in [set(way.operators) for way in ways[name]]
        else:
            assert bound == names[0], f"{drawn.text} at {name}"
            assert set(rule.program.matched(frame)) == set(ways[name][0].operators)
    explained = {attempt.root for attempt in explain(model, rule).attempts if attempt.matched}
    assert explained == set(found)
    return rule, found


def has_constant(way: Way) -> bool:
    return any(isinstance(value, Tensor) and value.is_constant for value in way.names.values())


def can_be_root(rule: Rule, operator: Operator) -> bool:
    return rule.program.heads is None or operator.name in rule.program.heads


def check_together(model: Model, rules: list[Rule], found: list[list[str]]) -> None:
    """One decision over all rules finds them in order, each being left out in turn once it was found."""
    for operator in model.operators():
        chosen = [(order, rule.program) for order, rule in enumerate(rules) if can_be_root(rule, operator)]
        if not chosen:
            continue
        decision = Decision(chosen)
        wanted = [order for order, roots in enumerate(found) if operator.outputs[0].name in roots]
        without: set[int] = set()
        for order in wanted:
            got = decision.search(operator, without)
            assert got is not None
            assert got[0] == order
            plain = rules[order].program.run(operator)
            assert plain is not None
            assert rules[order].program.matched(got[1]) == rules[order].program.matched(plain)
            without.add(order)
        assert decision.search(operator, without) is None


def check(random: Random, count: int = 8) -> int:
    """Draw and compare. Returns how many matches there were."""
    model = draw_model(random)
    note("\n".join(shown(model)))
    rules: list[Rule] = []
    roots: list[list[str]] = []
    for number in range(count):
        drawn = draw_rule(random, model, f"r{number}")
        note(drawn.text)
        checked = check_rule(model, drawn)
        if checked is not None:
            rules.append(checked[0])
            roots.append(checked[1])
    check_together(model, rules, roots)
    return sum(map(len, roots))


@given(st.randoms(use_true_random=False))
def test_a_match_is_found_exactly_where_there_is_one_and_the_first_one_counts(random: Random) -> None:
    check(random)

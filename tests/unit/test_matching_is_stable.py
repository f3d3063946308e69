"""What matches depends on the graph and the rules, not on how either is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from rewriter.dialect.dialect import builtin_declarations
from rewriter.language.check import compile_rules
from rewriter.language.rules import RuleSet
from rewriter.matcher import Matcher
from rewriter.model import read
from tests.unit.drawn import draw_model, draw_rule
from tests.unit.test_naive import can_be_root, compiled

if TYPE_CHECKING:
    from random import Random

    from rewriter.language.rules import Rule
    from rewriter.model import Model


def drawn(random: Random, count: int) -> tuple[Model, list[tuple[str, Rule]]]:
    """A graph, and rules that the checker takes, each with its text."""
    model = draw_model(random)
    rules: list[tuple[str, Rule]] = []
    while len(rules) < count:
        text = draw_rule(random, model, f"r{len(rules)}").text
        rule, _ = compiled(text)
        if rule is not None:
            rules.append((text, rule))
    return model, rules


def roots(model: Model, rule: Rule) -> set[str]:
    """The results of the operators at which a rule matches."""
    operators = (operator for operator in model.operators() if can_be_root(rule, operator))
    return {operator.outputs[0].name for operator in operators if rule.program.run(operator) is not None}


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_operands_of_commutative_operators_does_not_matter(random: Random) -> None:
    model, rules = drawn(random, 6)
    before = [roots(model, rule) for _, rule in rules]
    for operator in model.operators():
        declaration = builtin_declarations().get(operator.name)
        if declaration is not None and declaration.commutative and len(operator.inputs) == 2 and random.random() < 0.7:
            operator.inputs.reverse()
    # A name fixes an order, and ANY takes operands as the file has them.
    free = [place for place, (text, _) in enumerate(rules) if "hs=" not in text and "ANY" not in text]
    after = [roots(model, rule) for _, rule in rules]
    assert [after[place] for place in free] == [before[place] for place in free]


@given(st.randoms(use_true_random=False))
def test_the_numbers_of_tensors_do_not_matter(random: Random) -> None:
    model, rules = drawn(random, 6)
    before = [roots(model, rule) for _, rule in rules]
    (subgraph,) = model.subgraphs
    random.shuffle(subgraph.tensors)
    for index, tensor in enumerate(subgraph.tensors):
        tensor.index = index
    model.modified = True
    again = read(model.to_bytes())
    assert {each.name for each in again.subgraphs[0].tensors} == {each.name for each in subgraph.tensors}
    assert [roots(again, rule) for _, rule in rules] == before


@given(st.randoms(use_true_random=False))
def test_with_benefits_that_differ_the_order_of_files_does_not_matter(random: Random) -> None:
    model, rules = drawn(random, 8)
    benefits = random.sample(range(-20, 20), len(rules))
    files = [
        compile_rules(f"{text}\nbenefit {benefit}", "f.pat") for (text, _), benefit in zip(rules, benefits, strict=True)
    ]

    def chosen() -> list[str | None]:
        matcher = Matcher(RuleSet.union(files))
        found = [matcher.match(operator) for operator in model.operators()]
        return [None if each is None else each[0].name for each in found]

    before = chosen()
    random.shuffle(files)
    assert chosen() == before

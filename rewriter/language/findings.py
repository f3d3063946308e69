"""What the checker finds when it has time: warnings that compare all rules with each other, or judge conditions.

They cost nothing where rules are only applied; `rewriter check` and the language server ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rewriter.language.overlap import shadows
from rewriter.language.rules import Rule, RuleSet
from rewriter.language.truth import Truth, meaning_in
from rewriter.language.undoing import undoings
from rewriter.source import Diagnostic


def findings(sets: Iterable[RuleSet]) -> list[Diagnostic]:
    """All warnings for the rules of a run: those found when they were compiled, and those that take a closer look.

    Args:
        sets: The rules, a set for each file, in the order in which the run would have them.

    Returns:
        The warnings, by file and place.
    """
    every = list(sets)
    rules = [rule for each in every for rule in each]
    found = [warning for each in every for warning in each.warnings]
    found += [warning for rule in rules for warning in _conditions(rule)]
    found += shadows(rules)
    found += undoings(rules)
    files = {each.span.text.name: None for each in found}
    order = {
        name: place for place, name in enumerate(dict.fromkeys([rule.span.text.name for rule in rules] + [*files]))
    }
    unique = {(each.code, each.message, each.span.start, each.span.text.name): each for each in found}
    return sorted(unique.values(), key=lambda each: (order[each.span.text.name], each.span.start, each.code))


def _conditions(rule: Rule) -> Iterator[Diagnostic]:
    """Conditions that the pattern decides, the same way in each of its alternatives."""
    sides = rule.sides
    if sides is None or not sides.conditions or not sides.terms:
        return
    pairs = zip(sides.terms, sides.sizes, strict=True)
    judges = [Truth(meaning_in(term, sizes), sizes, list(term.runs)) for term, sizes in pairs]
    for condition in sides.conditions:
        verdicts = [judge.verdict(condition) for judge in judges]
        holds = {verdict for verdict, _ in verdicts}
        if holds == {True}:
            nearly = any(each for _, each in verdicts)
            message = "this condition always holds" + (", but for a NaN or an empty constant" if nearly else "")
            yield Diagnostic("W406", message, condition.span, "leave it out", "warning")
        elif holds == {False}:
            message = f"this condition never holds: {rule.name} cannot match"
            yield Diagnostic("W407", message, condition.span, "what was meant, or leave the rule out", "warning")

"""What the checker finds when it has time: warnings that compare all rules with each other, or judge conditions.

They cost nothing where rules are only applied; `rewriter check` and the language server ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from rewriter.language import syntax
from rewriter.language.overlap import shadows
from rewriter.language.rules import Rule, RuleSet
from rewriter.language.standing import refused
from rewriter.language.truth import Truth, meaning_in
from rewriter.language.undoing import undoings
from rewriter.source import Diagnostic, nearest

_ALIKE = 0.85  # of 1: how alike two codes are, of which one was meant for the other
_TENSORFLOW = "Flex"  # thousands of operators, whose names are alike by themselves


def findings(sets: Iterable[RuleSet], codes: Callable[[], Collection[str]] = tuple) -> list[Diagnostic]:
    """All warnings for the rules of a run: those found when they were compiled, and those that take a closer look.

    Args:
        sets: The rules, a set for each file, in the order in which the run would have them.
        codes: Gives the custom operators that are declared elsewhere; asked only where a rule has one that is not.

    Returns:
        The warnings, by file and place.
    """
    every = list(sets)
    rules = [rule for each in every for rule in each]
    found = [warning for each in every for warning in each.warnings]
    found += [warning for rule in rules for warning in (*_conditions(rule), *refused(rule))]
    found += _misspelt(every, codes)
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


def _misspelt(sets: Iterable[RuleSet], codes: Callable[[], Collection[str]]) -> Iterator[Diagnostic]:
    """Custom operators that nobody declares, and whose code is nearly that of one that somebody does.

    To use what nobody declares is no mistake by itself. A version or dimension that differs makes another operator.
    """
    every = list(sets)
    unknown = [code for each in every for rule in each for code in _undeclared(rule)]
    if not unknown:
        return
    known = {*codes(), *(code for each in every for code in each.declarations)} - {each.value for each in unknown}
    for code in unknown:
        numbers = re.findall(r"\d+", code.value)
        alike = [each for each in known if re.findall(r"\d+", each) == numbers and not each.startswith(_TENSORFLOW)]
        near = nearest(code.value, alike, _ALIKE)
        if near is not None:
            yield Diagnostic("W409", f"nothing declares CUSTOM[{code.value}]", code.span, near, "warning")


def _undeclared(rule: Rule) -> Iterator[syntax.String]:
    """The codes of custom operators that a rule speaks of and nobody declares."""
    sides = rule.sides
    waiting: list[syntax.Syntax] = [] if sides is None else [*sides.left, *sides.right]
    while waiting and sides is not None:
        part = waiting.pop()
        if isinstance(part, syntax.Head) and part.code is not None:
            declaration = sides.dialect.find(part.name.text, part.code.value)
            if declaration is not None and declaration.operands is None:
                yield part.code
        waiting += syntax.children(part)

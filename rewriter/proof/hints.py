"""Numbers that a rule's conditions speak of, as values that its constants may have to have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rewriter.language import syntax
from rewriter.language.expressions import Undefined, compile_expression
from rewriter.language.scope import RuleScope


def hints_of(conditions: Sequence[syntax.Expression]) -> dict[str, list[float]]:
    """For each constant of a condition the numbers that stand there, several times, and some beside."""
    said: dict[str, dict[float, None]] = {}
    found: dict[str, dict[float, None]] = {}
    for condition in conditions:
        for part in _conjuncts(condition):
            numbers = [number for number in _numbers(part) if abs(number) < 1e30]
            for name in _names(part):
                mine = found.setdefault(name, {})
                said.setdefault(name, {}).update(dict.fromkeys(numbers))
                for number in numbers:
                    mine |= dict.fromkeys((number, number / 2, number + 1, number - 1, -number))
    return {name: [*[*said[name]] * 4, *numbers][:40] for name, numbers in found.items()}


def speaks_of_nothing(conditions: Sequence[syntax.Expression]) -> bool:
    """Whether a condition asks for a 0 that may be a size: only then are tensors without elements made."""
    return any(_asks_for_nothing(condition) for condition in conditions)


def _asks_for_nothing(node: syntax.Syntax) -> bool:
    if isinstance(node, syntax.Compare) and "==" in node.operators and not any(_names(node)):
        zero = any(isinstance(each, syntax.Number) and each.value == 0 for each in node.operands)
        rest = any(isinstance(each, syntax.Binary) and each.operator == "%" for each in node.operands)
        if zero and not rest:
            return True
    return any(_asks_for_nothing(child) for child in syntax.children(node))


def _conjuncts(condition: syntax.Syntax) -> Iterator[syntax.Syntax]:
    match condition:
        case syntax.Binary(operator="and" | "or", left=left, right=right):
            yield from _conjuncts(left)
            yield from _conjuncts(right)
        case _:
            yield condition


def _names(node: syntax.Syntax) -> Iterator[str]:
    if isinstance(node, syntax.Attribute) and isinstance(node.value, syntax.Name) and node.name.text == "value":
        yield node.value.text
    for child in syntax.children(node):
        yield from _names(child)


def _numbers(node: syntax.Syntax) -> Iterator[float]:
    """The numbers in an expression, each as large as it can be computed without the match."""
    whole = _value(node)
    if whole is not None:
        yield whole
        return
    for child in syntax.children(node):
        yield from _numbers(child)


def _value(node: syntax.Syntax) -> float | None:
    """What an expression is worth without any name; None where it has one, or is no number."""
    if not isinstance(node, syntax.Number | syntax.Unary | syntax.Binary):
        return None
    try:
        value = compile_expression(node, RuleScope([]))([])
    except Undefined:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None

"""New operators that can never stand: whatever their operands are, the runtime refuses their attributes.

An operator that is made from nothing has the schema's defaults where a rule writes no attribute and the root hands none
on, and some defaults are no value that a kernel takes: a pool with strides of 0. The rule is then refused wherever it
matches, which is found here before any model is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rewriter.language import syntax
from rewriter.language.inference import Known, infer
from rewriter.language.replacement import Implied, MakeOperator, Mapped, Nothing, Spread, inherited_names
from rewriter.source import Diagnostic, Span

if TYPE_CHECKING:
    from rewriter.language.rules import Rule

_OF_OPERANDS = re.compile(r"[?[]")  # sizes and shapes, as reasons write them
_MOST_OPERANDS = 3  # of which nothing is known: every number of dimensions of each is tried


def refused(rule: Rule) -> Iterator[Diagnostic]:
    """A warning for each operator that a rule makes and that can never stand."""
    if rule.sides is None:
        return
    literals: dict[tuple[int, int], object] = {}
    for equation in rule.sides.right:
        literals |= _literals(equation)
    for make in _made(rule.replacement.operators):
        reason = _refusal(rule, make, literals)
        if reason is not None and make.declaration is not None:
            yield _warning(rule, make, reason)


def _refusal(rule: Rule, make: MakeOperator, literals: Mapping[tuple[int, int], object]) -> str | None:
    """Why the runtime refuses an operator, whatever its operands are and the root hands on; None where it may not."""
    declaration = make.declaration
    if declaration is None or declaration.shape is None:
        return None
    if any(isinstance(each, Spread | Mapped) for each in make.operands):
        return None  # how many operands there are is not known
    written = {name: literals.get((span.start, span.end)) for name, _, span in make.attributes}
    handed = _handed_on(rule, make) | declaration.implied_attributes
    fixed: dict[str, object] = {}
    for name, spec in declaration.attributes.items():
        value = written.get(name, None if name in handed else spec.default)
        if value is not None:
            fixed[name] = value
    unknown = [name for name in declaration.attributes if name not in fixed and (name in written or name in handed)]
    # An implied operand is a list of sizes.
    operands = [
        None if isinstance(each, Nothing) else Known(None, (None,) if isinstance(each, Implied) else None)
        for each in make.operands
    ]
    found = infer(declaration.shape, operands, fixed, unknown, rankless=_MOST_OPERANDS)
    if found is None or found.refusal is None:
        return None
    # Of operands that are refused whatever the attributes are, something else is to be said.
    free = infer(declaration.shape, operands, {}, list(declaration.attributes), rankless=_MOST_OPERANDS)
    if free is not None and free.refusal is not None:
        return None
    # What is said of the attributes alone speaks of nothing unknown.
    return next((each for each in found.reasons if not _OF_OPERANDS.search(each)), found.refusal)


def _handed_on(rule: Rule, make: MakeOperator) -> frozenset[str]:
    """The attributes that an operator may have from the root that it helps to make."""
    assert make.declaration is not None
    written = {name for name, _, _ in make.attributes}
    roots = rule.replacement.roots[make.root].declarations.values()
    return frozenset(name for each in roots for name in inherited_names(make.declaration, each, written))


def _warning(rule: Rule, make: MakeOperator, reason: str) -> Diagnostic:
    declaration = make.declaration
    assert declaration is not None
    written = {name for name, _, _ in make.attributes}
    left = {*declaration.attributes} - written - _handed_on(rule, make) - declaration.implied_attributes
    empty = [name for name, spec in declaration.attributes.items() if name in left and spec.default == 0]
    shown = ", ".join(f"{name}=..." for name in empty if declaration.attributes[name].kind == "int")
    hint = f"attributes: {declaration.name}[{shown or '...'}](...); or @name(...), a matched operator made again"
    message = f"{declaration.name} can never stand here: {reason}"
    return Diagnostic("W410", message, make.span, hint, "warning")


def _made(operators: tuple[MakeOperator, ...]) -> Iterator[MakeOperator]:
    for make in operators:
        yield make
        for operand in make.operands:
            if isinstance(operand, Mapped):
                yield from _made(operand.operators)


def _literals(node: syntax.Syntax) -> dict[tuple[int, int], object]:
    """The values of attributes that are written out, by their place; None where one place has several values.

    A named pattern stands wherever it is used, and its parameters are other things each time.
    """
    found: dict[tuple[int, int], object] = {}

    def note(span: Span, value: object) -> None:
        place = (span.start, span.end)
        found[place] = value if found.get(place, value) == value else None

    def visit(each: syntax.Syntax) -> None:
        if isinstance(each, syntax.OperatorAttribute):
            note(each.span, _literal(each))
        for child in syntax.children(each):
            visit(child)

    visit(node)
    return found


def _literal(attribute: syntax.OperatorAttribute) -> object:
    match attribute.values:
        case (syntax.Word(text=text),):
            return text
        case (syntax.Number(value=value) | syntax.Boolean(value=value),):
            return value
        case _:
            return None

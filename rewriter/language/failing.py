"""Why a condition does not hold: the part of its text that fails, and what the names in it stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from rewriter.language import syntax
from rewriter.language.expressions import Evaluate, Frame, Scope, Undefined, compile_condition, compile_expression
from rewriter.language.target import Refusal, described, shown

_LEAVES = syntax.Name | syntax.Attribute | syntax.Index | syntax.Call
_LITERALS = syntax.Number | syntax.String | syntax.Boolean | syntax.Absent | syntax.Word | syntax.List


@frozen(eq=False)
class Condition:
    """A condition of a target; `Check` for it.

    Attributes:
        scope: Where its names are looked up.
        evaluate: It, compiled.
    """

    node: syntax.Expression
    scope: Scope
    evaluate: Callable[[Frame], bool]

    @classmethod
    def of(cls, node: syntax.Expression, scope: Scope) -> Condition:
        """Compile a condition; mistakes go to the scope's diagnostics."""
        return cls(node, scope, compile_condition(node, scope))

    def failure(self, frame: Frame) -> Refusal | None:
        """The part that fails, with the values; None where the condition holds."""
        try:
            return None if self.evaluate(frame) else self._reason(self.node, frame)
        except Undefined as undefined:
            return Refusal(self.node.span.on_one_line, str(undefined))

    def _reason(self, node: syntax.Syntax, frame: Frame) -> Refusal:
        match node:
            case syntax.Binary(operator="and", left=left, right=right):
                return self._reason(right if self._value(left, frame) is True else left, frame)
            case _:
                return Refusal(node.span.on_one_line, ", ".join(dict.fromkeys(self._values(node, frame))))

    def _values(self, node: syntax.Syntax, frame: Frame) -> Iterator[str]:
        """What the parts of a condition are worth."""
        match node:
            case syntax.Compare(operands=operands):
                for operand in operands:
                    yield from self._values(operand, frame)
            case syntax.Binary(operator="and" | "or", left=left, right=right):
                yield from self._values(left, frame)
                yield from self._values(right, frame)
            case syntax.Unary(operator="not", operand=operand):
                yield from self._values(operand, frame)
            case syntax.Call(operands=operands) if isinstance(self._value(node, frame), bool):
                for operand in operands:
                    yield from self._values(operand, frame)
            case syntax.Name(text=text) if (symbol := self.scope.symbol(text)) and symbol.properties is not None:
                yield f"{text} is {described(symbol.get(frame))}"
            case _:
                value = None if isinstance(node, _LITERALS) else self._value(node, frame)
                if value is not None:
                    yield f"{self._substituted(node, frame)} is {value if isinstance(value, str) else shown(value)}"

    def _substituted(self, node: syntax.Syntax, frame: Frame) -> str:
        """The text with numbers in the place of names, where it is arithmetic: `33 * 33`."""
        if isinstance(node, _LEAVES):
            return node.span.on_one_line
        text, start = node.span.text.text, node.span.start
        parts: list[str] = []
        for leaf in _leaves(node):
            value = self._value(leaf, frame)
            parts += [text[start : leaf.span.start], leaf.span.on_one_line if value is None else shown(value)]
            start = leaf.span.end
        return " ".join("".join([*parts, text[start : node.span.end]]).split())

    def _value(self, node: syntax.Syntax, frame: Frame) -> object:
        """What an expression is worth; None where it cannot be computed."""
        evaluate: Evaluate = compile_expression(node, self.scope)
        try:
            return evaluate(frame)
        except Undefined:
            return None


def _leaves(node: syntax.Syntax) -> Iterator[syntax.Syntax]:
    if isinstance(node, _LEAVES):
        yield node
        return
    for child in syntax.children(node):
        yield from _leaves(child)

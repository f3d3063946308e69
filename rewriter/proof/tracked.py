"""Numbers that remember how they were computed, and the comparisons that were made of them.

The shape functions of the dialect, the programs of patterns and the builder of replacements all decide by comparing
integers. Run with tracked ones they decide just as well, and leave behind which comparisons led where they did: what
has to come out otherwise, for a model to be one in which a pattern occurs, can then be solved for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import define, field, frozen

from rewriter.language.expressions import ARITHMETIC, COMPARISONS

Expression = Any
"""An int, the name of a variable (str), or (operation, expression, expression or None)."""


@frozen
class Comparison:
    """A comparison that was made, and how it came out."""

    sign: str
    left: Expression
    right: Expression
    outcome: bool
    _variables: tuple[str, ...] | None = field(default=None, init=False, eq=False, repr=False)

    @property
    def apart(self) -> bool:
        """Whether it says that two numbers are not equal."""
        return self.sign == ("!=" if self.outcome else "==")

    @property
    def with_nothing(self) -> bool:
        """Whether a single number is compared with 0."""
        sides = (self.left, self.right)
        return self.sign in ("==", "!=") and 0 in sides and any(isinstance(each, str) for each in sides)

    def holds(self, values: Mapping[str, int]) -> bool | None:
        """Whether it comes out as it did for other values of the variables; None where it cannot be computed."""
        try:
            found = COMPARISONS[self.sign](evaluate(self.left, values), evaluate(self.right, values))
        except ZeroDivisionError:
            return None
        return found == self.outcome

    def variables(self) -> tuple[str, ...]:
        """The variables in it."""
        if self._variables is None:
            # A search asks for them some thousand times.
            found = tuple(dict.fromkeys([*variables(self.left), *variables(self.right)]))
            object.__setattr__(self, "_variables", found)
            return found
        return self._variables


@define
class Trace:
    """The comparisons of one run, in order."""

    comparisons: list[Comparison] = field(factory=list[Comparison])

    def note(self, sign: str, left: Expression, right: Expression, outcome: bool) -> None:
        """Keep one; what was kept last is not kept twice."""
        found = Comparison(sign, left, right, outcome)
        if not self.comparisons or self.comparisons[-1] != found:
            self.comparisons.append(found)


def evaluate(expression: Expression, values: Mapping[str, int]) -> int:
    """The value of an expression.

    Raises:
        ZeroDivisionError: It divides by 0.
    """
    if isinstance(expression, int):
        return expression
    if isinstance(expression, str):
        return values[expression]
    sign, left, right = expression
    if right is None:
        value = evaluate(left, values)
        return -value if sign == "-" else abs(value)
    return ARITHMETIC[sign](evaluate(left, values), evaluate(right, values))


def variables(expression: Expression) -> Iterator[str]:
    """The variables in an expression; some more than once."""
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, tuple):
        _, left, right = cast("tuple[str, Expression, Expression]", expression)
        yield from variables(left)
        yield from variables(right)


def _expression(value: Any) -> Expression:
    return value.expression if isinstance(value, Tracked) else int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Tracked(int):
    """An int that was computed from variables. Wherever an int is taken, it is one."""

    expression: Expression
    trace: Trace

    @classmethod
    def make(cls, value: int, expression: Expression, trace: Trace) -> Tracked:
        """A number with what it was computed from, that notes its comparisons in `trace`."""
        made = cls(value)
        made.expression = expression
        made.trace = trace
        return made

    def _computed(self, sign: str, left: Any, right: Any) -> Any:
        value = ARITHMETIC[sign](int(left), int(right))
        return Tracked.make(value, (sign, _expression(left), _expression(right)), self.trace)

    def __add__(self, other: Any) -> Any:
        return self._computed("+", self, other) if _is_number(other) else int(self) + other

    def __radd__(self, other: Any) -> Any:
        return self._computed("+", other, self) if _is_number(other) else other + int(self)

    def __sub__(self, other: Any) -> Any:
        return self._computed("-", self, other) if _is_number(other) else int(self) - other

    def __rsub__(self, other: Any) -> Any:
        return self._computed("-", other, self) if _is_number(other) else other - int(self)

    def __mul__(self, other: Any) -> Any:
        return self._computed("*", self, other) if _is_number(other) else int(self) * other

    def __rmul__(self, other: Any) -> Any:
        return self._computed("*", other, self) if _is_number(other) else other * int(self)

    def __floordiv__(self, other: Any) -> Any:
        return self._computed("//", self, other) if _is_number(other) else int(self) // other

    def __rfloordiv__(self, other: Any) -> Any:
        return self._computed("//", other, self) if _is_number(other) else other // int(self)

    def __mod__(self, other: Any) -> Any:
        return self._computed("%", self, other) if _is_number(other) else int(self) % other

    def __rmod__(self, other: Any) -> Any:
        return self._computed("%", other, self) if _is_number(other) else other % int(self)

    def __neg__(self) -> Any:
        return Tracked.make(-int(self), ("-", self.expression, None), self.trace)

    def __abs__(self) -> Any:
        return Tracked.make(abs(int(self)), ("abs", self.expression, None), self.trace)

    def __pos__(self) -> Any:
        return self

    def _compared(self, sign: str, other: Any) -> bool:
        outcome = COMPARISONS[sign](int(self), int(other))
        self.trace.note(sign, self.expression, _expression(other), outcome)
        return outcome

    def __eq__(self, other: object) -> bool:
        return self._compared("==", other) if _is_number(other) else int(self) == other

    def __ne__(self, other: object) -> bool:
        return self._compared("!=", other) if _is_number(other) else int(self) != other

    def __lt__(self, other: Any) -> bool:
        return self._compared("<", other) if _is_number(other) else int(self) < other

    def __le__(self, other: Any) -> bool:
        return self._compared("<=", other) if _is_number(other) else int(self) <= other

    def __gt__(self, other: Any) -> bool:
        return self._compared(">", other) if _is_number(other) else int(self) > other

    def __ge__(self, other: Any) -> bool:
        return self._compared(">=", other) if _is_number(other) else int(self) >= other

    def __bool__(self) -> bool:
        return self._compared("!=", 0)

    def __hash__(self) -> int:
        return hash(int(self))

    def __index__(self) -> int:
        return int(self)

    def __repr__(self) -> str:
        return repr(int(self))

    def __str__(self) -> str:
        return str(int(self))

    def __format__(self, spec: str) -> str:
        return format(int(self), spec)

    def __reduce__(self) -> Any:
        return int, (int(self),)


def plain(value: Any) -> Any:
    """A number, or a list or tuple of numbers, as Python's own."""
    if isinstance(value, Tracked):
        return int(value)
    if isinstance(value, list | tuple):
        parts = cast("list[Any] | tuple[Any, ...]", value)
        return type(parts)(plain(each) for each in parts)
    return value

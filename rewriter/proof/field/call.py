"""One operator as the references see it: its operands in logical order, and its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from rewriter.proof.field.value import NoReference, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.model import Operator, Tensor

    Reference = Callable[["Call"], Value | Sequence[Value]]
    """Computes an operator's results. ValueError, LookupError, ArithmeticError: the operands do not fit."""


@frozen(eq=False)
class Call:
    """An operator with the values of its operands.

    Attributes:
        tensors: The operands, in logical order; None for an absent one.
        values: Their values.
        divisors: Where what was divided by is noted: the sum of the degrees of all the numerators.
    """

    operator: Operator
    tensors: tuple[Tensor | None, ...]
    values: tuple[Value | None, ...]
    divisors: list[int] = field(factory=list[int])

    def optional(self, place: int) -> Value | None:
        """An operand that may be absent."""
        return self.values[place] if place < len(self.values) else None

    def value(self, place: int = 0) -> Value:
        """An operand.

        Raises:
            NoReference: It is absent.
        """
        found = self.optional(place)
        if found is None:
            raise NoReference(f"{self.where} has no operand {place}")
        return found

    def several(self) -> list[Value]:
        """All operands of an operator that takes any number."""
        return [self.value(place) for place in range(len(self.values))]

    def integers(self, place: int, what: str) -> list[int]:
        """The numbers of an operand that says how: an axis, sizes, places. In order, whatever its shape.

        Raises:
            NoReference: They depend on an input.
        """
        return self.integer_array(place, what).reshape(-1).tolist()

    def integer_array(self, place: int, what: str) -> Any:
        """The same in the operand's shape, as an array of objects."""
        found = self.value(place).integers
        if found is None:
            raise NoReference(f"the {what} of {self.where} is not known before a run")
        return found

    def integer(self, place: int, what: str) -> int:
        """The only number of an operand that says how."""
        numbers = self.integers(place, what)
        if len(numbers) != 1:
            raise ValueError(f"the {what} is {len(numbers)} numbers, not one")
        return numbers[0]

    def number(self, name: str) -> int:
        """An attribute that is an integer."""
        return cast("int", self.operator.attribute(name))

    def numbers(self, name: str) -> list[int]:
        """An attribute that is a list of integers."""
        return list(cast("Sequence[int]", self.operator.attribute(name)))

    def flag(self, name: str) -> bool:
        """An attribute that is true or false."""
        return bool(self.operator.attribute(name))

    def word(self, name: str) -> str:
        """An attribute that is a word."""
        return cast("str", self.operator.attribute(name))

    @property
    def floating(self) -> bool:
        """Whether the first result holds floats."""
        return self.operator.outputs[0].dtype in ("f16", "f32", "f64")

    @property
    def where(self) -> str:
        """The operator, for a message."""
        return place_of(self.operator)


def place_of(operator: Operator) -> str:
    """An operator in a message: its kind, and the name of its first result."""
    at = f" at {operator.outputs[0].name!r}" if operator.outputs else ""
    return f"{operator.name}{at}"

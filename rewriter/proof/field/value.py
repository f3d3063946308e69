"""What a tensor is in exact arithmetic: residues, how large a polynomial they are of, and why there may be none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import field, frozen

from rewriter.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.verify.protocol import Array


class NoReference(CheckError):
    """A model, or an operator in it, has no exact reference; the message says which, and why."""


class ZeroDivisor(CheckError):
    """A divisor was 0 at this point. Another point may do."""


@frozen
class Degree:
    """Upper bounds of the total degrees of a quotient of two polynomials; `denominator` is 0 where it is a polynomial.

    For a tensor: every element is a quotient of its own, and these are bounds for each of them.
    """

    numerator: int = 0
    denominator: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.numerator + self.denominator

    def plus(self, other: Degree) -> Degree:
        """Of a sum."""
        numerator = max(self.numerator + other.denominator, self.denominator + other.numerator)
        return Degree(numerator, self.denominator + other.denominator)

    def times(self, other: Degree) -> Degree:
        """Of a product."""
        return Degree(self.numerator + other.numerator, self.denominator + other.denominator)

    def over(self, other: Degree) -> Degree:
        """Of a quotient."""
        return self.times(Degree(other.denominator, other.numerator))

    def either(self, other: Degree) -> Degree:
        """Of what may be the one or the other."""
        return Degree(max(self.numerator, other.numerator), max(self.denominator, other.denominator))

    def summed(self, count: int) -> Degree:
        """Of a sum of so many."""
        if count < 1:
            return Degree()
        return Degree(self.numerator + self.denominator * (count - 1), self.denominator * count)

    def power(self, count: int) -> Degree:
        """Of a product of so many."""
        return Degree(self.numerator * count, self.denominator * count)


def _as_objects(integers: Array | None) -> Array | None:
    # A single one that is taken out of an array of objects is no array any more.
    return None if integers is None else np.asarray(integers, object)


@frozen(eq=False)
class Value:
    """The value of a tensor.

    Attributes:
        residues: int64, in the tensor's shape.
        degree: As a polynomial in the elements of the inputs.
        integers: The numbers themselves, as Python ints in an array of objects, where they are whole numbers that do
            not depend on the inputs: what says where something is taken from, or how large it becomes.
    """

    residues: Array
    degree: Degree = Degree()
    integers: Array | None = field(default=None, converter=_as_objects)

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return self.residues.shape

    def moved(self, move: Callable[[Array], Array]) -> Value:
        """The value after its elements were moved, repeated or left out."""
        integers = None if self.integers is None else move(self.integers)
        return Value(move(self.residues), self.degree, integers)


def joined(values: Sequence[Value], join: Callable[[list[Array]], Array]) -> Value:
    """One value made of the elements of several, as `join` puts them together."""
    degree = Degree()
    for value in values:
        degree = degree.either(value.degree)
    known = [value.integers for value in values if value.integers is not None]
    integers = join(known) if len(known) == len(values) else None
    return Value(join([value.residues for value in values]), degree, integers)

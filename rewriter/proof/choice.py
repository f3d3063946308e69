"""Where an instance's choices come from: Hypothesis, which can make them smaller again, or a plain generator."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from attrs import define, field, frozen
from hypothesis.strategies import SearchStrategy

if TYPE_CHECKING:
    from hypothesis.internal.conjecture.data import ConjectureData

T = TypeVar("T")


class Source(Protocol):
    """Makes choices. The first of several options is the simplest."""

    def below(self, count: int) -> int:
        """A number from 0 on, below `count`."""
        ...


def pick(source: Source, options: Sequence[T]) -> T:
    """One of some options."""
    return options[source.below(len(options))] if len(options) > 1 else options[0]


def chance(source: Source, percent: int) -> bool:
    """True in so many of a hundred cases; no is simpler."""
    return source.below(100) >= 100 - percent


@define
class RandomSource:
    """Choices that nobody will want to have smaller."""

    generator: random.Random = field(factory=lambda: random.Random(0))

    @classmethod
    def seeded(cls, *parts: object) -> RandomSource:
        """One that makes the same choices again for the same parts of a seed."""
        return cls(random.Random("/".join(map(str, parts))))

    def below(self, count: int) -> int:
        return self.generator.randrange(count)


@frozen
class _DrawnSource:
    """Choices drawn by Hypothesis."""

    data: ConjectureData

    def below(self, count: int) -> int:
        return self.data.draw_integer(0, count - 1) if count > 1 else 0


class Drawn(SearchStrategy[T]):
    """What a function makes of choices, as a strategy.

    One strategy and not many small ones: with a span for each number, drawing would take longer than running, and half
    of the examples would be those before them with some numbers repeated.
    """

    def __init__(self, make: Callable[[Source], T]) -> None:
        super().__init__()
        self.make = make

    def do_draw(self, data: ConjectureData) -> T:
        return self.make(_DrawnSource(data))

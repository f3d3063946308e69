"""Where an instance's choices come from: Hypothesis, which can make them smaller again, or a plain generator."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from attrs import define, field
from hypothesis import strategies as st

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

    def below(self, count: int) -> int:
        return self.generator.randrange(count)


@define
class DrawnSource:
    """Choices drawn by Hypothesis."""

    draw: Callable[[st.SearchStrategy[int]], int]

    def below(self, count: int) -> int:
        return self.draw(_strategy(count))


_STRATEGIES: dict[int, st.SearchStrategy[int]] = {}


def _strategy(count: int) -> st.SearchStrategy[int]:
    found = _STRATEGIES.get(count)
    if found is None:
        found = _STRATEGIES[count] = st.integers(0, count - 1)
    return found

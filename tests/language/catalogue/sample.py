"""Samples of the catalogue's rules: for each rule a small model where it fires, and changes to it that forbid it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field, frozen

from tests.unit.networks import Network

if TYPE_CHECKING:
    from rewriter.model import Model, Tensor

Build = Callable[..., "Tensor | tuple[Tensor, ...]"]
Changes = Mapping[str, Any]


@frozen
class Sample:
    """A rule and the models that show what it does.

    Attributes:
        rule: Its name, which is the catalogue's; where one row takes several rules, a word more.
        row: The catalogue's row, where the rule covers several.
        build: Adds to a network what the rule is to find, and returns the outputs. Its keywords are what can change.
        leaves: The operators afterwards, as `shown` writes them.
        unless: Changes under which the rule must not fire, each under what is wrong then.
        attributes: What operators have afterwards, by the name of their result, where `leaves` does not show it.
        body: Builds the subgraph of index 1, where the model needs one.
    """

    rule: str
    build: Build
    leaves: tuple[str, ...]
    unless: Mapping[str, Changes]
    attributes: Mapping[str, Mapping[str, object]]
    body: Build | None = None
    row: str = ""

    @property
    def name(self) -> str:
        """What tells it from other samples."""
        return f"{self.rule} for {self.row}" if self.row else self.rule

    def model(self, **changes: Any) -> Model:
        """The model, with some things in it as they should not be."""
        network = Network()
        body = Network()
        others = [(body, _several(self.body(body)))] if self.body is not None else []
        return network.build(*_several(self.build(network, **changes)), others=others)


def _several(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


@define
class Group:
    """The samples of one of the catalogue's groups, whose rules stand in the `.pat` file of the same name."""

    name: str
    samples: list[Sample] = field(factory=list[Sample])

    def sample(
        self,
        rule: str,
        leaves: Sequence[str],
        unless: Mapping[str, Changes],
        attributes: Mapping[str, Mapping[str, object]] | None = None,
        body: Build | None = None,
        row: str = "",
    ) -> Callable[[Build], Build]:
        """Take a function that builds a model as a rule's sample."""

        def take(build: Build) -> Build:
            self.samples.append(Sample(rule, build, tuple(leaves), unless, attributes or {}, body, row))
            return build

        return take


# Where a rule leaves its input alone, something else makes the output.
ENDED = ("z = NEG(x)",)


def ended(net: Network, root: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
    """The root read by another operator, so that it is no output."""
    return (net.add("NEG", [root], "z"), *more)


def ints(net: Network, name: str, values: Any, dtype: str = "i32") -> Tensor:
    """A constant of integers."""
    return net.constant(name, values, dtype)


def floats(net: Network, name: str, shape: Sequence[int], dtype: str = "f32", **more: Any) -> Tensor:
    """A constant of numbers between 0.5 and 2 of either sign, the same each time."""
    rng = np.random.default_rng(len(shape) + sum(map(ord, name)))
    return net.constant(name, rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape), dtype, **more)


def reshaped(net: Network, x: Tensor, name: str, shape: Sequence[int], size: Sequence[int] | None = None) -> Tensor:
    """A reshape, by a constant that is called after it."""
    return net.add("RESHAPE", [x, ints(net, f"{name}s", size or shape)], name, shape)

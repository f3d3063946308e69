"""Samples of the catalogue's rules: for each rule a small model where it fires, and changes to it that forbid it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
        build: Adds to a network what the rule is to find, and returns the outputs. Its keywords are what can change.
        leaves: The operators afterwards, as `shown` writes them.
        unless: Changes under which the rule must not fire, each under what is wrong then.
        attributes: What operators have afterwards, by the name of their result, where `leaves` does not show it.
    """

    rule: str
    build: Build
    leaves: tuple[str, ...]
    unless: Mapping[str, Changes]
    attributes: Mapping[str, Mapping[str, object]]

    def model(self, **changes: Any) -> Model:
        """The model, with some things in it as they should not be."""
        network = Network()
        outputs = self.build(network, **changes)
        return network.build(*(outputs if isinstance(outputs, tuple) else (outputs,)))


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
    ) -> Callable[[Build], Build]:
        """Take a function that builds a model as a rule's sample."""

        def take(build: Build) -> Build:
            self.samples.append(Sample(rule, build, tuple(leaves), unless, attributes or {}))
            return build

        return take

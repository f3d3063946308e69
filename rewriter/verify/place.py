"""Places: where a rule fired, as a region of the model before and one of the model after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.verify.region import Region, region_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewriter.language.rules import Equality
    from rewriter.model import Model, Tensor
    from rewriter.verify.cut import Cut


@frozen(eq=False)
class Place:
    """One application of a rule.

    Attributes:
        rule: The rule, as ``pack.rule``.
        subgraph: Which subgraph it is in.
        before: The operators that matched; its inputs are what they read from outside, its outputs the roots.
        after: The replacement, with the same inputs and outputs one by one. It has no operators where the replacement
            is a capture or a constant.
        equality: What the rule states.
        sources: The tensors of the original model whose values the inputs take; None for one that a rule made.
        roots: The tensors of the original model that the outputs are; none at all if one of them is none of its.
        kept: Whether the rewritten model still computes the outputs of `after`, which a later rule may have replaced.
        cut: What was cut off behind the model's outputs, where the rule drops some: `after` then ends in what is left.
        label: What changed, where it was something that no tensor shows: both sides are then empty, and only the whole
            model can be compared.
    """

    rule: str
    subgraph: int
    before: Region
    after: Region
    equality: Equality
    sources: tuple[Tensor | None, ...]
    roots: tuple[Tensor, ...]
    kept: bool = True
    cut: Cut | None = None
    label: str = ""

    @property
    def shows(self) -> bool:
        """Whether it has a result of its own that could be compared."""
        return bool(self.before.outputs)

    @property
    def root(self) -> str:
        """Its first root by name, or what else changed."""
        return self.before.outputs[0].name if self.shows else self.label

    @property
    def name(self) -> str:
        """The place in words: its rule and its first root."""
        return f"{self.rule} at {self.root!r}"


def place_between(
    rule: str,
    models: tuple[Model, Model],
    subgraph: int,
    inputs: Sequence[tuple[Tensor, Tensor]],
    roots: Sequence[tuple[Tensor, Tensor]],
    equality: Equality,
) -> Place:
    """A place from its boundary alone; its operators are those in between.

    Args:
        rule: The rule, as ``pack.rule``.
        models: The model before, and the one after.
        subgraph: Which subgraph it is in.
        inputs: The tensors that the match read from outside, constants excepted: each before, and after.
        roots: The tensors that were replaced: each before, and after.
        equality: What the rule states.
    """
    before, after = (
        region_between(
            model, model.subgraphs[subgraph], [pair[side] for pair in inputs], [pair[side] for pair in roots]
        )
        for side, model in enumerate(models)
    )
    return Place(rule, subgraph, before, after, equality, before.inputs, before.outputs)


def cuts_of(places: Iterable[Place]) -> dict[int, list[Cut]]:
    """What was cut off behind the outputs of each subgraph, in the order in which it was."""
    cuts: dict[int, list[Cut]] = {}
    for place in places:
        if place.cut is not None:
            cuts.setdefault(place.subgraph, []).append(place.cut)
    return cuts

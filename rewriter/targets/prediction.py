"""What a delegate will take of a model, by its target: the partitions, and why the rest stays outside."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, field, frozen

from rewriter import packs
from rewriter.dialect.declaration import Declaration, undeclared
from rewriter.dialect.dialect import builtin_declarations
from rewriter.language.target import Names, Refusal, Target
from rewriter.model import Buffer, Model, Operator, Subgraph, Tensor
from rewriter.targets.partition import cut

FindCustom = Callable[[str], Declaration | None]
"""Finds the declaration of a custom operator by its code."""


@frozen
class Blocked:
    """An operator that stays outside.

    Attributes:
        subgraph, index: Where it stands.
        refusal: What the target asks for, in its own text, and what the operator has.
        refused: Whether it is the operator itself that the target does not take, and not the partition that it is in.
    """

    subgraph: int
    index: int
    operator: Operator = field(eq=False)
    refusal: Refusal
    refused: bool

    @property
    def reason(self) -> str:
        """The refusal in a line."""
        return str(self.refusal)


@frozen
class Prediction:
    """What a delegate takes of a model.

    Attributes:
        partitions: For each subgraph, its partitions: operator indices in the order in which they run.
        blocked: Everything else, by subgraph and index.
    """

    target: Target = field(eq=False)
    partitions: tuple[tuple[tuple[int, ...], ...], ...]
    blocked: tuple[Blocked, ...]

    @property
    def count(self) -> int:
        """How many partitions there are, in all subgraphs."""
        return sum(map(len, self.partitions))


def predict(model: Model, target: Target, custom: FindCustom | None = None) -> Prediction:
    """Say what a delegate will take.

    The runtime hands every subgraph to a delegate, the bodies of control flow included.

    Args:
        model: The model.
        target: The delegate.
        custom: Finds declarations of custom operators; by default those of the installed packs.
    """
    custom = functools.cache(custom or packs.finder())
    partitions: list[tuple[tuple[int, ...], ...]] = []
    blocked: list[Blocked] = []
    for subgraph in model.subgraphs:
        refused = refusals(subgraph, target, custom)
        reasons = dict(refused)
        if target.first:
            reasons |= _behind(subgraph, target, refused)
        found = cut(subgraph, {each for each in subgraph.operators if each not in reasons})
        if target.largest is not None:
            found, small = _largest(found, target.largest)
            for partition in small:
                reason = Refusal(_too_small(target, partition))
                reasons |= {subgraph.operators[index]: reason for index in partition}
        partitions.append(tuple(map(tuple, found)))
        blocked += (
            Blocked(subgraph.index, index, operator, reasons[operator], operator in refused)
            for index, operator in enumerate(subgraph.operators)
            if operator in reasons
        )
    return Prediction(target, tuple(partitions), tuple(blocked))


def declaration_of(operator: Operator, custom: FindCustom) -> Declaration:
    """The declaration of an operator, or what is known of one that nobody declares."""
    code = operator.code
    if code.custom_code is not None:
        return custom(code.custom_code) or Declaration("CUSTOM", code.custom_code)
    return builtin_declarations().get(code.builtin) or undeclared(code.builtin)


def refusals(subgraph: Subgraph, target: Target, custom: FindCustom) -> dict[Operator, Refusal]:
    """Why each operator is not taken that is not, whatever the partitions are."""
    if target.unpacks_whole and not _refusals(subgraph, target, custom, whole=True):
        return {}
    return _refusals(subgraph, target, custom, whole=False)


def _refusals(subgraph: Subgraph, target: Target, custom: FindCustom, *, whole: bool) -> dict[Operator, Refusal]:
    reasons: dict[Operator, Refusal] = {}
    constants: dict[Tensor, Tensor] = {}
    unpacking: dict[Tensor, Operator] = {}
    for index, operator in enumerate(subgraph.operators):
        names = Names.of(operator, declaration_of(operator, custom), constants)
        if target.unpacked(names, whole=whole):
            for tensor in operator.outputs:
                constants[tensor] = _unpacked(tensor)
                unpacking[tensor] = operator
            continue
        reason = target.refusal(names)
        if reason is None:
            continue
        reasons[operator] = reason
        for tensor in operator.inputs:
            if tensor in unpacking:
                # Somebody else reads the data, so that the runtime has to compute it as well.
                reader = f"{operator.name} {index}"
                refusal = Refusal(f"its result is read by {reader}, which {target.name} leaves")
                reasons.setdefault(unpacking[tensor], refusal)
    return reasons


# Constant by the time the delegate runs, with data that nobody can read now.
_DATA = Buffer(-1, size=1, data=b"")
_KNOWN = ("name", "dtype", "shape", "shape_signature", "quantization")


def _unpacked(tensor: Tensor) -> Tensor:
    found = evolve(tensor, buffer=_DATA)
    for name in _KNOWN:
        setattr(found, name, getattr(tensor, name))
    return found


def _behind(subgraph: Subgraph, target: Target, reasons: Mapping[Operator, Refusal]) -> dict[Operator, Refusal]:
    """Why what could be taken stays outside behind the first operator that is not."""
    ending: str | None = None
    found: dict[Operator, Refusal] = {}
    for index, operator in enumerate(subgraph.operators):
        if operator in reasons:
            ending = ending or f"{operator.name} {index}"
        elif ending is not None:
            found[operator] = Refusal(f"it runs after {ending}, and {target.name} takes nothing behind what it leaves")
    return found


def _largest(partitions: Sequence[list[int]], count: int) -> tuple[list[list[int]], list[list[int]]]:
    """The largest partitions, earlier ones first where they are equal, and the others."""
    order = sorted(range(len(partitions)), key=lambda place: -len(partitions[place]))
    kept = set(order[:count])
    return (
        [each for place, each in enumerate(partitions) if place in kept],
        [each for place, each in enumerate(partitions) if place not in kept],
    )


def _too_small(target: Target, partition: Sequence[int]) -> str:
    most = f"the largest {target.largest} partitions" if target.largest != 1 else "the largest partition"
    count = f"{len(partition)} operator{'s' * (len(partition) != 1)}"
    return f"{target.name} is given {most} only, and this one has {count}"

"""Which input and output of one model is which of the other's."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewriter.model import Model, Subgraph, Tensor
    from rewriter.verify.cut import Cut

Pair = tuple["Tensor", "Tensor"]
_HINT = "compare models with the same inputs and outputs"


@frozen(eq=False)
class Interface:
    """An entry point of two models: its subgraph in each, and what goes in and out in pairs, in the first's order.

    Attributes:
        cuts: What was cut off behind the outputs of the second.
    """

    subgraphs: tuple[Subgraph, Subgraph]
    inputs: tuple[Pair, ...]
    outputs: tuple[Pair, ...]
    cuts: tuple[Cut, ...] = ()


def by_position(
    before: Model, after: Model, cuts: Mapping[int, Sequence[Cut]] = MappingProxyType({})
) -> list[Interface]:
    """For a model and what became of it: rewriting keeps the order, whatever it does to names and types.

    Args:
        before: The model.
        after: What became of it.
        cuts: What was cut off behind the outputs of its subgraphs, by their indices. What is then paired with an output
            of the model before is the tensor that is computed for it from the outputs of the model after.

    Returns:
        The main subgraph first, then those that only a signature leads to.

    Raises:
        UsageError: They differ in number or in their signatures, or one computes nothing.
    """
    return [_interface(pair, cuts.get(pair[0].index, ()), named=False) for pair in _entries(before, after)]


def by_name(before: Model, after: Model) -> list[Interface]:
    """For any two models: by name where both use the same names, and by position otherwise.

    Returns:
        As `by_position`.

    Raises:
        UsageError: They differ in number, type or shape, or in their signatures, or one computes nothing.
    """
    interfaces = [_interface(pair, (), named=True) for pair in _entries(before, after)]
    for interface in interfaces:
        for what, pairs in (("input", interface.inputs), ("output", interface.outputs)):
            for left, right in pairs:
                if left.dtype != right.dtype or left.shape != right.shape:
                    raise UsageError(
                        f"{what} {left.name!r} is {_described(left)}, but {right.name!r} of the other model is "
                        f"{_described(right)}",
                        hint=_HINT,
                    )
    return interfaces


def _entries(before: Model, after: Model) -> list[tuple[Subgraph, Subgraph]]:
    if not before.subgraphs or not after.subgraphs:
        raise UsageError("a model without any subgraph computes nothing that could be compared")
    entries = {before.subgraphs[0]: after.subgraphs[0]}
    others = {signature.key: signature.subgraph for signature in after.signatures}
    for signature in before.signatures:
        if signature.key not in others:
            raise UsageError(f"the other model has no signature {signature.key!r}", hint=_HINT)
        entries.setdefault(signature.subgraph, others[signature.key])
    return list(entries.items())


def _interface(pair: tuple[Subgraph, Subgraph], cuts: Sequence[Cut], *, named: bool) -> Interface:
    first, second = pair
    outputs = cuts[0].before if cuts else second.outputs
    return Interface(
        pair,
        _paired("input", first.inputs, second.inputs, named=named),
        _paired("output", first.outputs, outputs, named=named),
        tuple(cuts),
    )


def _paired(what: str, first: Sequence[Tensor], second: Sequence[Tensor], *, named: bool) -> tuple[Pair, ...]:
    if len(first) != len(second):
        raise UsageError(
            f"one model has {len(first)} {what}{'' if len(first) == 1 else 's'}, the other has {len(second)}",
            hint=_HINT,
        )
    names = {tensor.name: tensor for tensor in second}
    if named and len(names) == len(second) and names.keys() == {tensor.name for tensor in first}:
        return tuple((tensor, names[tensor.name]) for tensor in first)
    return tuple(zip(first, second, strict=True))


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype}{list(tensor.shape)}"

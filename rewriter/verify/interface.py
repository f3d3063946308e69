"""Which input and output of one model is which of the other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.model import Model, Subgraph, Tensor

Pair = tuple["Tensor", "Tensor"]


@frozen(eq=False)
class Interface:
    """The inputs and outputs of two models in pairs, in the first one's order."""

    inputs: tuple[Pair, ...]
    outputs: tuple[Pair, ...]


def by_position(before: Model, after: Model) -> Interface:
    """For a model and what became of it: rewriting keeps the order, whatever it does to names and types.

    Raises:
        UsageError: They differ in number, or one computes nothing.
    """
    first, second = _main(before), _main(after)
    return Interface(
        _paired("input", first.inputs, second.inputs, named=False),
        _paired("output", first.outputs, second.outputs, named=False),
    )


def by_name(before: Model, after: Model) -> Interface:
    """For any two models: by name where both use the same names, and by position otherwise.

    Raises:
        UsageError: They differ in number, type or shape, or one computes nothing.
    """
    first, second = _main(before), _main(after)
    interface = Interface(
        _paired("input", first.inputs, second.inputs, named=True),
        _paired("output", first.outputs, second.outputs, named=True),
    )
    for what, pairs in (("input", interface.inputs), ("output", interface.outputs)):
        for left, right in pairs:
            if left.dtype != right.dtype or left.shape != right.shape:
                raise UsageError(
                    f"{what} {left.name!r} is {_described(left)}, but {right.name!r} of the other model is "
                    f"{_described(right)}",
                    hint="compare models with the same inputs and outputs",
                )
    return interface


def _main(model: Model) -> Subgraph:
    if not model.subgraphs:
        raise UsageError("a model without any subgraph computes nothing that could be compared")
    return model.subgraphs[0]


def _paired(what: str, first: Sequence[Tensor], second: Sequence[Tensor], *, named: bool) -> tuple[Pair, ...]:
    if len(first) != len(second):
        raise UsageError(
            f"one model has {len(first)} {what}{'' if len(first) == 1 else 's'}, the other has {len(second)}",
            hint="compare models with the same inputs and outputs",
        )
    names = {tensor.name: tensor for tensor in second}
    if named and len(names) == len(second) and names.keys() == {tensor.name for tensor in first}:
        return tuple((tensor, names[tensor.name]) for tensor in first)
    return tuple(zip(first, second, strict=True))


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype}{list(tensor.shape)}"

"""Regions: the operators of a model between some tensors and some others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rewriter.model import Model, Operator, Subgraph, Tensor


@frozen(eq=False)
class Region:
    """Operators of one subgraph that compute `outputs` from `inputs` and constants.

    Attributes:
        model: The model that they stand in.
        operators: In the order in which they run. None at all where every output is an input or a constant.
        inputs: The tensors that a run is given, all of them, read or not.
        outputs: The tensors that a run gives.
    """

    model: Model
    operators: tuple[Operator, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its operators, for a reader."""
        return tuple(operator.name for operator in self.operators)


def read_by(operators: Iterable[Operator]) -> list[Tensor]:
    """What operators have to be given: no constants, nor each other's results, nor what they keep for themselves."""
    listed = list(operators)
    made = {tensor for operator in listed for tensor in operator.outputs}
    tensors = dict.fromkeys(tensor for operator in listed for tensor in operator.inputs if tensor is not None)
    return [each for each in tensors if each not in made and not each.is_constant and not each.is_variable]


def region_between(model: Model, subgraph: Subgraph, inputs: Iterable[Tensor], outputs: Iterable[Tensor]) -> Region:
    """The operators that compute `outputs`, walking back from them as far as `inputs` and constants."""
    given = tuple(dict.fromkeys(inputs))
    wanted = tuple(outputs)
    found: set[Operator] = set()
    seen = set(given)
    open_ends = [tensor for tensor in wanted if tensor not in seen]
    while open_ends:
        producer = open_ends.pop().producer
        if producer is None or producer in found:
            continue
        found.add(producer)
        for tensor in producer.inputs:
            if tensor is not None and tensor not in seen:
                seen.add(tensor)
                open_ends.append(tensor)
    # Results that nobody asked for do no harm, and the file's order is an order that runs.
    operators = tuple(operator for operator in subgraph.operators if operator in found)
    return Region(model, operators, given, wanted)

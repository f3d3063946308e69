"""Cleanups of what quantization parameters carry without need."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from rewriter.changes import EditTensor, View
from rewriter.model import Quantization


def strip_min_max(view: View) -> Iterator[EditTensor]:
    """Minimum and maximum of constants."""
    return _stripped(view, constants=True)


def strip_activation_min_max(view: View) -> Iterator[EditTensor]:
    """Minimum and maximum of what is computed, inputs and outputs of the model among it."""
    return _stripped(view, constants=False)


def _stripped(view: View, *, constants: bool) -> Iterator[EditTensor]:
    for subgraph in view.model.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.is_constant != constants:
                continue
            parameters = tensor.quantization
            if parameters is not None and (parameters.minimum or parameters.maximum) and tensor.is_plain:
                yield EditTensor(subgraph, tensor, {"quantization": _without(parameters)})


def _without(parameters: Quantization) -> Quantization | None:
    """The parameters without the range; none where there was nothing but the range."""
    return evolve(parameters, minimum=(), maximum=()) if parameters.scale else None

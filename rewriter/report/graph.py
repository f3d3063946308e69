"""A model's graph as data to draw it from: all of its operators and tensors, and of constants the shortest alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from rewriter.dialect.dialect import bodies_of
from rewriter.dialect.inference import sizes_of
from rewriter.report.facts import Facts, bytes_of

if TYPE_CHECKING:
    from rewriter.model import Model, Operator, Quantization, Subgraph, Tensor

_VALUES = 16  # of a constant
_LISTED = 64  # of an attribute that is a list
_LONGEST = 500  # characters of an attribute
_ZERO_POINTS = 8


def graphs_json(model: Model) -> list[dict[str, Any]]:
    """The subgraphs of a model, for a reader that draws them."""
    facts = Facts(model)
    return [_subgraph(facts, number, subgraph) for number, subgraph in enumerate(model.subgraphs)]


def sizes_json(model: Model, size: int) -> dict[str, Any]:
    """How large a model is.

    Args:
        model: The model.
        size: The bytes of its file.
    """
    constants = Facts(model).constants_by_kind()
    return {
        "bytes": size,
        "constant_bytes": sum(buffer.size for buffer in model.buffers),
        "subgraphs": len(model.subgraphs),
        "operators": sum(len(subgraph.operators) for subgraph in model.subgraphs),
        "tensors": sum(len(subgraph.tensors) for subgraph in model.subgraphs),
        "kinds": [
            {"operator": kind, "count": count, "constant_bytes": constants[kind]}
            for kind, count in model.histogram().items()
        ],
    }


def _subgraph(facts: Facts, number: int, subgraph: Subgraph) -> dict[str, Any]:
    places = {tensor: place for place, tensor in enumerate(subgraph.tensors)}
    return {
        "index": number,
        "name": subgraph.name,
        "inputs": [places[tensor] for tensor in subgraph.inputs],
        "outputs": [places[tensor] for tensor in subgraph.outputs],
        "tensors": [_tensor(tensor) for tensor in subgraph.tensors],
        "operators": [_operator(facts, operator, places) for operator in subgraph.operators],
    }


def _operator(facts: Facts, operator: Operator, places: Mapping[Tensor, int]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operator": operator.name,
        "version": operator.code.version,
        "inputs": [-1 if tensor is None else places[tensor] for tensor in operator.inputs],
        "outputs": [places[tensor] for tensor in operator.outputs],
        "operands": [name for name, _ in facts.operands(operator)],
        "attributes": {name: plain(value) for name, value in facts.attributes(operator).items()},
    }
    bodies = list(bodies_of(operator))
    return found | ({"bodies": bodies} if bodies else {})


def _tensor(tensor: Tensor) -> dict[str, Any]:
    found: dict[str, Any] = {"name": tensor.name, "type": tensor.dtype, "shape": list(sizes_of(tensor))}
    if tensor.quantization is not None and tensor.quantization.scale:
        found["quantization"] = _quantization(tensor.quantization)
    if tensor.is_constant:
        found["constant_bytes"] = bytes_of(tensor)
        values = _values(tensor)
        if values is not None:
            found["values"] = values
    marks = (("variable", tensor.is_variable), ("sparse", tensor.is_sparse))
    return found | {name: True for name, holds in marks if holds}


def _quantization(parameters: Quantization) -> dict[str, Any]:
    """The parameters; of many channels their extent."""
    if not parameters.per_channel:
        zero_point = parameters.zero_point[0] if parameters.zero_point else 0
        return {"scale": plain(parameters.scale[0]), "zero_point": zero_point}
    return {
        "channels": len(parameters.scale),
        "dimension": parameters.dimension,
        "scale": [plain(min(parameters.scale)), plain(max(parameters.scale))],
        "zero_points": sorted(set(parameters.zero_point))[:_ZERO_POINTS],
    }


def _values(tensor: Tensor) -> Any:
    """The values of a short constant, as a list of lists; None for a longer one, or one that cannot be read."""
    sizes = tensor.shape
    if math.prod(sizes) > _VALUES or tensor.is_sparse or bytes_of(tensor) > 64 * _VALUES:
        return None
    from rewriter.dialect.values import stored_values  # brings NumPy, which nothing else here needs

    try:
        return plain(stored_values(tensor).tolist())
    except ValueError:
        return None


def plain(value: object) -> Any:
    """A value as JSON can hold it: figures that are not finite in words, long lists and texts cut short."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        listed = cast("list[object]", value)
        return [plain(each) for each in listed[:_LISTED]] + ["…"] * (len(listed) > _LISTED)
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

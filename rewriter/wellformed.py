"""The graph check: what must be so in every model, whatever it computes."""

from __future__ import annotations

from math import prod

from attrs import frozen

from rewriter.model import DTYPES, Model, Operator, Subgraph, Tensor


@frozen
class Complaint:
    """Something that is wrong with a graph.

    Attributes:
        kind: Which rule of the check it breaks.
        place: The tensor or operator, as a person would look for it.
    """

    kind: str
    subgraph: int
    place: str
    message: str

    def __str__(self) -> str:
        return f"subgraph {self.subgraph}, {self.place}: {self.message}"


def complaints(model: Model) -> list[Complaint]:
    """Everything that is wrong with a model's graphs; empty for a model that is well formed."""
    found: list[Complaint] = []
    for subgraph in model.subgraphs:
        _check_order(subgraph, found)
        for tensor in subgraph.tensors:
            _check_tensor(subgraph, tensor, found)
        for operator in subgraph.operators:
            if operator.code.version < 1:
                _say(found, "version", subgraph, _named(operator), f"version {operator.code.version} is none")
        names = {tensor.name for tensor in subgraph.tensors if tensor.is_output}
        if len(names) < len(set(subgraph.outputs)):
            _say(found, "names", subgraph, "outputs", "two outputs have one name")
    for signature in model.signatures:
        known = set(signature.subgraph.tensors)
        for name, tensor in (*signature.inputs, *signature.outputs):
            if tensor not in known:
                _say(
                    found,
                    "signature",
                    signature.subgraph,
                    f"signature {signature.key!r}",
                    f"{name!r} is no tensor there",
                )
    return found


def new_complaints(before: Model, after: Model) -> list[Complaint]:
    """What is wrong with a model that was not wrong with the one it came from."""
    found = complaints(after)
    if not found:
        return []
    known = {(each.kind, each.subgraph, each.place) for each in complaints(before)}
    return [each for each in found if (each.kind, each.subgraph, each.place) not in known]


def _say(found: list[Complaint], kind: str, subgraph: Subgraph, place: str, message: str) -> None:
    found.append(Complaint(kind, subgraph.index, place, message))


def _named(operator: Operator) -> str:
    result = f" {operator.outputs[0].name!r}" if operator.outputs else ""
    return f"{operator.name}{result}"


def _check_order(subgraph: Subgraph, found: list[Complaint]) -> None:
    """One producer for each tensor, and every operand there before it is read."""
    ready: set[Tensor] = set(subgraph.inputs)
    computed = {tensor for operator in subgraph.operators for tensor in operator.outputs}
    for operator in subgraph.operators:
        for tensor in operator.inputs:
            if tensor is not None and tensor not in ready and tensor in computed:
                _say(found, "order", subgraph, _named(operator), f"reads {tensor.name!r} before it is computed")
        for tensor in operator.outputs:
            if tensor in ready:
                _say(found, "producer", subgraph, _named(operator), f"computes {tensor.name!r}, which is there already")
            ready.add(tensor)
    for tensor in subgraph.outputs:
        if tensor not in ready and not tensor.is_constant and not tensor.is_variable:
            _say(found, "output", subgraph, f"output {tensor.name!r}", "nothing computes it")


def _check_tensor(subgraph: Subgraph, tensor: Tensor, found: list[Complaint]) -> None:
    place = f"tensor {tensor.name!r}"
    if any(size < 0 for size in tensor.shape):
        _say(found, "shape", subgraph, place, f"has a negative size in {list(tensor.shape)}")
        return
    signature = tensor.shape_signature
    if signature and len(signature) != len(tensor.shape):
        _say(found, "shape", subgraph, place, f"has shape {list(tensor.shape)} and signature {list(signature)}")
    parameters = tensor.quantization
    if parameters is not None and parameters.scale:
        if len(parameters.zero_point) != len(parameters.scale):
            _say(
                found,
                "quantization",
                subgraph,
                place,
                f"has {len(parameters.scale)} scales and {len(parameters.zero_point)} zero points",
            )
        elif parameters.per_channel:
            along = tensor.shape[parameters.dimension] if 0 <= parameters.dimension < len(tensor.shape) else -1
            if along != len(parameters.scale):
                _say(found, "quantization", subgraph, place, f"has {len(parameters.scale)} scales for {along} channels")
    bits = DTYPES[tensor.dtype][1] if tensor.dtype in DTYPES else 0
    if tensor.buffer is None or not tensor.buffer.size or not bits or tensor.is_sparse:
        return
    wanted = -(-prod(tensor.shape) * bits // 8)
    if tensor.buffer.size != wanted:
        _say(found, "constant", subgraph, place, f"holds {tensor.buffer.size} bytes, its type and shape take {wanted}")

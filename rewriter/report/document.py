"""What is in a model, as data for a script."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rewriter.model import Operator, Subgraph, Tensor
from rewriter.provenance import recorded
from rewriter.report.facts import Facts, bytes_of
from rewriter.wellformed import Complaint

_LARGEST = 20


def model_json(name: str, facts: Facts, complaints: Iterable[Complaint]) -> dict[str, Any]:
    """All facts of a model."""
    model = facts.model
    return {
        "model": name,
        "bytes": model.binary.size if model.binary else None,
        "version": model.version,
        "description": model.description,
        "operators": dict(model.histogram()),
        "subgraphs": [_subgraph_json(facts, subgraph) for subgraph in model.subgraphs],
        "signatures": [
            {
                "key": signature.key,
                "subgraph": signature.subgraph.index,
                "inputs": {name: tensor.index for name, tensor in signature.inputs},
                "outputs": {name: tensor.index for name, tensor in signature.outputs},
            }
            for signature in model.signatures
        ],
        "metadata": [{"name": each.name, "bytes": each.buffer.size} for each in model.metadata],
        "rewritten": recorded(model),
        "constant_bytes": sum(buffer.size for buffer in model.buffers),
        "constant_bytes_by_operator": facts.constants_by_kind(),
        "largest_constants": [
            {"subgraph": subgraph.index, "tensor": tensor.index, "name": tensor.name, "bytes": bytes_of(tensor)}
            for subgraph, tensor in facts.largest_constants(_LARGEST)
        ],
        "types": {
            dtype: {"tensors": count, "per_tensor": single, "per_channel": several}
            for dtype, (count, single, several) in facts.types().items()
        },
        "complaints": [each.to_json() for each in complaints],
    }


def operator_json(facts: Facts, operator: Operator) -> dict[str, Any]:
    """All facts of an operator."""
    return {
        "index": operator.index,
        "operator": operator.name,
        "version": operator.code.version,
        "inputs": [-1 if tensor is None else tensor.index for tensor in operator.inputs],
        "outputs": [tensor.index for tensor in operator.outputs],
        "operands": [name or None for name, _ in facts.operands(operator)],
        "results": [name or None for name, _ in facts.results(operator)],
        "intermediates": [-1 if tensor is None else tensor.index for tensor in operator.intermediates],
        "attributes": facts.attributes(operator),
        "constant_bytes": sum(bytes_of(tensor) for tensor in operator.inputs if tensor is not None),
    }


def tensor_json(tensor: Tensor) -> dict[str, Any]:
    """All facts of a tensor."""
    quantization = tensor.quantization
    return {
        "index": tensor.index,
        "name": tensor.name,
        "type": tensor.dtype,
        "shape": list(tensor.shape),
        "shape_signature": None if tensor.shape_signature is None else list(tensor.shape_signature),
        "dynamic": tensor.dynamic,
        "constant_bytes": bytes_of(tensor),
        "buffer": tensor.buffer.index if tensor.buffer is not None else None,
        "external": tensor.buffer is not None and tensor.buffer.external,
        "sparse": tensor.is_sparse,
        "variable": tensor.is_variable,
        "input": tensor.is_input,
        "output": tensor.is_output,
        "producer": tensor.producer.index if tensor.producer is not None else None,
        "consumers": sorted(operator.index for operator in tensor.consumers),
        "quantization": None
        if quantization is None
        else {
            "scale": list(quantization.scale),
            "zero_point": list(quantization.zero_point),
            "dimension": quantization.dimension,
            "minimum": list(quantization.minimum),
            "maximum": list(quantization.maximum),
        },
    }


def _subgraph_json(facts: Facts, subgraph: Subgraph) -> dict[str, Any]:
    return {
        "index": subgraph.index,
        "name": subgraph.name,
        "inputs": [tensor.index for tensor in subgraph.inputs],
        "outputs": [tensor.index for tensor in subgraph.outputs],
        "tensors": [tensor_json(tensor) for tensor in subgraph.tensors],
        "operators": [operator_json(facts, operator) for operator in subgraph.operators],
    }

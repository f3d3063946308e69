"""A model with something of everything that a file can hold, made with the schema bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from rewriter.builder import Built
from rewriter.model import Operator, OperatorCode
from rewriter.rewriter import Rewriter

if TYPE_CHECKING:
    from rewriter.model import Model

WEIGHTS = np.arange(60, dtype=np.uint8)


def tensor(name: str, buffer: int = 0, **fields: Any) -> Any:
    made = schema.TensorT(name=name, shape=[3, 5], buffer=buffer)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def operator(code: int, inputs: list[int], outputs: list[int], **fields: Any) -> Any:
    made = schema.OperatorT(opcodeIndex=code, inputs=inputs, outputs=outputs)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def sample() -> Any:
    """Two subgraphs: one with an operator of each kind, one whose operator reads what the first one reads too."""
    model: Any = schema.ModelT(version=3, description="made by a test")
    model.operatorCodes = [
        schema.OperatorCodeT(deprecatedBuiltinCode=0, builtinCode=0, version=2),
        schema.OperatorCodeT(deprecatedBuiltinCode=3, version=1),  # as old converters wrote it
        schema.OperatorCodeT(deprecatedBuiltinCode=32, builtinCode=32, customCode="Mine", version=4),
        schema.OperatorCodeT(deprecatedBuiltinCode=127, builtinCode=30_000, version=1),  # nobody knows it yet
    ]
    quantization = schema.QuantizationParametersT(
        scale=[0.5, 0.25, 0.125], zeroPoint=[1, 2, 3], min=[-1.0, -2.0, -3.0], max=[1.0, 2.0, 3.0], quantizedDimension=0
    )
    sparsity = schema.SparsityParametersT(
        traversalOrder=[0, 1],
        blockMap=[],
        dimMetadata=[
            schema.DimensionMetadataT(format=0, denseSize=3),
            schema.DimensionMetadataT(
                format=1,
                arraySegmentsType=schema.SparseIndexVector.Uint8Vector,
                arraySegments=schema.Uint8VectorT(values=[0, 1, 1, 2]),
                arrayIndicesType=schema.SparseIndexVector.Int32Vector,
                arrayIndices=schema.Int32VectorT(values=[4, 0]),
            ),
        ],
    )
    first = schema.SubGraphT(name="first", inputs=[0], outputs=[5, 5])
    first.tensors = [
        tensor("x", shapeSignature=[-1, 5]),
        tensor("w", 1),
        tensor("quantized", 2, type=schema.TensorType.INT8, quantization=quantization),
        tensor("sparse", 3, sparsity=sparsity),
        tensor("state", isVariable=True),
        tensor("y", hasRank=True),
        tensor("between"),
        tensor("again", 1),
        tensor("scratch"),
    ]
    first.operators = [
        operator(
            0,
            [0, 1],
            [6],
            builtinOptionsType=schema.BuiltinOptions.AddOptions,
            builtinOptions=schema.AddOptionsT(potScaleInt16=False),
        ),
        operator(1, [6, 2, -1], [4], intermediates=[8, -1], mutatingVariableInputs=[False, True, False]),
        operator(2, [4, 3, 7], [5], customOptions=list(b"options\0and a tail")),
    ]
    second = schema.SubGraphT(
        name="second", inputs=[0], outputs=[2], tensors=[tensor("x"), tensor("w", 1), tensor("y")]
    )
    second.operators = [operator(3, [0, 1], [2])]
    model.subgraphs = [first, second]
    model.buffers = [schema.BufferT() for _ in range(6)]
    for index, size in ((1, 60), (2, 15), (3, 8), (4, 7)):
        model.buffers[index].data = WEIGHTS[:size]  # type: ignore[assignment]
    model.metadata = [schema.MetadataT(name="about", buffer=4), schema.MetadataT(buffer=5)]
    model.signatureDefs = [
        schema.SignatureDefT(
            inputs=[schema.TensorMapT(name="in", tensorIndex=0)],
            outputs=[schema.TensorMapT(name="one", tensorIndex=5), schema.TensorMapT(tensorIndex=5)],
            signatureKey="run",
        )
    ]
    return model


def rename_first(model: Model) -> None:
    """Exchange the first operator for a custom one on the same tensors."""
    subgraph = model.subgraphs[0]
    old = subgraph.operators[0]
    code = OperatorCode("CUSTOM", "Renamed")
    model.operator_codes.append(code)
    rewriter = Rewriter(model, subgraph)
    roots = [(tensor, tensor) for tensor in old.outputs]
    rewriter.apply((old,), Built([Operator(code, [*old.inputs], [*old.outputs])], roots=roots))
    rewriter.finish()


def without_first(unpacked: Any) -> Any:
    """What `rename_first` leaves as it was."""
    del unpacked.subgraphs[0].operators[0]
    del unpacked.operatorCodes[4:]
    return unpacked

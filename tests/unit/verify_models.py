"""Small models for the tests of the check, made with the schema bindings: an independent way to a `.tflite` file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from attrs import define, field

from rewriter.model import Model, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MODELS = "../shared/models"
GOLDEN = "../shared/golden"
_TYPES = {
    "f32": ("FLOAT32", np.float32),
    "f16": ("FLOAT16", np.float16),
    "i8": ("INT8", np.int8),
    "u8": ("UINT8", np.uint8),
    "i16": ("INT16", np.int16),
    "i32": ("INT32", np.int32),
    "i64": ("INT64", np.int64),
    "bool": ("BOOL", np.bool_),
    "string": ("STRING", None),
}


@define
class Maker:
    """Collects tensors and operators of one subgraph."""

    model: Any = field(init=False)
    graph: Any = field(init=False)
    names: dict[str, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes = []
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(
        self,
        name: str,
        dtype: str,
        shape: Sequence[int],
        data: Any = None,
        scale: float | None = None,
        zero: int = 0,
    ) -> str:
        """Add a tensor, constant if `data` is given."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name, list(shape)
        tensor.type = getattr(schema.TensorType, _TYPES[dtype][0])
        if data is not None:
            buffer = schema.BufferT()
            array = np.broadcast_to(np.asarray(data, _TYPES[dtype][1]), shape)
            buffer.data = np.frombuffer(array.tobytes(), np.uint8)  # type: ignore[assignment]
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [zero]
        self.names[name] = len(self.graph.tensors)
        self.graph.tensors.append(tensor)
        return name

    def operator(
        self, code: str, inputs: Sequence[str], outputs: Sequence[str], custom: bytes = b"", **options: object
    ) -> None:
        """Add an operator; `CUSTOM[x]` is one with the code x. Options are fields of its table of the schema."""
        made = schema.OperatorT()
        made.opcodeIndex = len(self.model.operatorCodes)
        made.inputs = [self.names[name] if name else -1 for name in inputs]
        made.outputs = [self.names[name] for name in outputs]
        kind = schema.OperatorCodeT()
        kind.version = 1
        if code.startswith("CUSTOM["):
            kind.builtinCode = kind.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
            kind.customCode = code[7:-1]
            made.customOptions = list(custom) or None
        else:
            kind.builtinCode = getattr(schema.BuiltinOperator, code)
            kind.deprecatedBuiltinCode = min(kind.builtinCode, 127)
        if options:
            table = str(options.pop("table"))
            made.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            made.builtinOptions = getattr(schema, table + "T")()
            for name, value in options.items():
                assert hasattr(made.builtinOptions, name)
                setattr(made.builtinOptions, name, value)
        self.model.operatorCodes.append(kind)
        self.graph.operators.append(made)

    def enclose(self, inputs: Sequence[str], outputs: Sequence[str]) -> int:
        """End this subgraph, which becomes a body, and begin another. The last one is the main one.

        Returns:
            The body's index in the finished model.
        """
        self._end(inputs, outputs)
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.names = {}
        self.model.subgraphs.append(self.graph)
        return len(self.model.subgraphs) - 1

    def _end(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self.graph.inputs = [self.names[name] for name in inputs]
        self.graph.outputs = [self.names[name] for name in outputs]

    def build(self, inputs: Sequence[str], outputs: Sequence[str]) -> Model:
        """The model, read back."""
        self._end(inputs, outputs)
        self.model.subgraphs.insert(0, self.model.subgraphs.pop())
        return read(packed(self.model))


def packed(model: Any) -> bytes:
    """An object of the schema bindings as a file."""
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def edited(source: Path | bytes, edit: Callable[[Any], None]) -> bytes:
    """A model file, changed through the schema bindings."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    edit(model)
    return packed(model)


def conv(**changes: Any) -> Model:
    """A float network x -> CONV_2D -> y; weights, bias and attributes can be replaced."""
    rng = np.random.default_rng(3)
    weights = changes.pop("weights", rng.standard_normal((4, 3, 3, 2)).astype(np.float32))
    bias = changes.pop("bias", rng.standard_normal(4).astype(np.float32))
    stride = changes.pop("stride", 1)
    negate = changes.pop("negate", False)
    assert not changes
    size = 8 // stride
    maker = Maker()
    maker.tensor("x", "f32", (1, 8, 8, 2))
    maker.tensor("w", "f32", (4, 3, 3, 2), weights)
    maker.tensor("b", "f32", (4,), bias)
    maker.tensor("c", "f32", (1, size, size, 4))
    maker.tensor("y", "f32", (1, size, size, 4))
    maker.operator("CONV_2D", ["x", "w", "b"], ["c"], table="Conv2DOptions", strideH=stride, strideW=stride)
    maker.operator("NEG" if negate else "ABS", ["c"], ["y"], table="NegOptions" if negate else "AbsOptions")
    return maker.build(["x"], ["y"])

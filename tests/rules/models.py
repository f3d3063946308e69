"""Small models for tests of rules.

They are made and read by the schema bindings alone, so that no code under test vouches for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

KERNELS = {
    "reference": OpResolverType.BUILTIN_REF,
    "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "default": OpResolverType.AUTO,
}
"""The runtime's kernel sets: slow ones that are easy to read, fast ones, and fast ones behind the default delegate."""

_TENSOR_TYPES = {
    "float16": schema.TensorType.FLOAT16,
    "float32": schema.TensorType.FLOAT32,
    "float64": schema.TensorType.FLOAT64,
    "int32": schema.TensorType.INT32,
}
_BUILTIN_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}


@frozen
class OperatorRow:
    """One operator of a model, as its file has it."""

    name: str
    version: int
    options: Any
    custom_options: bytes
    operands: tuple[str | None, ...]
    results: tuple[str, ...]


@define
class ModelBuilder:
    """A model of one subgraph, grown operator by operator; tensors are named and referred to by name."""

    _model: Any = field(factory=schema.ModelT, init=False)
    _graph: Any = field(factory=schema.SubGraphT, init=False)
    _index: dict[str, int] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._model.version = 3
        self._model.operatorCodes = []
        self._model.buffers = [schema.BufferT()]
        self._model.subgraphs = [self._graph]
        self._graph.name = "main"
        self._graph.tensors, self._graph.operators = [], []
        self._graph.inputs, self._graph.outputs = [], []

    def input(
        self, name: str, shape: Sequence[int], *, dtype: str = "float32", signature: Sequence[int] | None = None
    ) -> str:
        """Declare an input of the model; `signature` leaves dimensions open with -1."""
        self._graph.inputs.append(self._tensor(name, shape, dtype, signature=signature))
        return name

    def constant(self, name: str, value: Array) -> str:
        """Add a tensor whose data is in the file."""
        buffer: Any = schema.BufferT()
        buffer.data = np.frombuffer(value.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        self._tensor(name, value.shape, str(value.dtype), buffer=len(self._model.buffers) - 1)
        return name

    def operator(
        self,
        name: str,
        operands: Sequence[str],
        result: str,
        shape: Sequence[int],
        *,
        options: Any = None,
        version: int = 1,
        dtype: str = "float32",
        signature: Sequence[int] | None = None,
        also: Sequence[str] = (),
    ) -> str:
        """Add an operator.

        Args:
            name: A builtin operator's, or ``CUSTOM[code]``.
            operands: Names of tensors, in the order of the file.
            result: The new tensor's name.
            shape: The new tensor's recorded shape.
            options: An object of the schema's options table, or a custom operator's bytes.
            version: The operator code's version.
            dtype: The new tensor's type.
            signature: The new tensor's shape with -1 for open dimensions.
            also: Names of further results, of the same shape and type.
        """
        made: Any = schema.OperatorT()
        made.opcodeIndex = self._code(name, version)
        made.inputs = [self._index[operand] for operand in operands]
        made.outputs = [self._tensor(name, shape, dtype, signature=signature) for name in (result, *also)]
        if isinstance(options, bytes):
            made.customOptions = np.frombuffer(options, np.uint8)
        elif options is not None:
            made.builtinOptions = options
            made.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        self._graph.operators.append(made)
        return result

    def finish(self, *outputs: str) -> bytes:
        """The model's file, with these tensors as outputs."""
        self._graph.outputs = [self._index[name] for name in outputs]
        builder = flatbuffers.Builder()
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _code(self, name: str, version: int) -> int:
        code = schema.OperatorCodeT()
        custom = name.startswith("CUSTOM[")
        code.builtinCode = schema.BuiltinOperator.CUSTOM if custom else getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.customCode = name.removeprefix("CUSTOM[").removesuffix("]") if custom else None
        code.version = version
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1

    def _tensor(
        self, name: str, shape: Sequence[int], dtype: str, *, buffer: int = 0, signature: Sequence[int] | None = None
    ) -> int:
        tensor = schema.TensorT()
        tensor.name = name
        tensor.type = _TENSOR_TYPES[dtype]
        tensor.shape = [int(size) for size in shape]
        tensor.shapeSignature = None if signature is None else list(signature)
        tensor.hasRank = True
        tensor.buffer = buffer
        self._graph.tensors.append(tensor)
        self._index[name] = len(self._graph.tensors) - 1
        return self._index[name]


def operators(model: bytes) -> list[OperatorRow]:
    """The operators of a model's first subgraph, in the order of the file."""
    tree = _tree(model)
    graph = tree.subgraphs[0]
    names = [tensor.name.decode() for tensor in graph.tensors]
    rows: list[OperatorRow] = []
    for operator in graph.operators:
        code = tree.operatorCodes[operator.opcodeIndex]
        # Files older than the wide field have only the narrow one, which ends at 127.
        builtin = _BUILTIN_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
        rows.append(
            OperatorRow(
                name=f"CUSTOM[{code.customCode.decode()}]" if builtin == "CUSTOM" else builtin,
                version=code.version,
                options=operator.builtinOptions,
                custom_options=b"" if operator.customOptions is None else bytes(operator.customOptions),
                operands=tuple(names[index] if index >= 0 else None for index in operator.inputs),
                results=tuple(names[index] for index in operator.outputs),
            )
        )
    return rows


def constant(model: bytes, name: str) -> Array:
    """The value of a constant of a model's first subgraph."""
    tree = _tree(model)
    dtypes = {number: dtype for dtype, number in _TENSOR_TYPES.items()}
    for tensor in tree.subgraphs[0].tensors:
        if tensor.name == name.encode():
            data = tree.buffers[tensor.buffer].data
            return np.frombuffer(bytes(data), dtypes[tensor.type]).reshape([int(size) for size in tensor.shape])
    raise LookupError(f"the model has no tensor {name!r}")


def _tree(model: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))


def run(model: bytes, *inputs: Array, kernels: str = "reference", threads: int = 1) -> list[Array]:
    """The model's outputs on these inputs, as the interpreter computes them with a kernel set of `KERNELS`.

    Raises:
        RuntimeError: The interpreter refuses the model.
        ValueError: The same, where it does so while it reads the file.
    """
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=KERNELS[kernels], num_threads=threads)
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]).copy() for detail in interpreter.get_output_details()]

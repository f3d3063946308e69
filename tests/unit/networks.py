"""Small models made of `rewriter.model` objects, written and read back, and what happens to them under rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field

from rewriter.driver import Report, rewrite
from rewriter.language.check import compile_rules
from rewriter.model import Buffer, Model, Operator, OperatorCode, Quantization, Subgraph, Tensor, read
from rewriter.wellformed import new_complaints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NUMPY = {
    "f16": np.float16,
    "f32": np.float32,
    "i8": np.int8,
    "u8": np.uint8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
    "bool": np.bool_,
}


@define
class Network:
    """Collects the tensors and operators of one subgraph."""

    tensors: list[Tensor] = field(factory=list)
    inputs: list[Tensor] = field(factory=list)
    operators: list[Operator] = field(factory=list)
    buffers: list[Buffer] = field(factory=list)

    def tensor(
        self,
        name: str,
        shape: Sequence[int] = (2, 3),
        dtype: str = "f32",
        *,
        scale: Any = None,
        zero: Any = 0,
        dimension: int = 0,
    ) -> Tensor:
        """A tensor without data; -1 leaves a dimension open."""
        quantization = None
        if scale is not None:
            scales = tuple(np.atleast_1d(np.float32(scale)).tolist())
            zeros = tuple(np.broadcast_to(np.int64(zero), len(scales)).tolist())
            quantization = Quantization(scales, zeros, dimension)
        made = Tensor.make(
            name,
            dtype,
            [abs(size) for size in shape],
            shape_signature=tuple(shape) if -1 in shape else None,
            quantization=quantization,
        )
        made.index = len(self.tensors)
        self.tensors.append(made)
        return made

    def input(self, name: str = "x", shape: Sequence[int] = (2, 3), dtype: str = "f32", **more: Any) -> Tensor:
        """An input of the subgraph."""
        self.inputs.append(self.tensor(name, shape, dtype, **more))
        return self.inputs[-1]

    def constant(
        self, name: str, values: Any, dtype: str = "f32", *, buffer: Buffer | None = None, **more: Any
    ) -> Tensor:
        """A constant; `buffer` shares another one's bytes."""
        array = np.asarray(values, NUMPY[dtype])
        made = self.tensor(name, array.shape, dtype, **more)
        if buffer is None:
            buffer = Buffer(len(self.buffers) + 1, size=array.nbytes, data=array.tobytes())
            self.buffers.append(buffer)
        made.buffer = buffer
        return made

    def add(
        self,
        name: str,
        operands: Sequence[Tensor | None],
        result: str | Tensor | Sequence[Tensor] = "y",
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        *,
        version: int = 1,
        custom: bytes | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> Tensor:
        """An operator; its result has the first operand's type and shape where nothing else is said."""
        first = next((each for each in operands if each is not None), None)
        if isinstance(result, str):
            assert first is not None or (shape is not None and dtype is not None)
            result = self.tensor(result, first.shape if shape is None else shape, dtype or first.dtype)  # type: ignore[union-attr]
        results = [result] if isinstance(result, Tensor) else list(result)
        code = (
            OperatorCode("CUSTOM", name[7:-1], version)
            if name.startswith("CUSTOM[")
            else OperatorCode(name, None, version)
        )
        made = Operator(code, list(operands), results, index=len(self.operators))
        made.options = dict(attributes) if attributes else None
        made.custom = custom
        self.operators.append(made)
        return results[0]

    def build(self, *outputs: Tensor, others: Sequence[tuple[Network, Sequence[Tensor]]] = ()) -> Model:
        """The model, written and read back; `others` become the subgraphs behind the first."""
        subgraphs: list[Subgraph] = []
        buffers = [Buffer(0)]
        for index, (network, results) in enumerate([(self, outputs), *others]):
            for tensor in network.tensors:
                if tensor.buffer is not None and tensor.buffer not in buffers:
                    buffers.append(tensor.buffer)
            subgraphs.append(
                Subgraph(index, network.tensors, network.inputs, list(results), network.operators, f"s{index}")
            )
            subgraphs[-1].connect()
        for index, buffer in enumerate(buffers):
            buffer.index = index
        codes: dict[tuple[str, str | None, int], OperatorCode] = {}
        for subgraph in subgraphs:
            for operator in subgraph.operators:
                code = operator.code
                operator.code = codes.setdefault((code.builtin, code.custom_code, code.version), code)
        return read(Model(subgraphs, buffers, list(codes.values())).to_bytes())


def apply_rules(model: Model, text: str, **options: Any) -> Report:
    """Rewrite a model by the rules of a text; what comes out must be well formed and survive being written."""
    before = read(model.to_bytes())
    report = rewrite(model, compile_rules(text, "rules.pat"), **options)
    assert new_complaints(before, model) == []
    again = read(model.to_bytes())
    assert new_complaints(before, again) == []
    assert shown(again) == shown(model)
    return report


def shown(model: Model) -> list[str]:
    """The operators of all subgraphs, one a line: `y = ADD(x, c)`."""
    lines: list[str] = []
    for operator in model.operators():
        operands = ", ".join("absent" if each is None else each.name for each in operator.inputs)
        lines.append(f"{', '.join(each.name for each in operator.outputs)} = {operator.name}({operands})")
    return lines


def value_of(tensor: Tensor | None) -> Any:
    """A constant's values."""
    assert tensor is not None
    assert tensor.data is not None
    return np.frombuffer(tensor.data, NUMPY[tensor.dtype]).reshape(tensor.shape)


def run(model: Model, *inputs: Any) -> list[Any]:
    """The outputs of the stock interpreter under its reference kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(model_content=model.to_bytes(), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


def edited(model: Model, edit: Callable[[Any], None]) -> Model:
    """The model after a change made through the schema bindings, for what no rule ever makes."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    unpacked = schema.ModelT.InitFromPackedBuf(model.to_bytes(), 0)
    edit(unpacked)
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(unpacked.Pack(builder), b"TFL3")
    return read(bytes(builder.Output()))

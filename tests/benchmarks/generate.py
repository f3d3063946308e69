"""Models for the benchmarks: large constants, many operators, constants outside the flatbuffer.

Each is what a converter would write, and runs in the interpreter; each ends in one TANH, for a rule that is to change
one operator and leave everything else as it is. Memory does not grow with the constants.
"""

from __future__ import annotations

import array
import math
import random
import struct
from typing import TYPE_CHECKING

from attrs import frozen

from tests.benchmarks.flatbuffer import LINK, Graph, layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

_MODEL = layout(
    version=(0, "I"), operator_codes=(1, LINK), subgraphs=(2, LINK), description=(3, LINK), buffers=(4, LINK)
)
_OPERATOR_CODE = layout(deprecated_builtin_code=(0, "b"), version=(2, "i"), builtin_code=(3, "i"))
_SUBGRAPH = layout(tensors=(0, LINK), inputs=(1, LINK), outputs=(2, LINK), operators=(3, LINK), name=(4, LINK))
_TENSOR = layout(
    shape=(0, LINK), type=(1, "b"), buffer=(2, "I"), name=(3, LINK), quantization=(4, LINK), has_rank=(8, "?")
)
_OPERATOR = layout(opcode_index=(0, "I"), inputs=(1, LINK), outputs=(2, LINK))
_OPERATOR_WITH_OPTIONS = layout(
    opcode_index=(0, "I"), inputs=(1, LINK), outputs=(2, LINK), options_type=(3, "B"), options=(4, LINK)
)
_NO_DATA = layout()
_INLINE_DATA = layout(data=(0, LINK))
_OUTSIDE_DATA = layout(offset=(1, "Q"), size=(2, "Q"))
_EMPTY = layout()
"""An options table, or a quantization, in which everything has its default."""

_FLOAT32 = 0
_ALIGNMENT = 16
_BLOCK = 1 << 20


@frozen
class _Builtin:
    code: int
    options_type: int  # 0: the operator has none


_ADD = _Builtin(0, 11)
_FULLY_CONNECTED = _Builtin(9, 8)
_MUL = _Builtin(18, 21)
_RELU = _Builtin(19, 0)
_TANH = _Builtin(28, 0)


@frozen(eq=False)
class _Constant:
    size: int
    chunks: Callable[[], Iterator[bytes | memoryview]]


@frozen
class _Tensor:
    name: str
    shape: tuple[int, ...]
    constant: _Constant | None = None


@frozen
class _Operator:
    builtin: _Builtin
    inputs: tuple[int, ...]
    output: int


def fc_model(path: Path, megabytes: float, *, operators: int = 10) -> None:
    """Write a model of a few FULLY_CONNECTED operators with about `megabytes` MB of float32 weights in all."""
    _write(path, *_fully_connected(round(megabytes * 1e6), operators), outside=False)


def external_model(path: Path, gigabytes: float = 2.5, *, operators: int = 25) -> None:
    """Write the same kind of model with its constants behind the flatbuffer, at `Buffer.offset` and `Buffer.size`."""
    _write(path, *_fully_connected(round(gigabytes * 1e9), operators), outside=True)


def chain_model(path: Path, operators: int) -> None:
    """Write a chain of `operators` operators, MUL(x, c1), ADD(., c2), RELU over and over, on float32 ``[1, 8]``.

    Every MUL and ADD has constants of its own, float32 ``[8]`` and ``[1]``.
    """
    source = random.Random(operators)
    tensors = [_Tensor("serving_default_input:0", (1, 8))]
    chain: list[_Operator] = []

    def append(builtin: _Builtin, name: str, *constants: tuple[str, int]) -> None:
        inputs = [chain[-1].output if chain else 0]
        for constant_name, length in constants:
            inputs.append(len(tensors))
            data = struct.pack(f"<{length}f", *(source.uniform(0.9, 1.1) for _ in range(length)))
            tensors.append(_Tensor(constant_name, (length,), _Constant(len(data), lambda data=data: iter((data,)))))
        chain.append(_Operator(builtin, tuple(inputs), len(tensors)))
        tensors.append(_Tensor(name, (1, 8)))

    for index in range(operators - 1):
        block = f"sequential/block_{index // 3}"
        match index % 3:
            case 0:
                append(_MUL, f"{block}/batch_normalization/batchnorm/mul_1", (f"{block}/batch_normalization/gamma", 8))
            case 1:
                append(_ADD, f"{block}/batch_normalization/batchnorm/add_1", (f"{block}/batch_normalization/beta", 1))
            case _:
                append(_RELU, f"{block}/re_lu/Relu")
    append(_TANH, "StatefulPartitionedCall:0")
    _write(path, tensors, chain, outside=False)


def _fully_connected(size: int, operators: int) -> tuple[list[_Tensor], list[_Operator]]:
    units = math.isqrt(size // 4 // operators)
    block = array.array("f", (random.Random(0).uniform(-1 / units, 1 / units) for _ in range(_BLOCK // 4))).tobytes()

    def constant(count: int) -> _Constant:
        def chunks() -> Iterator[memoryview]:
            for start in range(0, 4 * count, len(block)):
                yield memoryview(block)[: 4 * count - start]

        return _Constant(4 * count, chunks)

    tensors = [_Tensor("serving_default_input:0", (1, units))]
    graph: list[_Operator] = []
    for index in range(operators):
        name = f"sequential/dense_{index}"
        last = graph[-1].output if graph else 0
        graph.append(_Operator(_FULLY_CONNECTED, (last, len(tensors), len(tensors) + 1), len(tensors) + 2))
        tensors += [
            _Tensor(f"{name}/MatMul", (units, units), constant(units * units)),
            _Tensor(f"{name}/BiasAdd/ReadVariableOp", (units,), constant(units)),
            _Tensor(f"{name}/BiasAdd", (1, units)),
        ]
    graph.append(_Operator(_TANH, (graph[-1].output,), len(tensors)))
    tensors.append(_Tensor("StatefulPartitionedCall:0", (1, units)))
    return tensors, graph


def _write(path: Path, tensors: Sequence[_Tensor], operators: Sequence[_Operator], *, outside: bool) -> None:
    graph, links = _graph(tensors, operators, outside=outside)
    constants = [tensor.constant for tensor in tensors if tensor.constant is not None]
    # An inline constant's length stands before it, and it is the constant that must be aligned.
    head = 0 if outside else 4
    places: list[int] = []
    end = len(graph.data)
    for constant, link in zip(constants, links, strict=True):
        start = end + head + -(end + head) % _ALIGNMENT
        places.append(start)
        end = start + constant.size
        if outside:
            graph.set_uint64(link + _OUTSIDE_DATA.places["offset"], start)
            graph.set_uint64(link + _OUTSIDE_DATA.places["size"], constant.size)
        else:
            graph.set_link(link + _INLINE_DATA.places["data"], start - head)
    with path.open("wb") as file:
        file.write(graph.data)
        for constant, start in zip(constants, places, strict=True):
            _pad(file, start - head)
            if not outside:
                file.write(struct.pack("<I", constant.size))
            file.writelines(constant.chunks())


def _pad(file: BinaryIO, place: int) -> None:
    file.write(bytes(place - file.tell()))


def _graph(tensors: Sequence[_Tensor], operators: Sequence[_Operator], *, outside: bool) -> tuple[Graph, list[int]]:
    """Build everything but the constants; return it with the place of each constant's Buffer table."""
    graph = Graph(b"TFL3")
    model = graph.table(0, _MODEL, 3, 0, 0, 0, 0)
    builtins = list(dict.fromkeys(operator.builtin for operator in operators))
    for link, builtin in zip(
        graph.links(model + _MODEL.places["operator_codes"], len(builtins)), builtins, strict=True
    ):
        graph.table(link, _OPERATOR_CODE, builtin.code, 1, builtin.code)
    _add_subgraph(graph, graph.links(model + _MODEL.places["subgraphs"], 1)[0], tensors, operators, builtins)
    graph.string(model + _MODEL.places["description"], "generated for a benchmark")
    constants = sum(tensor.constant is not None for tensor in tensors)
    empty, *others = graph.links(model + _MODEL.places["buffers"], 1 + constants)
    graph.table(empty, _NO_DATA)
    if outside:
        return graph, [graph.table(link, _OUTSIDE_DATA, 0, 0) for link in others]
    return graph, [graph.table(link, _INLINE_DATA, 0) for link in others]


def _add_subgraph(
    graph: Graph, place: int, tensors: Sequence[_Tensor], operators: Sequence[_Operator], builtins: Sequence[_Builtin]
) -> None:
    subgraph = graph.table(place, _SUBGRAPH, 0, 0, 0, 0, 0)
    buffer = 0
    for link, tensor in zip(graph.links(subgraph + _SUBGRAPH.places["tensors"], len(tensors)), tensors, strict=True):
        if tensor.constant is not None:
            buffer += 1
        table = graph.table(link, _TENSOR, 0, _FLOAT32, buffer if tensor.constant else 0, 0, 0, True)
        graph.int32s(table + _TENSOR.places["shape"], tensor.shape)
        graph.string(table + _TENSOR.places["name"], tensor.name)
        graph.table(table + _TENSOR.places["quantization"], _EMPTY)
    graph.int32s(subgraph + _SUBGRAPH.places["inputs"], (0,))
    graph.int32s(subgraph + _SUBGRAPH.places["outputs"], (operators[-1].output,))
    for link, operator in zip(
        graph.links(subgraph + _SUBGRAPH.places["operators"], len(operators)), operators, strict=True
    ):
        _add_operator(graph, link, operator, builtins.index(operator.builtin))
    graph.string(subgraph + _SUBGRAPH.places["name"], "main")


def _add_operator(graph: Graph, link: int, operator: _Operator, code: int) -> None:
    if operator.builtin.options_type:
        kind = _OPERATOR_WITH_OPTIONS
        table = graph.table(link, kind, code, 0, 0, operator.builtin.options_type, 0)
        graph.table(table + kind.places["options"], _EMPTY)
    else:
        kind = _OPERATOR
        table = graph.table(link, kind, code, 0, 0)
    graph.int32s(table + kind.places["inputs"], operator.inputs)
    graph.int32s(table + kind.places["outputs"], (operator.output,))

"""The generated models are what they are said to be: the schema bindings read them, and the interpreter runs them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.generate import chain_model, external_model, fc_model

if TYPE_CHECKING:
    from pathlib import Path


def unpack(path: Path) -> Any:
    """Read a model with the schema bindings."""
    from ai_edge_litert import schema_py_generated as schema

    data = path.read_bytes()
    assert schema.Model.ModelBufferHasIdentifier(data, 0)
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))


def run(path: Path, *, default_delegate: bool) -> Any:
    """Run a model on ones; return its one output."""
    import numpy
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.AUTO if default_delegate else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_path=str(path), experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    interpreter.set_tensor(given["index"], numpy.ones(given["shape"], numpy.float32))
    interpreter.invoke()
    (result,) = interpreter.get_output_details()
    return interpreter.get_tensor(result["index"])


def constant(model: Any, path: Path, tensor: int) -> Any:
    """A constant's values, wherever in the file they are."""
    import numpy

    described = model.subgraphs[0].tensors[tensor]
    buffer = model.buffers[described.buffer]
    if buffer.data is None:
        start = buffer.offset
        data = numpy.frombuffer(path.read_bytes()[start : start + buffer.size], numpy.float32)
    else:
        data = buffer.data.view(numpy.float32)
    return data.reshape(described.shape)


@pytest.mark.parametrize("default_delegate", [False, True])
@pytest.mark.parametrize("operators", [1, 2, 3, 4, 301])
def test_a_chain_computes_what_its_constants_say(tmp_path: Path, operators: int, default_delegate: bool) -> None:
    import numpy

    path = tmp_path / "chain.tflite"
    chain_model(path, operators)
    model = unpack(path)
    assert len(model.subgraphs[0].operators) == operators

    value = numpy.ones((1, 8), numpy.float32)
    for index, operator in enumerate(model.subgraphs[0].operators[:-1]):
        match index % 3:
            case 0:
                value = value * constant(model, path, operator.inputs[1])
            case 1:
                value = value + constant(model, path, operator.inputs[1])
            case _:
                value = numpy.maximum(value, 0)
    numpy.testing.assert_allclose(run(path, default_delegate=default_delegate), numpy.tanh(value), rtol=1e-5)


@pytest.mark.parametrize("default_delegate", [False, True])
@pytest.mark.parametrize(
    ("write", "external"),
    [(lambda path: fc_model(path, 0.4), False), (lambda path: external_model(path, 0.0004, operators=10), True)],
    ids=["inline", "external"],
)
def test_fully_connected_computes_what_its_constants_say(
    tmp_path: Path, write: Any, external: bool, default_delegate: bool
) -> None:
    import numpy

    path = tmp_path / "fc.tflite"
    write(path)
    model = unpack(path)
    assert path.stat().st_size == pytest.approx(400_000, rel=0.05)
    assert all((buffer.data is None) == external for buffer in model.buffers[1:])

    value = numpy.ones((1, 100), numpy.float32)
    for operator in model.subgraphs[0].operators[:-1]:
        weights, bias = (constant(model, path, tensor) for tensor in operator.inputs[1:])
        value = value @ weights.T + bias
    result = run(path, default_delegate=default_delegate)
    assert numpy.abs(result).max() > 1e-3
    numpy.testing.assert_allclose(result, numpy.tanh(value), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "write",
    [lambda path: fc_model(path, 1), lambda path: chain_model(path, 40), lambda path: external_model(path, 0.001)],
    ids=["inline", "chain", "external"],
)
def test_constants_are_aligned_to_sixteen_bytes(tmp_path: Path, write: Any) -> None:
    from ai_edge_litert import schema_py_generated as schema

    path = tmp_path / "model.tflite"
    write(path)
    model: Any = schema.Model.GetRootAs(path.read_bytes(), 0)
    buffers = [model.Buffers(index) for index in range(1, model.BuffersLength())]
    assert buffers
    for buffer in buffers:
        start = buffer.Offset() if buffer.DataIsNone() else buffer._tab.Vector(buffer._tab.Offset(4))
        assert start % 16 == 0


def test_memory_does_not_grow_with_the_constants(tmp_path: Path) -> None:
    def peak(megabytes: float) -> int:
        program = (
            "import resource, sys, pathlib; from tests.benchmarks.generate import fc_model;"
            "fc_model(pathlib.Path(sys.argv[1]), float(sys.argv[2]));"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        command = [sys.executable, "-c", program, str(tmp_path / "model.tflite"), str(megabytes)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak(64) - peak(0.1) < 4 * 1024  # kilobytes

"""The check on real models, and on mutants of them. What their own runtime computed is in ../shared/golden."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from rewriter.language.rules import Equality
from rewriter.model import read
from rewriter.patterns.mediapipe.kernels import transpose_conv_bias
from rewriter.verify import Place, Runtime, check_model, place_between, verify_models
from rewriter.verify.hybrid import Executor
from tests.unit.verify_models import edited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rewriter.model import Model, Operator
    from rewriter.verify.protocol import Array

CUSTOM = "CUSTOM[Convolution2DTransposeBias]"
PADDING = {1: "SAME", 2: "VALID"}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


def kernel(operator: Operator, operands: list[Array | None]) -> Sequence[Array]:
    assert operator.custom_options is not None
    padding, stride_w, stride_h = struct.unpack_from("<3i", operator.custom_options)
    return [transpose_conv_bias(*operands, padding=PADDING[padding], stride_w=stride_w, stride_h=stride_h)]  # type: ignore[arg-type]


CALLS = {CUSTOM: kernel}


def to_builtin(mutate: Callable[[Any, Any], None] = lambda model, operator: None) -> Callable[[Any], None]:
    """Rewrite by hand, through the schema bindings: the check is to judge rules, so it must not be tested by them."""

    def edit(model: Any) -> None:
        graph = model.subgraphs[0]
        for operator in graph.operators:
            if model.operatorCodes[operator.opcodeIndex].customCode != b"Convolution2DTransposeBias":
                continue
            x, filter, bias = operator.inputs
            padding, stride_w, stride_h = struct.unpack_from("<3i", bytes(operator.customOptions))
            shape = graph.tensors[operator.outputs[0]].shape
            operator.inputs = [constant(model, np.asarray(shape, np.int32)), filter, x, bias]
            operator.customOptions = None
            operator.builtinOptionsType = schema.BuiltinOptions.TransposeConvOptions
            operator.builtinOptions = options = schema.TransposeConvOptionsT()
            options.padding, options.strideW, options.strideH = padding - 1, stride_w, stride_h
            operator.opcodeIndex = code(model, "TRANSPOSE_CONV", 3)
            mutate(model, operator)

    return edit


def constant(model: Any, value: Array) -> int:
    buffer, tensor = schema.BufferT(), schema.TensorT()
    buffer.data = np.frombuffer(value.tobytes(), np.uint8)  # type: ignore[assignment]
    tensor.type = schema.TensorType.INT32
    tensor.name, tensor.shape, tensor.buffer = "made", list(value.shape), len(model.buffers)
    model.buffers.append(buffer)
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def code(model: Any, name: str, version: int) -> int:
    kind = schema.OperatorCodeT()
    kind.builtinCode = getattr(schema.BuiltinOperator, name)
    kind.deprecatedBuiltinCode, kind.version = min(kind.builtinCode, 127), version
    model.operatorCodes.append(kind)
    return len(model.operatorCodes) - 1


def change_filter(model: Any, operator: Any, change: Callable[[Array], Array]) -> None:
    """Give it a changed copy of its filter, which is a constant or a DEQUANTIZE of one."""
    graph = model.subgraphs[0]
    index = operator.inputs[1]
    maker = next((each for each in graph.operators if each.outputs[0] == index), None)
    tensor = graph.tensors[index if maker is None else maker.inputs[0]]
    dtype = np.float16 if tensor.type == schema.TensorType.FLOAT16 else np.float32
    old = np.asarray(model.buffers[tensor.buffer].data, np.uint8).view(dtype).reshape(tensor.shape)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(np.ascontiguousarray(change(old)).tobytes(), np.uint8)  # type: ignore[assignment]
    tensor.buffer = len(model.buffers)
    model.buffers.append(buffer)


def drop_bias(_: Any, operator: Any) -> None:
    operator.inputs = operator.inputs[:3]


def flip_filter(model: Any, operator: Any) -> None:
    change_filter(model, operator, lambda filter: filter[:, ::-1, ::-1])


def transpose_filter(model: Any, operator: Any) -> None:
    change_filter(model, operator, lambda filter: filter.transpose(0, 2, 1, 3))


def swap_channels(model: Any, operator: Any) -> None:
    """Where a filter has as many outputs as inputs, the wrong layout still has the right shape."""
    change_filter(
        model, operator, lambda filter: filter.transpose(3, 1, 2, 0) if filter.shape[0] == filter.shape[3] else filter
    )


def negate_filter(model: Any, operator: Any) -> None:
    change_filter(model, operator, np.negative)


def places(before: Model, after: Model) -> list[Place]:
    made = {tensor.name: tensor for tensor in after.subgraphs[0].tensors}
    found: list[Place] = []
    for operator in before.subgraphs[0].operators:
        if operator.name == CUSTOM:
            inputs = [(each, made[each.name]) for each in operator.inputs if each is not None and not each.is_constant]
            roots = [(root, made[root.name]) for root in operator.outputs]
            equality = Equality("within", 1e-5)
            found.append(place_between("mediapipe.test", (before, after), 0, inputs, roots, equality))
    return found


@pytest.mark.parametrize(("name", "count"), [("selfie_segmentation", 1), ("hair_segmentation", 5)])
def test_the_right_rewrite_passes_everywhere(shared: Path, runtime: Runtime, name: str, count: int) -> None:
    path = shared / "models" / "mediapipe" / f"{name}.tflite"
    before, after = read(path.read_bytes()), read(edited(path, to_builtin()))
    found = check_model(before, after, places(before, after), kernels=CALLS, runtime=runtime)
    assert (found.status, found.failures) == ("passed", ())
    assert [(each.varied, each.responds) for each in found.places] == [(True, True)] * count
    assert all(each.varied for each in found.outputs)
    assert max(each.comparison.max_rel for each in found.outputs) < 1e-6
    assert {each.kernels: each.whole for each in found.kernels if each.ran}["default"]


@pytest.mark.parametrize(
    ("name", "mutate"),
    [
        ("selfie_segmentation", drop_bias),
        ("selfie_segmentation", flip_filter),
        ("selfie_segmentation", transpose_filter),
        ("selfie_segmentation", negate_filter),
        ("hair_segmentation", drop_bias),
        ("hair_segmentation", flip_filter),
        ("hair_segmentation", transpose_filter),
        ("hair_segmentation", swap_channels),
    ],
)
def test_a_mutant_fails_as_a_whole_and_at_its_place(
    shared: Path, runtime: Runtime, name: str, mutate: Callable[[Any, Any], None]
) -> None:
    path = shared / "models" / "mediapipe" / f"{name}.tflite"
    before, after = read(path.read_bytes()), read(edited(path, to_builtin(mutate)))
    found = check_model(before, after, places(before, after), kernels=CALLS, runtime=runtime)
    assert found.status == "failed"
    assert found.outputs
    assert not any(each.comparison.equal for each in found.outputs)
    if name == "hair_segmentation" or mutate is drop_bias:
        # The filter of selfie_segmentation is made by a DEQUANTIZE, outside the place; only the whole model shows it.
        assert not all(each.comparison.equal for each in found.places)


def test_our_kernel_and_the_interpreter_together_compute_what_mediapipe_did(shared: Path, runtime: Runtime) -> None:
    """With the builtin kernels, which are those of MediaPipe's own runtime; the plain ones add up in another order."""
    golden = np.load(shared / "golden" / "models" / "selfie_segmentation.npz")
    model = read((shared / "models" / "mediapipe" / "selfie_segmentation.tflite").read_bytes())
    with Executor(runtime, CALLS).model(model, "builtin", "selfie_segmentation") as execution:
        (output,) = execution.run([golden["input_0"]])
    assert not execution.whole
    assert float(np.abs(output - golden["output_0"]).max()) <= 5e-7


FAMILIES = [
    "coral/mobilenet_v1_0.25_128_quant.tflite",
    "coral/split_concat.tflite",
    "litert/gather_string.tflite",
    "litert/nested_while.bin",
    "litert/lstm_quantized.bin",
    "mediapipe/face_detection_short_range.tflite",
    "mediapipe/palm_detection.tflite",
    "tflm/keyword_scrambled.tflite",
    "tflm/micro_speech.tflite",
]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_agrees_with_itself(shared: Path, runtime: Runtime, name: str) -> None:
    model, again = read((shared / "models" / name).read_bytes()), read((shared / "models" / name).read_bytes())
    found = verify_models(model, again, runtime=runtime, seeds=2)
    assert found.equal, found.failures
    assert {each.ran for each in found.kernels} == {2}
    assert {each.comparison.max_abs for each in found.outputs} == {0.0}


def test_every_entry_point_is_run(shared: Path, runtime: Runtime) -> None:
    path = shared / "models" / "litert" / "multi_signature_def.bin"
    model = read(path.read_bytes())
    found = verify_models(model, read(path.read_bytes()), runtime=runtime)
    assert {(each.subgraph, each.kernels, each.ran) for each in found.kernels} == {
        (0, "reference", 5),
        (0, "default", 5),
        (1, "reference", 5),
        (1, "default", 5),
    }
    assert found.equal

    def subtract_instead(model: Any) -> None:
        model.subgraphs[1].operators[0].opcodeIndex = code(model, "SQUARED_DIFFERENCE", 1)
        model.subgraphs[1].operators[0].builtinOptionsType = 0
        model.subgraphs[1].operators[0].builtinOptions = None

    found = verify_models(model, read(edited(path, subtract_instead)), runtime=runtime)
    assert {each.subgraph: each.comparison.equal for each in found.outputs} == {0: True, 1: False}


def test_a_model_that_spoils_the_memory_it_runs_in_does_not_bring_down_the_check(shared: Path) -> None:
    """Two of this one in one process end it (LiteRT 2.3); each is then run in a child of its own."""
    model = read((shared / "models" / "tflm" / "keyword_scrambled_8bit.tflite").read_bytes())
    with Runtime() as running:
        found = verify_models(model, model, runtime=running, seeds=2)
        assert found.to_json()["outputs"]
        other = read((shared / "models" / "tflm" / "hello_world.tflite").read_bytes())
        assert verify_models(other, other, runtime=running, seeds=2).equal


def test_a_runtime_that_refuses_an_index_says_so(shared: Path, runtime: Runtime) -> None:
    model = read((shared / "models" / "tflm" / "malicious_gather.tflite").read_bytes())
    found = verify_models(model, model, runtime=runtime)
    assert found.outputs == ()
    assert "gather index out of bounds" in " ".join(found.warnings)

"""The graph check finds each kind of damage that it names, where it is, and nothing in a graph that is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.model import Buffer, OperatorCode, Quantization, read
from rewriter.wellformed import complaints, new_complaints
from tests.corpus.bindings import pack
from tests.shared import SHARED
from tests.unit.sample_model import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from rewriter.model import Model, Operator, Subgraph, Tensor

REAL = (
    "mediapipe/selfie_segmentation.tflite",
    "mediapipe/hand_landmark_lite.tflite",
    "coral/tf2_mobilenet_v2_1.0_224_ptq.tflite",
)


def made() -> bytes:
    """A model of two subgraphs that is whole; no two outputs are one tensor, which some real models have."""
    model = sample()
    model.subgraphs[0].outputs = [5, 6]
    return pack(model)


@pytest.fixture(params=["made", *REAL])
def data(request: pytest.FixtureRequest) -> bytes:
    if request.param == "made":
        return made()
    path = SHARED / "models" / request.param
    if not path.exists():
        pytest.skip(f"{request.param} is not at hand in {SHARED}")
    return path.read_bytes()


def constants(subgraph: Subgraph) -> list[Tensor]:
    return [tensor for tensor in subgraph.tensors if tensor.is_constant and not tensor.is_sparse]


def chained(subgraph: Subgraph) -> tuple[Operator, Operator]:
    """Two operators of which the second reads a result of the first."""
    for operator in subgraph.operators:
        for tensor in operator.inputs:
            if tensor is not None and tensor.producer is not None:
                return tensor.producer, operator
    raise AssertionError


def run_too_early(subgraph: Subgraph) -> str:
    first, second = chained(subgraph)
    subgraph.operators.remove(second)
    subgraph.operators.insert(subgraph.operators.index(first), second)
    return second.name


def compute_twice(subgraph: Subgraph) -> str:
    first, second = chained(subgraph)
    second.outputs = [*second.outputs, first.outputs[0]]
    return second.name


def compute_an_input(subgraph: Subgraph) -> str:
    operator = subgraph.operators[-1]
    operator.outputs = [subgraph.inputs[0]]
    return operator.name


def lose_the_producer(subgraph: Subgraph) -> str:
    output = next(tensor for tensor in subgraph.outputs if tensor.producer)
    assert output.producer is not None
    subgraph.operators.remove(output.producer)
    return output.name


def shrink_a_constant(subgraph: Subgraph) -> str:
    tensor = constants(subgraph)[0]
    assert tensor.buffer is not None
    tensor.buffer = Buffer(1, size=tensor.buffer.size - 1, data=bytes(tensor.data or b"")[1:])
    return tensor.name


def reshape_a_constant(subgraph: Subgraph) -> str:
    tensor = constants(subgraph)[0]
    tensor.edit(shape=(*tensor.shape, 2))
    return tensor.name


def widen_a_constant(subgraph: Subgraph) -> str:
    tensor = constants(subgraph)[0]
    tensor.edit(dtype="c128")
    return tensor.name


def make_a_size_negative(subgraph: Subgraph) -> str:
    tensor = subgraph.inputs[0]
    tensor.edit(shape=(-1, *tensor.shape[1:]))
    return tensor.name


def give_a_signature_another_rank(subgraph: Subgraph) -> str:
    tensor = subgraph.inputs[0]
    tensor.edit(shape_signature=(-1, *tensor.shape))
    return tensor.name


def quantize(tensor: Tensor, scales: int, zero_points: int, dimension: int) -> str:
    tensor.edit(quantization=Quantization((0.5,) * scales, (0,) * zero_points, dimension))
    return tensor.name


def lose_a_zero_point(subgraph: Subgraph) -> str:
    return quantize(subgraph.inputs[0], 2, 1, 0)


def have_too_many_channels(subgraph: Subgraph) -> str:
    tensor = subgraph.inputs[0]
    return quantize(tensor, tensor.shape[0] + 1, tensor.shape[0] + 1, 0)


def quantize_a_dimension_that_is_not_there(subgraph: Subgraph) -> str:
    return quantize(subgraph.inputs[0], 2, 2, len(subgraph.inputs[0].shape))


def quantize_a_dimension_below_the_first(subgraph: Subgraph) -> str:
    return quantize(subgraph.inputs[0], 2, 2, -9)


def take_version_0(subgraph: Subgraph) -> str:
    operator = subgraph.operators[0]
    operator.code = OperatorCode(operator.code.builtin, operator.code.custom_code, 0)
    return operator.name


def name_two_outputs_alike(subgraph: Subgraph) -> str:
    first = subgraph.outputs[0]
    other = next(tensor for tensor in subgraph.tensors if tensor.producer and tensor is not first)
    other.edit(name=first.name)
    other.is_output = True
    subgraph.outputs = [*subgraph.outputs, other]
    return "outputs"


DAMAGE: list[tuple[str, Callable[[Subgraph], str], str]] = [
    ("order", run_too_early, "before it is computed"),
    ("producer", compute_twice, "which is there already"),
    ("producer", compute_an_input, "which is there already"),
    ("output", lose_the_producer, "nothing computes it"),
    ("constant", shrink_a_constant, "its type and shape take"),
    ("constant", reshape_a_constant, "its type and shape take"),
    ("constant", widen_a_constant, "its type and shape take"),
    ("shape", make_a_size_negative, "a negative size"),
    ("shape", give_a_signature_another_rank, "and signature"),
    ("quantization", lose_a_zero_point, "2 scales and 1 zero points"),
    ("quantization", have_too_many_channels, "channels"),
    ("quantization", quantize_a_dimension_that_is_not_there, "2 scales for -1 channels"),
    ("quantization", quantize_a_dimension_below_the_first, "2 scales for -1 channels"),
    ("version", take_version_0, "version 0 is none"),
    ("names", name_two_outputs_alike, "two outputs have one name"),
]


def test_a_whole_model_gives_no_cause_for_complaint(data: bytes) -> None:
    assert complaints(read(data)) == []


@pytest.mark.parametrize(("kind", "damage", "message"), DAMAGE, ids=[damage.__name__ for _, damage, _ in DAMAGE])
def test_damage_is_found_where_it_is(data: bytes, kind: str, damage: Callable[[Subgraph], str], message: str) -> None:
    model = read(data)
    place = damage(model.subgraphs[0])
    found = [each for each in complaints(model) if each.kind == kind]
    assert any(place in each.place and message in each.message and each.subgraph == 0 for each in found), found
    assert [each for each in new_complaints(read(data), model) if each.kind == kind] == found


def test_damage_in_a_later_subgraph_names_that_subgraph() -> None:
    model = read(made())
    make_a_size_negative(model.subgraphs[1])
    assert [str(each) for each in complaints(model)] == ["subgraph 1, tensor 'x': has a negative size in [-1, 5]"]


def test_a_signature_that_names_a_tensor_of_another_subgraph_is_found() -> None:
    model = read(made())
    signature = model.signatures[0]
    signature.outputs = [("one", model.subgraphs[1].tensors[0]), *signature.outputs[1:]]
    assert [str(each) for each in complaints(model)] == ["subgraph 0, signature 'run': 'one' is no tensor there"]


def test_what_was_wrong_before_is_no_new_complaint() -> None:
    before, after = read(made()), read(made())
    for model in (before, after):
        reshape_a_constant(model.subgraphs[0])
    assert complaints(after) != []
    assert new_complaints(before, after) == []
    place = make_a_size_negative(after.subgraphs[0])
    assert [each.place for each in new_complaints(before, after)] == [f"tensor {place!r}"]


def test_the_size_of_a_sparse_constant_is_not_taken_for_that_of_its_shape() -> None:
    model: Model = read(made())
    sparse = model.subgraphs[0].tensors[3]
    assert sparse.is_sparse
    assert sparse.buffer is not None
    assert sparse.buffer.size == 8
    assert complaints(model) == []

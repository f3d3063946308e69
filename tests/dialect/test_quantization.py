"""Which parameters results have, and what has to hold between operands and results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.dialect.dialect import builtin_declarations
from rewriter.dialect.types import TensorType
from rewriter.model import Buffer, Quantization, Tensor
from rewriter.verify.runtime import Runtime
from tests.dialect.one_operator import Case, Operand, RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def tensor(
    dtype: str, shape: Sequence[int] = (1, 4), scale: Sequence[float] = (), zero: int = 0, dimension: int = 0
) -> Tensor:
    quantization = Quantization(tuple(scale), (zero,) * len(scale), dimension) if scale else None
    return Tensor.make(f"{dtype}{list(shape)}", dtype, shape, quantization=quantization)


def integers(*values: int) -> Tensor:
    data = np.array(values, np.int32).tobytes()
    return Tensor.make("numbers", "i32", (len(values),), buffer=Buffer(1, size=len(data), data=data))


def parameters(
    name: str, operands: Sequence[Tensor | None], result: TensorType, place: int = 0, **attributes: Any
) -> Quantization | None:
    rule = builtin_declarations()[name].quantization
    assert rule is not None
    return rule(operands, attributes, result, place)


HALF = tensor("i8", scale=(0.5,), zero=3)
QUARTER = tensor("i8", scale=(0.25,), zero=3)
FLOAT = tensor("f32")


MOVED = [
    "RESHAPE",
    "TRANSPOSE",
    "SQUEEZE",
    "MAX_POOL_2D",
    "AVERAGE_POOL_2D",
    "PAD",
    "SLICE",
    "STRIDED_SLICE",
    "TILE",
    "SPLIT_V",
    "UNPACK",
    "REDUCE_MAX",
    "GATHER",
    "GATHER_ND",
    "RESIZE_BILINEAR",
    "DEPTH_TO_SPACE",
    "BATCH_TO_SPACE_ND",
    "REVERSE_V2",
    "MIRROR_PAD",
    "BROADCAST_TO",
    "ZEROS_LIKE",
    "CONCATENATION",
    "PACK",
    "MAXIMUM",
    "MINIMUM",
]


@pytest.mark.parametrize("name", MOVED)
def test_results_keep_the_parameters_of_what_is_moved(name: str) -> None:
    assert parameters(name, [HALF], TensorType("i8", (1, 4))) is HALF.quantization
    assert parameters(name, [FLOAT], TensorType("f32", (1, 4))) is None


def test_of_several_operands_the_right_one_is_kept() -> None:
    assert parameters("SPLIT", [integers(0), HALF], TensorType("i8", (1, 2)), 1) is HALF.quantization
    assert parameters("FILL", [integers(4), HALF], TensorType("i8", (4,))) is HALF.quantization
    assert parameters("SCATTER_ND", [integers(4), HALF, integers(9)], TensorType("i8", (9,))) is HALF.quantization
    assert parameters("TOPK_V2", [HALF, integers(2)], TensorType("i8", (1, 2)), 0) is HALF.quantization
    assert parameters("TOPK_V2", [HALF, integers(2)], TensorType("i32", (1, 2)), 1) is None


@pytest.mark.parametrize("name", ["CONCATENATION", "PACK", "MAXIMUM", "MINIMUM", "PADV2", "SELECT_V2"])
def test_operands_of_which_one_is_taken_have_equal_parameters(name: str) -> None:
    assert parameters(name, [HALF, HALF], TensorType("i8", (1, 4))) is HALF.quantization
    with pytest.raises(ValueError, match=r"are quantized differently"):
        parameters(name, [HALF, QUARTER], TensorType("i8", (1, 4)))


FIXED = {
    ("SOFTMAX", "i8"): (1 / 256, -128),
    ("SOFTMAX", "u8"): (1 / 256, 0),
    ("SOFTMAX", "i16"): (1 / 32768, 0),
    ("LOGISTIC", "i8"): (1 / 256, -128),
    ("LOGISTIC", "u8"): (1 / 256, 0),
    ("LOGISTIC", "i16"): (1 / 32768, 0),
    ("TANH", "i8"): (1 / 128, 0),
    ("TANH", "u8"): (1 / 128, 128),
    ("TANH", "i16"): (1 / 32768, 0),
    ("LOG_SOFTMAX", "i8"): (16 / 256, 127),
    ("LOG_SOFTMAX", "u8"): (16 / 256, 255),
    ("L2_NORMALIZATION", "i8"): (1 / 128, 0),
    ("L2_NORMALIZATION", "u8"): (1 / 128, 128),
}


@pytest.mark.parametrize(("name", "dtype"), FIXED)
def test_functions_of_a_known_range_fix_the_results_parameters(name: str, dtype: str) -> None:
    scale, zero = FIXED[name, dtype]
    operand = tensor(dtype, scale=(0.1,))
    found = parameters(name, [operand], TensorType(dtype, (1, 4)))
    assert found == Quantization((scale,), (zero,))
    assert parameters(name, [FLOAT], TensorType("f32", (1, 4))) is None
    declaration = builtin_declarations()[name]
    assert declaration.quantization_complaints([operand], [tensor(dtype, scale=(scale,), zero=zero)], {}) == []
    (complaint,) = declaration.quantization_complaints([operand], [tensor(dtype, scale=(scale * 2,), zero=zero)], {})
    assert complaint.startswith(f"'{dtype}[1, 4]' needs scale ")


BY_SPECIFICATION = {("SOFTMAX", "u8"), ("TANH", "i8"), ("TANH", "u8")}
"""Where the runtime's fast kernels look results up in a table made for any parameters, against the specification."""


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as made:
        yield made


@pytest.mark.parametrize(("name", "dtype"), FIXED)
def test_the_runtime_takes_these_parameters_and_most_often_no_others(name: str, dtype: str, runtime: Runtime) -> None:
    scale, zero = FIXED[name, dtype]
    operand = Operand(dtype, (1, 4), scale=0.1 if dtype != "i16" else 1 / 4096)
    attributes = {"beta": 1.0} if name == "SOFTMAX" else {}
    case = Case(name, (operand,), attributes, scale=scale, zero_point=zero)
    (found,) = case.run(runtime, [TensorType(dtype, (1, 4))])
    assert found.shape == (1, 4)
    if (name, dtype) in BY_SPECIFICATION:
        return
    other = Case(name, (operand,), attributes, scale=scale * 1.5, zero_point=zero)
    with pytest.raises(RuntimeFailure):
        other.run(runtime, [TensorType(dtype, (1, 4))])


def test_sixteen_bit_results_of_eight_bit_shares_count_from_the_lowest() -> None:
    found = parameters("SOFTMAX", [tensor("i8", scale=(0.1,))], TensorType("i16", (1, 4)))
    assert found == Quantization((1 / 65536,), (-32768,))


def test_what_is_chosen_cannot_be_derived() -> None:
    for name in ("ADD", "CONV_2D", "FULLY_CONNECTED", "MEAN", "RELU", "LEAKY_RELU"):
        with pytest.raises(ValueError, match="they follow from nothing"):
            parameters(name, [HALF, HALF], TensorType("i8", (1, 4)))
        assert parameters(name, [FLOAT, HALF], TensorType("f32", (1, 4))) is None


def test_booleans_indices_and_real_values_have_none() -> None:
    assert parameters("EQUAL", [HALF, HALF], TensorType("bool", (1, 4))) is None
    assert parameters("ARG_MAX", [HALF, integers(0)], TensorType("i32", (1,))) is None
    assert parameters("DEQUANTIZE", [HALF], TensorType("f32", (1, 4))) is None
    assert parameters("SHAPE", [HALF], TensorType("i32", (2,))) is None


def test_a_range_alone_is_no_quantisation() -> None:
    ranged = Tensor.make("r", "i8", (1, 4), quantization=Quantization(minimum=(0.0,), maximum=(6.0,)))
    assert parameters("RESHAPE", [ranged], TensorType("i8", (4,))) is None


@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.data())
def test_channels_move_with_their_dimension(shape: list[int], data: st.DataObject) -> None:
    dimension = data.draw(st.integers(0, len(shape) - 1))
    scales = tuple(0.5 + step for step in range(shape[dimension]))
    weights = tensor("i8", shape, scales, dimension=dimension)
    order = data.draw(st.permutations(range(len(shape))))
    moved = parameters("TRANSPOSE", [weights, integers(*order)], TensorType("i8", [shape[place] for place in order]))
    assert moved is not None
    assert moved.scale == scales
    # One scale is for the whole tensor, and says nothing of a dimension.
    assert len(scales) == 1 or order[moved.dimension] == dimension


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((1, 3, 3, 8), 3), ((9, 8), 1), ((3, 3, 1, 8, 1), 3), ((3, 3, 8), 2)],
)
def test_channels_stay_with_their_dimension_where_elements_keep_their_order(
    shape: tuple[int, ...], wanted: int
) -> None:
    weights = tensor("i8", (3, 3, 8), [0.5 + step for step in range(8)], dimension=2)
    found = parameters("RESHAPE", [weights, integers(*shape)], TensorType("i8", shape))
    assert found is not None
    assert found.dimension == wanted


@pytest.mark.parametrize("shape", [(72,), (3, 24), (8, 9), (3, 3, 4, 2), (None, 8)])
def test_channels_that_no_dimension_holds_are_an_error(shape: tuple[int | None, ...]) -> None:
    weights = tensor("i8", (3, 3, 8), [0.5 + step for step in range(8)], dimension=2)
    with pytest.raises(ValueError, match="no dimension of"):
        parameters("RESHAPE", [weights, None], TensorType("i8", shape))


def test_channels_are_an_error_where_nobody_knows_where_they_go() -> None:
    weights = tensor("i8", (2, 4), [0.5, 0.25], dimension=0)
    with pytest.raises(ValueError, match="where the channels go is not known"):
        parameters("SLICE", [weights], TensorType("i8", (2, 2)))
    with pytest.raises(ValueError, match="where the channels go is not known"):
        parameters("TRANSPOSE", [weights, tensor("i32", (2,))], TensorType("i8", (4, 2)))


INPUT = tensor("i8", (1, 4, 4, 2), scale=(0.5,))
FILTER = tensor("i8", (2, 3, 3, 2), scale=(0.25, 0.125))
OUTPUT = tensor("i8", (1, 4, 4, 2), scale=(1.0,))


_SCALE = "the scale of the bias 'i32[2]' in channel 1"


def bias(*scale: float, dtype: str = "i32", zero: int = 0) -> Tensor:
    return tensor(dtype, (2,), scale, zero)


@pytest.mark.parametrize("name", ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "CONV_3D"])
@pytest.mark.parametrize(
    ("filter", "given", "complaints"),
    [
        (FILTER, bias(0.125, 0.0625), []),
        (FILTER, bias(0.125, 0.0625, dtype="i64"), []),
        (tensor("i8", (2, 3, 3, 2), scale=(0.25,)), bias(0.125), []),
        (FILTER, bias(0.125, 0.0626), [f"{_SCALE} is 0.0626, input scale * filter scale 0.0625"]),
        (FILTER, bias(0.125), [f"{_SCALE} is 0.125, input scale * filter scale 0.0625"]),
        (FILTER, bias(0.125, 0.0625, zero=1), ["the zero point of the bias 'i32[2]' has to be 0"]),
        (FILTER, bias(0.125, 0.0625, dtype="i16"), ["the bias 'i16[2]' has to be i32 or i64, not i16"]),
        (FILTER, bias(0.125, 0.0625, 0.5), ["the bias 'i32[2]' has 3 scales, the filter 2"]),
        (FILTER, bias(), []),
    ],
)  # fmt: skip
def test_a_bias_counts_in_products_of_steps(name: str, filter: Tensor, given: Tensor, complaints: list[str]) -> None:
    declaration = builtin_declarations()[name]
    assert declaration.quantization_complaints([INPUT, filter, given, None], [OUTPUT], {}) == complaints


def test_a_float_input_makes_no_demands_of_the_bias() -> None:
    declaration = builtin_declarations()["CONV_2D"]
    assert declaration.quantization_complaints([tensor("f32", (1, 4, 4, 2)), FILTER, bias(9.0)], [OUTPUT], {}) == []


def test_tensors_that_must_be_quantized_alike() -> None:
    pool, join = builtin_declarations()["MAX_POOL_2D"], builtin_declarations()["CONCATENATION"]
    assert pool.quantization_complaints([HALF], [HALF], {}) == []
    assert pool.quantization_complaints([HALF], [QUARTER], {}) == [
        "'i8[1, 4]' and 'i8[1, 4]' need the same quantisation"
    ]
    assert join.quantization_complaints([HALF, HALF], [HALF], {}) == []
    assert len(join.quantization_complaints([HALF, QUARTER], [HALF], {})) == 1
    # The kernel brings 8-bit operands without a sign to the result's parameters by itself.
    bytes_ = [tensor("u8", scale=(scale,)) for scale in (0.5, 0.25)]
    assert join.quantization_complaints(bytes_, bytes_[:1], {}) == []


def test_moved_channels_are_demanded_where_they_go() -> None:
    weights = tensor("i8", (2, 3), [0.5, 0.25], dimension=0)
    turn = builtin_declarations()["TRANSPOSE"]
    right = tensor("i8", (3, 2), [0.5, 0.25], dimension=1)
    wrong = tensor("i8", (3, 2), [0.5, 0.25], dimension=0)
    assert turn.quantization_complaints([weights, integers(1, 0)], [right], {}) == []
    assert turn.quantization_complaints([weights, integers(1, 0)], [wrong], {}) == [
        "'i8[3, 2]' needs 2 scales along dimension 1, and has 2 scales along dimension 0"
    ]


def test_almost_every_operator_has_a_rule() -> None:
    without = {name for name, each in builtin_declarations().items() if each.quantization is None}
    assert without == {
        # What comes out is a subgraph's affair, or nobody's.
        *("CALL", "IF", "WHILE", "STABLEHLO_CASE", "STABLEHLO_COMPOSITE", "STABLEHLO_CUSTOM_CALL", "STABLEHLO_WHILE"),
        *("CONCAT_EMBEDDINGS", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES", "STABLEHLO_IOTA"),
        # The result's tensor says it, or a variable.
        *("QUANTIZE", "READ_VARIABLE"),
    }

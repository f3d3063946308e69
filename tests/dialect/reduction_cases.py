"""Cases of reductions, orders and segments."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.dialect.draw import SIZES, number, numbers, shapes
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

CONSTANT = st.booleans()
REDUCERS = {
    "MEAN": ["f32", "i32", "i64"],
    "SUM": ["f32", "i32", "i64"],
    "REDUCE_PROD": ["f32", "i32", "i64"],
    "REDUCE_MAX": ["f32", "i32", "i64"],
    "REDUCE_MIN": ["f32", "i32", "i64"],
    "REDUCE_ANY": ["bool"],
    "REDUCE_ALL": ["bool"],
}
SEGMENTS = ("SUM", "PROD", "MAX", "MIN")


@st.composite
def reduced(draw: DrawFn, name: str) -> Case:
    shape = draw(shapes(1, 4))
    # An axis that is named twice makes some kernels write past the end.
    places = st.integers(-len(shape), len(shape) - 1)
    axes = draw(st.lists(places, min_size=1, max_size=4, unique_by=lambda axis: axis % len(shape)))
    scalar = len(axes) == 1 and draw(st.booleans())
    constant = draw(CONSTANT)
    axis = number(axes[0], constant=constant) if scalar else numbers(axes, constant=constant)
    attributes = {"keep_dims": draw(st.booleans())}
    return Case(name, (Operand(draw(st.sampled_from(REDUCERS[name])), shape), axis), attributes)


@st.composite
def arg(draw: DrawFn, name: str) -> Case:
    shape = draw(shapes(1, 4))
    axis = number(
        draw(st.integers(-len(shape), len(shape) - 1)), draw(st.sampled_from(["i32", "i64"])), constant=draw(CONSTANT)
    )
    attributes = {"output_type": draw(st.sampled_from(["INT32", "INT64"]))}
    return Case(name, (Operand(draw(st.sampled_from(["f32", "i32", "i8", "bool"])), shape), axis), attributes)


@st.composite
def top_k(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 3))
    count = number(draw(st.integers(1, shape[-1] + 1)), constant=draw(CONSTANT))
    return Case("TOPK_V2", (Operand(draw(st.sampled_from(["f32", "i32", "i8"])), shape), count), results=2)


@st.composite
def cumsum(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    axis = number(draw(st.integers(-len(shape), len(shape) - 1)), constant=draw(CONSTANT))
    attributes = {"exclusive": draw(st.booleans()), "reverse": draw(st.booleans())}
    return Case("CUMSUM", (Operand(draw(st.sampled_from(["f32", "i32", "i64"])), shape), axis), attributes)


@st.composite
def unique(draw: DrawFn) -> Case:
    attributes = {"idx_out_type": draw(st.sampled_from(["INT32", "INT64"]))}
    operand = Operand(draw(st.sampled_from(["f32", "i32", "i64"])), draw(shapes(1, 1)))
    return Case("UNIQUE", (operand,), attributes, results=2)


@st.composite
def segment_sum(draw: DrawFn) -> Case:
    shape, constant = draw(shapes(1, 3)), draw(CONSTANT)
    ids = [0]
    for _ in range(shape[0] - 1):
        ids.append(ids[-1] + draw(st.integers(0, 2)))
    data = Operand(draw(st.sampled_from(["f32", "i32"])), shape, constant=constant)
    return Case("SEGMENT_SUM", (data, numbers(ids, constant=constant)))


@st.composite
def unsorted_segment(draw: DrawFn, name: str) -> Case:
    shape = draw(shapes(1, 4))
    leading = shape[: draw(st.integers(1, len(shape)))]
    ids = Operand("i32", leading, [draw(st.integers(-1, 2)) for _ in range(prod(leading))], constant=draw(CONSTANT))
    count = number(draw(st.integers(3, 5)), constant=draw(CONSTANT))
    return Case(name, (Operand(draw(st.sampled_from(["f32", "i32"])), shape), ids, count))


@st.composite
def non_max_suppression(draw: DrawFn, name: str) -> Case:
    count = draw(st.integers(1, 5))
    limit = number(draw(st.integers(1, 4)), constant=draw(CONSTANT))
    numbers_ = [Operand("f32", (), each) for each in (0.5, 0.1, 0.5)]
    boxes, scores = Operand("f32", (count, 4)), Operand("f32", (count,))
    v5 = name.endswith("5")
    return Case(name, (boxes, scores, limit, *numbers_[: 3 if v5 else 2]), results=3 if v5 else 2)


@st.composite
def reduce_window(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 3))
    lists = [numbers([draw(st.integers(1, most)) for _ in shape], "i64") for most in (4, 3, 2)]
    attributes = {"reduce_function": draw(st.sampled_from(["ADD", "MUL", "MINIMUM", "MAXIMUM"]))}
    return Case("REDUCE_WINDOW", (Operand("f32", shape), Operand("f32", ()), *lists), attributes)


@st.composite
def rfft2d(draw: DrawFn) -> Case:
    image = Operand("f32", (*draw(shapes(0, 2)), draw(SIZES) * 2, draw(SIZES) * 2))
    lengths = numbers([draw(st.sampled_from([1, 2, 4, 8])) for _ in range(2)], constant=draw(CONSTANT))
    return Case("RFFT2D", (image, lengths))


CASES: dict[str, SearchStrategy[Case]] = {
    **{name: reduced(name) for name in REDUCERS},
    "ARG_MAX": arg("ARG_MAX"),
    "ARG_MIN": arg("ARG_MIN"),
    "TOPK_V2": top_k(),
    "CUMSUM": cumsum(),
    "UNIQUE": unique(),
    "SEGMENT_SUM": segment_sum(),
    **{f"UNSORTED_SEGMENT_{each}": unsorted_segment(f"UNSORTED_SEGMENT_{each}") for each in SEGMENTS},
    "NON_MAX_SUPPRESSION_V4": non_max_suppression("NON_MAX_SUPPRESSION_V4"),
    "NON_MAX_SUPPRESSION_V5": non_max_suppression("NON_MAX_SUPPRESSION_V5"),
    "REDUCE_WINDOW": reduce_window(),
    "RFFT2D": rfft2d(),
}

"""Cases of operators that work element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.dialect.draw import broadcast_pair, number, numbers, shapes
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

# Element types that the kernels take without quantisation.
BINARY = {
    "ADD": ["f32", "i32", "i64"],
    "SUB": ["f32", "i32", "i64"],
    "MUL": ["f32", "i32", "i64"],
    "DIV": ["f32"],
    "FLOOR_DIV": ["f32"],
    "FLOOR_MOD": ["f32"],
    "POW": ["f32"],
    "SQUARED_DIFFERENCE": ["f32", "i32"],
    "MAXIMUM": ["f32", "i32", "i64"],
    "MINIMUM": ["f32", "i32", "i64"],
    "BITWISE_XOR": ["i8", "i16", "i32", "u8"],
    "RIGHT_SHIFT": ["i8", "i16", "i32", "u8"],
    "EQUAL": ["f32", "i32", "i64", "bool"],
    "NOT_EQUAL": ["f32", "i32", "i64", "bool"],
    "LESS": ["f32", "i32", "i64"],
    "LESS_EQUAL": ["f32", "i32", "i64"],
    "GREATER": ["f32", "i32", "i64"],
    "GREATER_EQUAL": ["f32", "i32", "i64"],
    "LOGICAL_AND": ["bool"],
    "LOGICAL_OR": ["bool"],
}
UNARY = {
    "ABS": ["f32", "i32"],
    "NEG": ["f32", "i32", "i64"],
    "SIGN": ["f32", "i32"],
    "CEIL": ["f32"],
    "FLOOR": ["f32"],
    "ROUND": ["f32"],
    "SQUARE": ["f32"],
    "SQRT": ["f32"],
    "RSQRT": ["f32"],
    "EXP": ["f32"],
    "LOG": ["f32"],
    "SIN": ["f32"],
    "COS": ["f32"],
    "ZEROS_LIKE": ["f32", "i32", "i64"],
    "LOGICAL_NOT": ["bool"],
    "RELU": ["f32"],
    "RELU6": ["f32"],
    "RELU_N1_TO_1": ["f32"],
    "RELU_0_TO_1": ["f32"],
    "ELU": ["f32"],
    "GELU": ["f32"],
    "HARD_SWISH": ["f32"],
    "LOGISTIC": ["f32"],
    "TANH": ["f32"],
    "REAL": ["c64"],
    "IMAG": ["c64"],
    "COMPLEX_ABS": ["c64"],
    "RANK": ["f32", "i8"],
    "WHERE": ["bool", "f32", "i32"],
}
# Attributes without which a kernel has nothing to work with.
NEEDED: dict[str, dict[str, Any]] = {
    "LEAKY_RELU": {"alpha": 0.5},
    "SOFTMAX": {"beta": 1.0},
    "LOG_SOFTMAX": {},
    "L2_NORMALIZATION": {},
    "LOCAL_RESPONSE_NORMALIZATION": {"radius": 1, "bias": 1.0, "alpha": 1.0, "beta": 0.5},
    "FAKE_QUANT": {"min": -1.0, "max": 1.0, "num_bits": 8},
    "BUCKETIZE": {"boundaries": [-1.0, 0.5]},
}
RANKS = {
    "LOCAL_RESPONSE_NORMALIZATION": (4, 4),
    "SOFTMAX": (1, 4),
    "LOG_SOFTMAX": (1, 4),
    "L2_NORMALIZATION": (1, 4),
    "WHERE": (1, 4),
}


def binary(name: str, dtypes: list[str]) -> SearchStrategy[Case]:
    @st.composite
    def cases(draw: DrawFn) -> Case:
        lhs, rhs = broadcast_pair(draw)
        dtype = draw(st.sampled_from(dtypes))
        # Shifts by a negative number, and divisions by zero, are the operators' own affair.
        values: Any = None if dtype in ("f32", "bool") else [1] * _count(rhs)
        right = [2.0] * _count(rhs) if dtype == "f32" else values
        return Case(name, (Operand(dtype, lhs), Operand(dtype, rhs, right, constant=draw(st.booleans()))))

    return cases()


def unary(name: str, dtypes: list[str], attributes: dict[str, Any]) -> SearchStrategy[Case]:
    ranks = RANKS.get(name, (0, 4))
    return st.builds(
        lambda dtype, shape: Case(name, (Operand(dtype, shape),), attributes), st.sampled_from(dtypes), shapes(*ranks)
    )


@st.composite
def prelu(draw: DrawFn) -> Case:
    whole = draw(shapes(1, 4))
    cut = draw(st.integers(0, len(whole) - 1))
    alpha = tuple(draw(st.sampled_from([1, size])) for size in whole[cut:])
    return Case("PRELU", (Operand("f32", whole), Operand("f32", alpha, constant=draw(st.booleans()))))


@st.composite
def add_n(draw: DrawFn) -> Case:
    each = Operand(draw(st.sampled_from(["f32", "i32"])), draw(shapes()))
    return Case("ADD_N", (each,) * draw(st.integers(1, 4)))


@st.composite
def atan2(draw: DrawFn) -> Case:
    shape = draw(shapes())
    # Sizes that differ the kernel does not notice, and reads past the end; other numbers of dimensions it refuses.
    other = draw(st.sampled_from([shape, (*shape, 1)]))
    return Case("ATAN2", (Operand("f32", shape), Operand("f32", other)))


@st.composite
def select(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    condition = draw(st.sampled_from([shape, (), shape[:1]]))
    value = Operand(draw(st.sampled_from(["f32", "i32", "i8"])), shape)
    return Case("SELECT", (Operand("bool", condition), value, value))


@st.composite
def select_v2(draw: DrawFn) -> Case:
    whole = draw(shapes())
    parts = [
        tuple(draw(st.sampled_from([1, size])) for size in whole[draw(st.integers(0, len(whole))) :]) for _ in range(3)
    ]
    return Case("SELECT_V2", (Operand("bool", parts[0]), Operand("f32", parts[1]), Operand("f32", parts[2])))


@st.composite
def cast(draw: DrawFn) -> Case:
    words = {"f32": "FLOAT32", "i32": "INT32", "i64": "INT64", "i8": "INT8", "u8": "UINT8", "bool": "BOOL"}
    one, other = draw(st.lists(st.sampled_from(sorted(words)), min_size=2, max_size=2, unique=True))
    attributes = {"in_data_type": words[one], "out_data_type": words[other]}
    return Case("CAST", (Operand(one, draw(shapes())),), attributes)


@st.composite
def dequantize(draw: DrawFn) -> Case:
    dtype = draw(st.sampled_from(["i8", "u8", "i16", "f16"]))
    scale = None if dtype == "f16" else 0.5
    return Case("DEQUANTIZE", (Operand(dtype, draw(shapes()), scale=scale),))


@st.composite
def shape(draw: DrawFn) -> Case:
    attributes = {"out_type": draw(st.sampled_from(["INT32", "INT64", "FLOAT32"]))}
    # The interface cannot read a result without elements out, which a scalar's shape is.
    return Case("SHAPE", (Operand("f32", draw(shapes(1))),), attributes)


@st.composite
def fill(draw: DrawFn) -> Case:
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    dims = numbers(sizes, draw(st.sampled_from(["i32", "i64"])), constant=draw(st.booleans()))
    return Case("FILL", (dims, Operand(draw(st.sampled_from(["f32", "i32", "bool", "i8"])), ())))


@st.composite
def range_(draw: DrawFn) -> Case:
    start, limit = draw(st.integers(-5, 5)), draw(st.integers(-5, 5))
    delta = draw(st.integers(-3, 3))
    dtype = draw(st.sampled_from(["i32", "i64", "f32"]))
    constant = draw(st.booleans())
    if dtype == "f32":
        # How many floats there are, and whether they lead to the limit, only a run tells.
        limit, delta = start + 3, 2
    return Case("RANGE", tuple(number(each, dtype, constant=constant) for each in (start, limit, delta)))


@st.composite
def one_hot(draw: DrawFn) -> Case:
    indices = Operand(draw(st.sampled_from(["i32", "i64"])), draw(shapes(0, 3)))
    axis = draw(st.integers(-1, len(indices.shape)))
    depth = number(draw(st.integers(1, 4)), constant=draw(st.booleans()))
    value = Operand(draw(st.sampled_from(["f32", "i32", "bool"])), ())
    return Case("ONE_HOT", (indices, depth, value, value), {"axis": axis})


@st.composite
def random(draw: DrawFn, name: str) -> Case:
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    return Case(name, (numbers(sizes, constant=draw(st.booleans())),), {"seed": 1, "seed2": 2})


def _count(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


CASES: dict[str, SearchStrategy[Case]] = {
    **{name: binary(name, dtypes) for name, dtypes in BINARY.items()},
    **{name: unary(name, dtypes, {}) for name, dtypes in UNARY.items()},
    **{name: unary(name, ["f32"], attributes) for name, attributes in NEEDED.items()},
    "PRELU": prelu(),
    "ADD_N": add_n(),
    "ATAN2": atan2(),
    "SELECT": select(),
    "SELECT_V2": select_v2(),
    "CAST": cast(),
    "DEQUANTIZE": dequantize(),
    "SHAPE": shape(),
    "FILL": fill(),
    "RANGE": range_(),
    "ONE_HOT": one_hot(),
    "RANDOM_UNIFORM": random("RANDOM_UNIFORM"),
    "RANDOM_STANDARD_NORMAL": random("RANDOM_STANDARD_NORMAL"),
}

"""Right rewrites agree in exact arithmetic, wrong ones are refuted, and what cannot be compared is said to be so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rewriter.model import Model, Tensor
from rewriter.proof.field import PRIME, NoReference, ZeroDivisor, compare_exactly, evaluate, refusal
from tests.unit.networks import Network

Expression = Callable[[Network, Tensor, Tensor], Tensor]
SHAPE = (2, 3)
# Height, width and channels differ, and the windows below do not divide them.
IMAGE = (2, 5, 4, 3)


def model(*expressions: Expression, shape: tuple[int, ...] = SHAPE, dtype: str = "f32") -> Model:
    """A model of two inputs of one shape, and one output for each expression."""
    network = Network()
    x, y = network.input("x", shape, dtype), network.input("y", shape, dtype)
    return network.build(*(expression(network, x, y) for expression in expressions))


def binary(name: str, network: Network, left: Tensor, right: Tensor) -> Tensor:
    shape = np.broadcast_shapes(left.shape, right.shape)
    attributes = {"fused_activation_function": "NONE"} if name in ("ADD", "SUB", "MUL", "DIV") else None
    return network.add(name, [left, right], f"{name}{len(network.tensors)}", shape, attributes=attributes)


def add(network: Network, left: Tensor, right: Tensor) -> Tensor:
    return binary("ADD", network, left, right)


def sub(network: Network, left: Tensor, right: Tensor) -> Tensor:
    return binary("SUB", network, left, right)


def mul(network: Network, left: Tensor, right: Tensor) -> Tensor:
    return binary("MUL", network, left, right)


def div(network: Network, left: Tensor, right: Tensor) -> Tensor:
    return binary("DIV", network, left, right)


def unary(name: str, network: Network, operand: Tensor) -> Tensor:
    return network.add(name, [operand], f"{name}{len(network.tensors)}")


def const(network: Network, values: Any, dtype: str = "f32") -> Tensor:
    return network.constant(f"c{len(network.tensors)}", values, dtype)


def small(shape: tuple[int, ...], seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(1, 9, shape)


def shuffled(network: Network, x: Tensor, order: list[int]) -> Tensor:
    shape = [x.shape[each] for each in order]
    return network.add("TRANSPOSE", [x, const(network, order, "i32")], f"t{len(network.tensors)}", shape)


def reduced(name: str, network: Network, x: Tensor, axes: list[int]) -> Tensor:
    shape = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
    operands = [x, const(network, axes, "i32")]
    return network.add(name, operands, f"r{len(network.tensors)}", shape, attributes={"keep_dims": True})


def conv(network: Network, x: Tensor, filters: Any, bias: Any = None, **attributes: Any) -> Tensor:
    """CONV_2D of stride 2; SAME unless another padding is given."""
    spatial = [-(-size // 2) for size in x.shape[1:3]]
    if attributes.get("padding") == "VALID":
        spatial = [(size - kernel) // 2 + 1 for size, kernel in zip(x.shape[1:3], filters.shape[1:3], strict=True)]
    every = {"padding": "SAME", "stride_h": 2, "stride_w": 2, **attributes}
    biases = [const(network, np.zeros(len(filters)) if bias is None else bias)]
    shape = (x.shape[0], *spatial, filters.shape[0])
    return network.add(
        "CONV_2D", [x, const(network, filters), *biases], f"v{len(network.tensors)}", shape, attributes=every
    )


def padded(network: Network, x: Tensor, edges: list[tuple[int, int]]) -> Tensor:
    shape = [size + sum(pair) for size, pair in zip(x.shape, edges, strict=True)]
    return network.add("PAD", [x, const(network, edges, "i32")], f"p{len(network.tensors)}", shape)


def pooled(network: Network, x: Tensor) -> Tensor:
    """A global AVERAGE_POOL_2D."""
    attributes = {
        "padding": "VALID",
        "stride_h": 1,
        "stride_w": 1,
        "filter_height": x.shape[1],
        "filter_width": x.shape[2],
    }
    return network.add("AVERAGE_POOL_2D", [x], "pool", (x.shape[0], 1, 1, x.shape[3]), attributes=attributes)


def matmul(network: Network, x: Tensor, weights: Any, **attributes: Any) -> Tensor:
    columns = weights.shape[0] if attributes.get("adj_y") else weights.shape[1]
    operands = [x, const(network, weights)]
    return network.add("BATCH_MATMUL", operands, "m", (*x.shape[:-1], columns), attributes=attributes)


def connected(network: Network, x: Tensor, weights: Any, bias: Any) -> Tensor:
    operands = [x, const(network, weights), const(network, bias)]
    return network.add(
        "FULLY_CONNECTED", operands, "fc", (x.shape[0], weights.shape[0]), attributes={"keep_num_dims": True}
    )


FILTER, BIAS = small((4, 3, 2, 3)), small((4,), 1)
ROWS = small((4, 3), 2)

RIGHT: dict[str, tuple[Expression, Expression, tuple[int, ...]]] = {
    "a difference is the sum with the negative": (
        sub,
        lambda n, x, y: add(n, x, unary("NEG", n, y)),
        SHAPE,
    ),
    "products distribute over sums": (
        lambda n, x, y: mul(n, x, add(n, x, y)),
        lambda n, x, y: add(n, unary("SQUARE", n, x), mul(n, y, x)),
        SHAPE,
    ),
    "a squared difference is the square of a difference": (
        lambda n, x, y: binary("SQUARED_DIFFERENCE", n, x, y),
        lambda n, x, y: unary("SQUARE", n, sub(n, y, x)),
        SHAPE,
    ),
    "a square is the second power": (
        lambda n, x, y: unary("SQUARE", n, x),
        lambda n, x, y: binary("POW", n, x, const(n, 2.0)),
        SHAPE,
    ),
    "quotients multiply": (
        lambda n, x, y: mul(n, div(n, x, y), div(n, y, x)),
        lambda n, x, y: div(n, x, x),
        SHAPE,
    ),
    "fractions add over a common denominator": (
        lambda n, x, y: add(n, div(n, x, y), div(n, y, x)),
        lambda n, x, y: div(n, add(n, unary("SQUARE", n, x), unary("SQUARE", n, y)), mul(n, x, y)),
        SHAPE,
    ),
    "what is multiplied and divided again stays": (
        lambda n, x, y: div(n, mul(n, x, y), y),
        lambda n, x, y: unary("NEG", n, unary("NEG", n, x)),
        SHAPE,
    ),
    "two transpositions are one": (
        lambda n, x, y: shuffled(n, shuffled(n, x, [0, 3, 1, 2]), [0, 2, 3, 1]),
        lambda n, x, y: shuffled(n, x, [0, 1, 2, 3]),
        IMAGE,
    ),
    "a sum over both axes is one after the other": (
        lambda n, x, y: reduced("SUM", n, x, [1, 2]),
        lambda n, x, y: reduced("SUM", n, reduced("SUM", n, x, [2]), [1]),
        IMAGE,
    ),
    "a global pool is a mean": (
        lambda n, x, y: pooled(n, x),
        lambda n, x, y: reduced("MEAN", n, x, [1, 2]),
        IMAGE,
    ),
    "an addition behind a convolution is its bias": (
        lambda n, x, y: add(n, conv(n, x, FILTER), const(n, BIAS)),
        lambda n, x, y: conv(n, x, FILTER, BIAS),
        IMAGE,
    ),
    "a subtraction behind a convolution is its negative bias": (
        lambda n, x, y: sub(n, conv(n, x, FILTER), const(n, BIAS)),
        lambda n, x, y: conv(n, x, FILTER, -BIAS),
        IMAGE,
    ),
    "a factor behind a convolution goes into filter and bias": (
        lambda n, x, y: mul(n, conv(n, x, FILTER, BIAS), const(n, BIAS)),
        lambda n, x, y: conv(n, x, FILTER * BIAS[:, None, None, None], BIAS * BIAS),
        IMAGE,
    ),
    "zeros that SAME would put are SAME": (
        lambda n, x, y: conv(n, padded(n, x, [(0, 0), (1, 1), (0, 0), (0, 0)]), FILTER, padding="VALID"),
        lambda n, x, y: conv(n, x, FILTER),
        IMAGE,
    ),
    "a fully connected operator is a product of matrices": (
        lambda n, x, y: connected(n, x, ROWS, np.zeros(4)),
        lambda n, x, y: matmul(n, x, ROWS, adj_y=True),
        SHAPE,
    ),
}

WRONG: dict[str, tuple[Expression, Expression, tuple[int, ...]]] = {
    "the sign is swapped": (sub, add, SHAPE),
    "the operands of a difference are swapped": (sub, lambda n, x, y: sub(n, y, x), SHAPE),
    "the operands of a quotient are swapped": (div, lambda n, x, y: div(n, y, x), SHAPE),
    "the sum goes over another axis": (
        lambda n, x, y: add(n, x, reduced("SUM", n, x, [1])),
        lambda n, x, y: add(n, x, reduced("SUM", n, x, [2])),
        (2, 3, 3),
    ),
    "the mean is a sum": (
        lambda n, x, y: reduced("MEAN", n, x, [1]),
        lambda n, x, y: reduced("SUM", n, x, [1]),
        SHAPE,
    ),
    "the bias is dropped": (
        lambda n, x, y: conv(n, x, FILTER, BIAS),
        lambda n, x, y: conv(n, x, FILTER),
        IMAGE,
    ),
    "a difference becomes a bias of the same sign": (
        lambda n, x, y: sub(n, conv(n, x, FILTER), const(n, BIAS)),
        lambda n, x, y: conv(n, x, FILTER, BIAS),
        IMAGE,
    ),
    "zeros before become the zeros behind that SAME puts": (
        lambda n, x, y: conv(n, padded(n, x, [(0, 0), (2, 0), (0, 0), (0, 0)]), FILTER, padding="VALID"),
        lambda n, x, y: conv(n, x, FILTER),
        IMAGE,
    ),
    "the transposition is not undone": (
        lambda n, x, y: shuffled(n, shuffled(n, x, [1, 2, 0]), [1, 2, 0]),
        lambda n, x, y: shuffled(n, x, [1, 2, 0]),
        (3, 3, 3),
    ),
    "a factor is off by 2**-10": (
        lambda n, x, y: mul(n, x, const(n, 1.0)),
        lambda n, x, y: mul(n, x, const(n, 1 + 2**-10)),
        SHAPE,
    ),
    "a factor is off by 2**31": (
        lambda n, x, y: mul(n, x, const(n, 1.0)),
        lambda n, x, y: mul(n, x, const(n, 2.0**31)),
        SHAPE,
    ),
    "a term of 2**-60 is added": (
        lambda n, x, y: add(n, x, const(n, 0.0)),
        lambda n, x, y: add(n, x, const(n, 2.0**-60)),
        SHAPE,
    ),
    "one element alone differs": (
        lambda n, x, y: mul(n, x, const(n, [1.0, 1.0, 1.0])),
        lambda n, x, y: mul(n, x, const(n, [1.0, 1.0, 2.0])),
        SHAPE,
    ),
    "the weights are not transposed": (
        lambda n, x, y: matmul(n, x, ROWS[:3], adj_y=True),
        lambda n, x, y: matmul(n, x, ROWS[:3]),
        SHAPE,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rewrite_agrees(name: str) -> None:
    left, right, shape = RIGHT[name]
    found = compare_exactly(model(left, shape=shape), model(right, shape=shape), seed=1, runs=2)
    assert (found.outcome, found.reason, found.runs) == ("equal", None, 2)
    assert 0 < found.error < 1e-15


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rewrite_is_refuted(name: str) -> None:
    left, right, shape = WRONG[name]
    before, after = model(left, shape=shape), model(right, shape=shape)
    found = compare_exactly(before, after, seed=1, runs=2)
    assert (found.outcome, found.output, found.runs) == ("differs", 0, 1)
    # What is shown can be computed again.
    assert found.index is not None
    sides = [evaluate(each, found.inputs)[0].values[found.index] for each in (before, after)]
    assert sides == [found.left, found.right]
    assert found.left != found.right


def test_the_second_output_is_named_where_only_it_differs() -> None:
    found = compare_exactly(model(add, sub), model(add, add), seed=0, runs=1)
    assert (found.outcome, found.output, found.index) == ("differs", 1, (0, 0))


def test_another_shape_is_a_difference() -> None:
    after = model(lambda n, x, y: reduced("SUM", n, x, [1]))
    found = compare_exactly(model(add), after, seed=0, runs=1)
    assert (found.outcome, found.output, found.index) == ("differs", 0, None)
    assert "[2, 1]" in (found.reason or "")


def test_the_same_seed_gives_the_same_point() -> None:
    first, again, other = (compare_exactly(model(add), model(sub), seed=seed, runs=1) for seed in (3, 3, 4))
    assert (first.left, first.right) == (again.left, again.right) != (other.left, other.right)


def test_more_runs_leave_less_to_chance() -> None:
    errors = [compare_exactly(model(mul), model(mul), seed=0, runs=runs).error for runs in (1, 2, 40)]
    assert errors == [2 / PRIME, (2 / PRIME) ** 2, pytest.approx(0, abs=1e-300)]
    assert errors[-1] > 0


def test_what_does_not_depend_on_the_inputs_is_certain() -> None:
    def zeros(network: Network, x: Tensor, _: Tensor) -> Tensor:
        return unary("ZEROS_LIKE", network, x)

    found = compare_exactly(model(zeros), model(zeros), seed=0, runs=5)
    assert (found.outcome, found.error, found.runs, found.degree) == ("equal", 0.0, 1, 0)


def test_points_that_are_left_out_count_in_the_error() -> None:
    quotient = model(div)
    found = compare_exactly(quotient, quotient, seed=0, runs=1)
    # Twelve divisors of degree 1, six in each model.
    assert found.error == 2 / (PRIME - 12)


def power_tower(network: Network, x: Tensor, _: Tensor) -> Tensor:
    result = x
    for _step in range(40):
        result = unary("SQUARE", network, result)
    return result


def test_a_degree_that_is_too_high_for_the_modulus_is_not_called_equal() -> None:
    found = compare_exactly(model(power_tower), model(power_tower), seed=0, runs=1)
    assert found.outcome == "not comparable"
    assert "a degree of 1099511627776" in (found.reason or "")


# -- how large a polynomial it is -------------------------------------------------------------------------------------

DEGREES: dict[str, tuple[Expression, int, int]] = {
    "x y": (mul, 2, 0),
    "x + y": (add, 1, 0),
    "x**2 y": (lambda n, x, y: mul(n, unary("SQUARE", n, x), y), 3, 0),
    "(x - y)**2": (lambda n, x, y: binary("SQUARED_DIFFERENCE", n, x, y), 2, 0),
    "the product over an axis": (lambda n, x, y: reduced("REDUCE_PROD", n, x, [1]), 3, 0),
    "x / y": (div, 1, 1),
    "x / y + y": (lambda n, x, y: add(n, div(n, x, y), y), 2, 1),
    "x / y + y / x": (lambda n, x, y: add(n, div(n, x, y), div(n, y, x)), 2, 2),
    "the sum of x / y over an axis": (lambda n, x, y: reduced("SUM", n, div(n, x, y), [1]), 3, 3),
}


@pytest.mark.parametrize("name", DEGREES)
def test_the_degree_is_that_of_the_polynomial(name: str) -> None:
    expression, numerator, denominator = DEGREES[name]
    made = model(expression)
    rng = np.random.default_rng(0)
    start, along = (rng.integers(PRIME, size=(2, *SHAPE)) for _ in range(2))

    def at(step: int) -> Any:
        return evaluate(made, list((start + step * along) % PRIME))[0]

    results = [at(step) for step in range(numerator + denominator + 3)]
    assert {(each.numerator, each.denominator) for each in results} == {(numerator, denominator)}
    assert results[0].degree == numerator + denominator
    # Along a line, a quotient of degrees n and d is one of a single variable: there are coefficients of numerator and
    # denominator that fit everywhere. So the columns below depend on each other, and with a degree less they do not.
    places = np.arange(len(results), dtype=object)
    values = np.array([int(each.values.reshape(-1)[0]) for each in results], object)

    def columns(top: int, bottom: int) -> list[list[int]]:
        over = [places**power for power in range(top + 1)]
        under = [values * places**power for power in range(bottom + 1)]
        return [column.tolist() for column in (*over, *under)]

    assert rank(columns(numerator, denominator)) < numerator + denominator + 2
    assert rank(columns(numerator - 1, denominator)) == numerator + denominator + 1


def rank(rows: list[list[int]]) -> int:
    """The rank of a matrix of residues, by elimination."""
    rows, found = [[each % PRIME for each in row] for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        for row in rows[found + 1 :]:
            factor = row[column] * pow(pivot[column], -1, PRIME)
            row[:] = [(each - factor * other) % PRIME for each, other in zip(row, pivot, strict=True)]
        found += 1
    return found


# -- what cannot be compared ------------------------------------------------------------------------------------------


def test_a_divisor_that_is_always_zero_has_no_reference() -> None:
    made = model(lambda n, x, y: div(n, x, sub(n, y, y)))
    assert "divides by 0 at this point, and at all others" in (refusal(made) or "")
    assert compare_exactly(made, made, seed=0, runs=1).outcome == "not comparable"


def test_a_divisor_that_is_zero_at_a_point_is_said_so() -> None:
    ones, zeros = np.ones(SHAPE, np.int64), np.zeros(SHAPE, np.int64)
    with pytest.raises(ZeroDivisor, match="divides by 0 at this point"):
        evaluate(model(div), [ones, zeros])
    assert evaluate(model(div), [zeros, ones])[0].values.tolist() == zeros.tolist()


@pytest.mark.parametrize("factor", [1 / 3, 0.1, 2**-0.5])
def test_a_constant_that_was_rounded_makes_models_not_comparable(factor: float) -> None:
    whole, rounded = (model(lambda n, x, y, c=c: mul(n, x, const(n, c))) for c in (1.0, factor))
    for sides in ((whole, rounded), (rounded, whole)):
        found = compare_exactly(*sides, seed=0, runs=1)
        assert found.outcome == "not comparable"
        assert (found.reason or "").startswith("constants were rounded")
    # It has a reference all the same.
    assert refusal(rounded) is None


def relu(network: Network, x: Tensor, y: Tensor) -> Tensor:
    return network.add("ADD", [x, y], "z", attributes={"fused_activation_function": "RELU"})


def shuffled_weights(network: Network, x: Tensor, _: Tensor) -> Tensor:
    operands = [x, const(network, ROWS), None]
    return network.add("FULLY_CONNECTED", operands, "z", (2, 4), attributes={"weights_format": "SHUFFLED4x16INT8"})


def cut_off(network: Network, x: Tensor, y: Tensor) -> Tensor:
    short = const(network, [1.0, 2.0])
    short.shape = (3,)
    return mul(network, x, short)


REFUSED: dict[str, tuple[Expression, str]] = {
    "an activation": (relu, "the activation RELU of ADD at 'z' is no polynomial"),
    "a root": (lambda n, x, y: unary("RSQRT", n, x), "RSQRT at 'RSQRT2' has no exact reference"),
    "a choice": (lambda n, x, y: binary("MAXIMUM", n, x, y), "MAXIMUM at 'MAXIMUM2' has no exact reference"),
    "a custom operator": (lambda n, x, y: unary("CUSTOM[Foo]", n, x), "CUSTOM[Foo] at 'CUSTOM[Foo]2' has no exact"),
    "an infinity": (lambda n, x, y: mul(n, x, const(n, np.inf)), "the constant 'c2' holds an infinity or a NaN"),
    "shuffled weights": (shuffled_weights, "FULLY_CONNECTED at 'z' has weights in the format SHUFFLED4x16INT8"),
    "a power with a fraction": (lambda n, x, y: binary("POW", n, x, const(n, 0.5)), "is not one whole number"),
    "a negative power": (lambda n, x, y: binary("POW", n, x, const(n, -1.0)), "is not one whole number"),
    "an exponent that is no constant": (lambda n, x, y: binary("POW", n, x, y), "the exponent of POW"),
    "a quantized tensor": (
        lambda n, x, y: n.add("NEG", [x], n.tensor("q", SHAPE, "f32", scale=0.5)),
        "'q' is quantized",
    ),
    "operands that do not fit": (
        lambda n, x, y: n.add("MUL", [x, const(n, [1.0, 2.0])], "z"),
        "the operands of MUL at 'z' do not fit",
    ),
    "a part that is not there": (
        lambda n, x, y: n.add("GATHER", [x, const(n, [-1], "i32")], "z", (1, 3)),
        "the operands of GATHER at 'z' do not fit",
    ),
    "blocks without a size": (
        lambda n, x, y: n.add("DEPTH_TO_SPACE", [const(n, small((1, 1, 1, 4)))], "z", attributes={"block_size": 0}),
        "the operands of DEPTH_TO_SPACE at 'z' do not fit",
    ),
    "a constant that is cut off": (cut_off, "the constant 'c2' cannot be read"),
    "a division by a constant 0": (lambda n, x, y: div(n, x, const(n, 0.0)), "divides by 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_reference_is_refused_with_a_reason(name: str) -> None:
    expression, reason = REFUSED[name]
    made = model(expression)
    assert reason in (refusal(made) or "")
    found = compare_exactly(model(add), made, seed=0, runs=1)
    assert found.outcome == "not comparable"
    assert reason in (found.reason or "")
    with pytest.raises((NoReference, ZeroDivisor)):
        evaluate(made, [np.ones(SHAPE, np.int64)] * 2)


@pytest.mark.parametrize("dtype", ["i8", "u8", "i16", "bool"])
def test_inputs_of_other_types_are_refused(dtype: str) -> None:
    assert f"'x' is {dtype}" in (refusal(model(lambda n, x, y: x, dtype=dtype)) or "")


@pytest.mark.parametrize("expression", [div, lambda n, x, y: reduced("MEAN", n, x, [1])])
def test_divisions_of_integers_are_refused(expression: Expression) -> None:
    assert "divides integers, and rounds" in (refusal(model(expression, dtype="i32")) or "")


def test_models_of_other_inputs_are_not_comparable() -> None:
    found = compare_exactly(model(add), model(add, shape=(3, 2)), seed=0, runs=1)
    assert (found.outcome, found.reason) == ("not comparable", "the models have different inputs")
    found = compare_exactly(model(add), model(add, sub), seed=0, runs=1)
    assert (found.outcome, found.reason) == ("not comparable", "the models have different numbers of outputs")


# -- what says how may be computed ------------------------------------------------------------------------------------


def flattened(network: Network, x: Tensor, _: Tensor) -> Tensor:
    """To rows, as converters write it: the number of columns is the product of what SHAPE gives."""
    sizes = network.add("SHAPE", [x], "sizes", (4,), "i32", attributes={"out_type": "INT32"})
    part = [const(network, each, "i32") for each in ([1], [3])]
    rest = network.add("SLICE", [sizes, *part], "rest", (3,))
    columns = network.add("REDUCE_PROD", [rest, const(network, [0], "i32")], "columns", ())
    one = network.add("SUB", [columns, const(network, 59, "i32")], "one", ())
    minus = network.add("NEG", [one], "minus", ())
    shape = network.add("PACK", [minus, columns], "shape", (2,), attributes={"axis": 0, "values_count": 2})
    return network.add("RESHAPE", [x, shape], "z", (2, 60))


def test_a_shape_that_is_computed_of_the_operands_shape_is_known() -> None:
    direct = model(lambda n, x, y: n.add("RESHAPE", [x, const(n, [2, 60], "i32")], "z", (2, 60)), shape=IMAGE)
    found = compare_exactly(direct, model(flattened, shape=IMAGE), seed=0, runs=1)
    assert (found.outcome, found.reason) == ("equal", None)


def test_a_size_that_overflows_is_not_known() -> None:
    def overflowing(network: Network, x: Tensor, _: Tensor) -> Tensor:
        large = const(network, 2**31 - 1, "i32")
        sizes = network.add("ADD", [large, const(network, 1, "i32")], "sizes", ())
        return network.add("FILL", [sizes, const(network, 1.0)], "z", (1,))

    assert "the shape of FILL at 'z' is not known before a run" in (refusal(model(overflowing)) or "")


def test_constants_in_half_precision_count_as_the_numbers_they_are() -> None:
    network = Network()
    x = network.input("x", (2,))
    half = network.add("DEQUANTIZE", [network.constant("h", [-5.0, 3.0], "f16")], "f", (2,), "f32")
    before = network.build(mul(network, x, half))
    network = Network()
    x = network.input("x", (2,))
    after = network.build(mul(network, x, const(network, [-5.0, 3.0])))
    assert compare_exactly(before, after, seed=0, runs=1).outcome == "equal"


def test_another_subgraph_can_be_the_one_that_is_run() -> None:
    first, second = Network(), Network()
    result = unary("RSQRT", first, first.input("x"))
    other = unary("NEG", second, second.input("x"))
    made = first.build(result, others=[(second, [other])])
    assert "RSQRT" in (refusal(made) or "")
    assert refusal(made, 1) is None
    assert evaluate(made, [np.ones(SHAPE, np.int64)], 1)[0].values.tolist() == [[PRIME - 1] * 3] * 2

"""References of operators that work element by element, and of those that make tensors from numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.proof.field.arithmetic import PRIME, inverse, residues
from rewriter.proof.field.value import Degree, NoReference, Value, ZeroDivisor
from rewriter.verify.arrays import constant

if TYPE_CHECKING:
    from collections.abc import Callable

    from rewriter.proof.field.call import Call, Reference
    from rewriter.verify.protocol import Array

# Beyond, a product says little: its degree, and with it the chance of an error, grows.
_HIGHEST_POWER = 64


def _binary(compute: Callable[[Any, Any], Any], degree: Callable[[Degree, Degree], Degree]) -> Reference:
    """An operator on two operands that broadcast; `compute` takes residues and Python's integers alike."""

    def reference(call: Call) -> Value:
        left, right = call.value(0), call.value(1)
        known = None
        if left.integers is not None and right.integers is not None:
            known = np.asarray(compute(left.integers, right.integers), object)
        return Value(compute(left.residues, right.residues) % PRIME, degree(left.degree, right.degree), known)

    return reference


def _unary(compute: Callable[[Any], Any], degree: Callable[[Degree], Degree]) -> Reference:
    def reference(call: Call) -> Value:
        value = call.value()
        known = None if value.integers is None else np.asarray(compute(value.integers), object)
        return Value(compute(value.residues) % PRIME, degree(value.degree), known)

    return reference


def divide(call: Call) -> Value:
    """DIV: by the inverse; of floats alone, for integers are rounded."""
    if not call.floating:
        raise NoReference(f"{call.where} divides integers, and rounds")
    left, right = call.value(0), call.value(1)
    if not bool(right.residues.all()):
        if right.degree.numerator == 0:
            raise NoReference(f"{call.where} divides by 0")
        raise ZeroDivisor(f"{call.where} divides by 0 at this point")
    call.divisors.append(right.degree.numerator * right.residues.size)
    return Value(left.residues * inverse(right.residues) % PRIME, left.degree.over(right.degree))


def power(call: Call) -> Value:
    """POW with a constant exponent, the same whole number for all: a product of so many."""
    value, tensor = call.value(0), call.tensors[1]
    if tensor is None or not tensor.is_constant:
        raise NoReference(f"the exponent of {call.where} is not known before a run")
    exponents = constant(tensor)
    if not bool(np.isin(exponents, np.arange(_HIGHEST_POWER + 1)).all()) or np.unique(exponents).size != 1:
        raise NoReference(f"the exponent of {call.where} is not one whole number from 0 to {_HIGHEST_POWER}")
    count = int(exponents.flat[0])
    result = np.ones(np.broadcast_shapes(value.shape, exponents.shape), np.int64)
    for _ in range(count):
        result = result * value.residues % PRIME
    return Value(result, value.degree.power(count))


def add_n(call: Call) -> Value:
    """ADD_N: the sum of all operands."""
    total = call.value(0)
    for value in call.several()[1:]:
        if value.shape != total.shape:
            raise ValueError(f"shapes {list(total.shape)} and {list(value.shape)} differ")
        added = (total.residues + value.residues) % PRIME
        total = Value(added, total.degree.plus(value.degree))
    return total


def unchanged(call: Call) -> Value:
    """CAST and DEQUANTIZE: the same numbers, as long as none is rounded."""
    value, operand, result = call.value(), call.tensors[0], call.operator.outputs[0]
    if operand is not None and operand.dtype in ("f16", "f32", "f64") and not call.floating:
        raise NoReference(f"{call.where} rounds {operand.dtype} to {result.dtype}")
    return value


def zeros_like(call: Call) -> Value:
    """ZEROS_LIKE: 0 in the operand's shape."""
    return _numbers(np.zeros(call.value().shape, np.int64))


def fill(call: Call) -> Value:
    """FILL: a value in a shape."""
    value = call.value(1)
    if value.shape:
        raise ValueError(f"a single value is needed, not {list(value.shape)}")
    sizes = call.integers(0, "shape")
    return value.moved(lambda values: np.broadcast_to(values, sizes))


def shape(call: Call) -> Value:
    """SHAPE: the operand's sizes."""
    return _numbers(np.array(call.value().shape, np.int64))


def rank(call: Call) -> Value:
    """RANK: how many dimensions."""
    return _numbers(np.array(len(call.value().shape), np.int64))


def broadcast_args(call: Call) -> Value:
    """BROADCAST_ARGS: the shape to which two shapes broadcast."""
    sizes = np.broadcast_shapes(tuple(call.integers(0, "shape")), tuple(call.integers(1, "shape")))
    return _numbers(np.array(sizes, np.int64))


def _numbers(numbers: Array) -> Value:
    return Value(residues(numbers), integers=numbers.astype(object))


def _difference_squared(left: Any, right: Any) -> Any:
    return (left - right) * (left - right)


OPERATORS: dict[str, Reference] = {
    "ADD": _binary(lambda left, right: left + right, Degree.plus),
    "SUB": _binary(lambda left, right: left - right, Degree.plus),
    "MUL": _binary(lambda left, right: left * right, Degree.times),
    "SQUARED_DIFFERENCE": _binary(_difference_squared, lambda left, right: left.plus(right).power(2)),
    "NEG": _unary(lambda value: -value, lambda degree: degree),
    "SQUARE": _unary(lambda value: value * value, lambda degree: degree.power(2)),
    "DIV": divide,
    "POW": power,
    "ADD_N": add_n,
    "CAST": unchanged,
    "DEQUANTIZE": unchanged,
    "ZEROS_LIKE": zeros_like,
    "FILL": fill,
    "SHAPE": shape,
    "RANK": rank,
    "BROADCAST_ARGS": broadcast_args,
}

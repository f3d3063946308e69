"""References of reductions, running sums, and sums over places."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from rewriter.dialect.shapes import axis_of
from rewriter.proof.field.arithmetic import PRIME, inverse
from rewriter.proof.field.value import NoReference, Value

if TYPE_CHECKING:
    from rewriter.proof.field.call import Call, Reference


def _axes(call: Call) -> tuple[int, ...]:
    """The axes that go; a scalar has none, whatever the operand says."""
    rank = len(call.value().shape)
    return tuple(sorted({axis_of(axis, rank) for axis in call.integers(1, "axis")})) if rank else ()


def _count(value: Value, axes: tuple[int, ...]) -> int:
    return prod(value.shape[axis] for axis in axes)


def total(call: Call) -> Value:
    """SUM: over some axes."""
    value, axes, keep = call.value(), _axes(call), call.flag("keep_dims")
    known = None if value.integers is None else np.asarray(value.integers.sum(axis=axes, keepdims=keep), object)
    summed = np.asarray(value.residues.sum(axis=axes, keepdims=keep)) % PRIME
    return Value(summed, value.degree.summed(_count(value, axes)), known)


def mean(call: Call) -> Value:
    """MEAN: the sum over some axes, by how many there are; of floats alone, for integers are rounded."""
    if not call.floating:
        raise NoReference(f"{call.where} divides integers, and rounds")
    summed, count = total(call), _count(call.value(), _axes(call))
    if not count:
        raise NoReference(f"{call.where} is the mean of nothing")
    return Value(summed.residues * inverse(np.array(count)) % PRIME, summed.degree)


def reduce_prod(call: Call) -> Value:
    """REDUCE_PROD: the product over some axes."""
    value, axes, keep = call.value(), _axes(call), call.flag("keep_dims")
    known = None if value.integers is None else np.asarray(value.integers.prod(axis=axes, keepdims=keep), object)
    result: Any = value.residues
    for axis in reversed(axes):
        along = np.moveaxis(result, axis, 0)
        result = np.ones(along.shape[1:], np.int64)
        for each in along:
            result = result * each % PRIME
    shape = [1 if axis in axes else size for axis, size in enumerate(value.shape)]
    return Value(result.reshape(shape) if keep else result, value.degree.power(_count(value, axes)), known)


def cumsum(call: Call) -> Value:
    """CUMSUM: running sums along an axis, from the back (`reverse`), without the element itself (`exclusive`)."""
    value = call.value()
    axis = axis_of(call.integer(1, "axis"), len(value.shape))
    values = np.flip(value.residues, axis) if call.flag("reverse") else value.residues
    summed = np.cumsum(values, axis)
    if call.flag("exclusive"):
        summed = summed - values
    if call.flag("reverse"):
        summed = np.flip(summed, axis)
    return Value(summed % PRIME, value.degree.summed(value.shape[axis]))


def scatter_nd(call: Call) -> Value:
    """SCATTER_ND: zeros, with updates added at the places that the indices name."""
    updates, sizes = call.value(1), call.integers(2, "shape")
    indices = call.integer_array(0, "indices")
    depth = indices.shape[-1]
    rows = indices.reshape(-1, depth).astype(np.int64)
    if bool((rows < 0).any()) or bool((rows >= np.array(sizes[:depth])).any()):
        raise ValueError("an index leaves the shape")
    result = np.zeros(sizes, np.int64)
    np.add.at(result, tuple(rows.T), updates.residues.reshape(len(rows), *sizes[depth:]))
    return Value(result % PRIME, updates.degree.summed(len(rows)))


OPERATORS: dict[str, Reference] = {
    "SUM": total,
    "MEAN": mean,
    "REDUCE_PROD": reduce_prod,
    "CUMSUM": cumsum,
    "SCATTER_ND": scatter_nd,
}

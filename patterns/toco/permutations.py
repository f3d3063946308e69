"""Permutations: where dimensions, constants and axes stand before a transposition, and what is left of one."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from rewriter.packs import function

if TYPE_CHECKING:
    from numpy.typing import NDArray


@function
def sizes_at(shape: Sequence[int], axes: Any) -> list[int]:
    """The sizes of some dimensions, which may be counted from the end."""
    return [shape[axis] for axis in _numbers(axes)]


@function
def moved_axes(order: Any, axes: Any) -> list[int]:
    """The dimensions of what is transposed that become some dimensions of the result.

    Args:
        order: The permutation: dimension i of the result is dimension `order[i]`.
        axes: Dimensions of the result, which may be counted from the end.
    """
    places = _numbers(order)
    return [places[axis] for axis in _numbers(axes)]


@function
def before_order(values: NDArray[Any], order: Any) -> NDArray[Any]:
    """A constant that meets a transposed tensor, as it meets the tensor before.

    Args:
        values: At most as many dimensions as the tensor has; those that lack are in front, and 1.
        order: The permutation.

    Raises:
        ValueError: The constant has more dimensions.
    """
    import numpy as np

    places = _numbers(order)
    if values.ndim > len(places):
        raise ValueError("the constant has more dimensions than the tensor")
    if values.ndim == 0:
        return values
    whole = values.reshape([1] * (len(places) - values.ndim) + list(values.shape))
    return np.ascontiguousarray(whole.transpose(np.argsort(places)))


@function
def entries_before(values: Any, order: Any) -> Any:
    """What is said of each dimension of a transposed tensor, in the order of the dimensions before.

    Args:
        values: A list, or a list of pairs, one for each dimension.
        order: The permutation.

    Raises:
        ValueError: There is another number of dimensions.
    """
    import numpy as np

    places, entries = _numbers(order), np.asarray(values)
    if entries.ndim == 0 or len(entries) != len(places):
        raise ValueError("there is another number of dimensions")
    return entries[np.argsort(places)]


@function
def order_without(order: Any, axes: Any) -> list[int]:
    """The permutation of the dimensions that are left when some dimensions of the result go.

    Args:
        order: The permutation.
        axes: The dimensions of the result that go; they may be counted from the end.

    Raises:
        ValueError: None is left.
    """
    places = _numbers(order)
    gone = {axis % len(places) for axis in _numbers(axes)}
    left = [place for axis, place in enumerate(places) if axis not in gone]
    if not left:
        raise ValueError("no dimension is left")
    return [sorted(left).index(place) for place in left]


@function
def alike(values: Sequence[Any]) -> bool:
    """Whether all arrays, or lists, of a list are equal."""
    return all(_numbers(each) == _numbers(values[0]) for each in values)


@function
def order_to(shape: Sequence[int], order: Any, result: Sequence[int]) -> list[int]:
    """The permutation that does what another one and a change of places of dimensions of 1 do.

    Args:
        shape: Of what is transposed.
        order: The permutation.
        result: The shape that it is brought to afterwards.

    Raises:
        ValueError: More than dimensions of 1 change their places, or some go or come.
    """
    places = _numbers(order)
    solid = [place for place in places if shape[place] != 1]
    unit = [place for place in places if shape[place] == 1]
    if len(result) != len(places) or [shape[place] for place in solid] != [size for size in result if size != 1]:
        raise ValueError("more than dimensions of 1 change their places")
    return [(unit if size == 1 else solid).pop(0) for size in result]


@function
def dropped_units(shape: Sequence[int], result: Sequence[int]) -> list[int]:
    """The dimensions of 1 that a reshape to fewer dimensions drops, the last ones where there is a choice.

    Args:
        shape: Before.
        result: After.

    Raises:
        ValueError: It does not just drop dimensions of 1.
    """
    dropped: list[int] = []
    at = 0
    for axis, size in enumerate(shape):
        if at < len(result) and result[at] == size:
            at += 1
        elif size == 1:
            dropped.append(axis)
        else:
            raise ValueError("more goes than dimensions of 1")
    if at != len(result) or not dropped:
        raise ValueError("no dimension of 1 goes")
    return dropped


@function
def sizes_without(shape: Sequence[int], axes: Any) -> list[int]:
    """A shape without some dimensions, which may be counted from the end."""
    gone = {axis % len(shape) for axis in _numbers(axes)}
    return [size for axis, size in enumerate(shape) if axis not in gone]


@function
def order_before_cut(shape: Sequence[int], cut: Sequence[int], order: Any) -> list[int]:
    """The permutation that moves dimensions as another one moves the parts that each of them is cut into.

    Args:
        shape: Before the cut; of dimensions of 1 there are none.
        cut: The shape afterwards.
        order: The permutation of the parts.

    Raises:
        ValueError: Parts of one dimension do not stay together, or a dimension has no parts of its own.
    """
    if 1 in shape:
        raise ValueError("a dimension of 1 may belong to any other")
    parts: list[list[int]] = []
    at = 0
    for size in shape:
        group: list[int] = []
        while at < len(cut) and prod(cut[part] for part in group) < size:
            group.append(at)
            at += 1
        if prod(cut[part] for part in group) != size:
            raise ValueError("the dimensions are not cut one by one")
        parts.append(group)
    parts[-1] += range(at, len(cut))
    if prod(cut[part] for part in parts[-1]) != shape[-1]:
        raise ValueError("the dimensions are not cut one by one")
    moved = _numbers(order)
    firsts = {group[0]: place for place, group in enumerate(parts)}
    found: list[int] = []
    while moved:
        group = parts[firsts[moved[0]]] if moved[0] in firsts else []
        if not group or moved[: len(group)] != group:
            raise ValueError("the parts of a dimension do not stay together")
        found.append(firsts[moved[0]])
        del moved[: len(group)]
    return found


def _numbers(values: Any) -> list[int]:
    import numpy as np

    return [int(each) for each in np.asarray(values).reshape(-1)]

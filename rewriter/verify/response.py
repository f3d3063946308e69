"""Whether a check could have failed: a place's result is disturbed, and the model's outputs must show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.verify.compare import compare, is_float

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.language.rules import Equality
    from rewriter.verify.hybrid import Execution
    from rewriter.verify.protocol import Array

# The disturbance of a float, relative to the value's own size: about what a lost bias or a wrong scale does.
_SHARE = 0.1


def responds(
    rest: Execution, inputs: Sequence[Array], roots: Sequence[int], equalities: Sequence[Equality]
) -> list[bool]:
    """Which outputs show a disturbance.

    Args:
        rest: What follows the place: its inputs are the place's results and the model's inputs.
        inputs: True values for them.
        roots: Which of these inputs are the place's results.
        equalities: How equal each output would have to be, resolved for it.

    Returns:
        For each output, whether it differed beyond its tolerance under some disturbance.

    Raises:
        RuntimeFailure: It does not run on these inputs.
    """
    base = rest.run(inputs)
    shown = [False] * len(base)
    disturbances = zip(*(_disturbances(inputs[index]) for index in roots), strict=True)
    for disturbed in disturbances:
        values = list(inputs)
        for index, value in zip(roots, disturbed, strict=True):
            values[index] = value
        moved = rest.run(values)
        shown = [
            was or not compare(left, right, equality).equal
            for was, left, right, equality in zip(shown, base, moved, equalities, strict=True)
        ]
        if all(shown):
            break
    return shown


def _disturbances(value: Array) -> Iterator[Array]:
    yield _offset(value)
    yield _rolled(value)


def _offset(value: Array) -> Array:
    """A different offset for each channel, as of a bias that was dropped; flipped truth for bools."""
    if value.dtype == object:
        return value
    if value.dtype.kind == "b":
        return ~value
    channels = np.arange(value.shape[-1] if value.ndim else 1)
    direction = np.where(channels % 2 == 0, 1.0, -0.5).reshape((-1,) if value.ndim else ())
    if is_float(value):
        wide = value.astype(np.float64)
        size = float(np.sqrt(np.mean(np.square(wide[np.isfinite(wide)])))) if np.isfinite(wide).any() else 1.0
        return (wide + direction * max(_SHARE * size, 1e-2)).astype(value.dtype)
    if value.dtype.kind not in "iu":
        return value
    limits = np.iinfo(value.dtype)
    step = max(1, round(_SHARE * float(np.ptp(value)))) if value.size else 1
    # Downwards where there is room: integers are often indices, and one too large is refused.
    lowered = np.maximum(value.astype(np.float64) - step, min(limits.min, 0) if value.min(initial=0) < 0 else 0)
    return lowered.astype(value.dtype)


def _rolled(value: Array) -> Array:
    """Moved by one along an axis that is longer than one, as by a wrong padding or a flipped filter."""
    for axis, size in enumerate(value.shape):
        if size > 1:
            return np.roll(value, 1, axis=axis)
    return _offset(value)

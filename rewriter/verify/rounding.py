"""What rounding alone does: operands are changed by one unit in the last place, and the computation is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rewriter.verify.compare import NO_SLACK, Slack, is_float, widest_slack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.hybrid import Execution
    from rewriter.verify.protocol import Array

_DRAWS = 4
# "A few times" what one unit does: rounding errors of several operators add up.
_TIMES = 4


def rounding(execution: Execution, inputs: Sequence[Array], *, seed: int = 0) -> list[Slack]:
    """How far one-unit changes of all float operands move each result, a few times over.

    Args:
        execution: The left or original side.
        inputs: What it is run on.
        seed: For the direction of the changes.

    Returns:
        One slack for each output. It is zero where no operand is a float.

    Raises:
        RuntimeFailure: It does not run on these inputs.
    """
    base = execution.run(inputs)
    if not any(is_float(value) for value in inputs):
        return [NO_SLACK] * len(base)
    spreads = [np.zeros(value.shape) for value in base]
    rng = np.random.default_rng(seed)
    for _ in range(_DRAWS):
        others = execution.run([moved(value, rng) for value in inputs])
        spreads = [_wider(*each) for each in zip(spreads, base, others, strict=True)]
    return [_slack(*each) for each in zip(spreads, base, strict=True)]


def wider(first: Sequence[Slack], second: Sequence[Slack]) -> list[Slack]:
    """For each output the wider of both slacks."""
    return [Slack(max(a.absolute, b.absolute), max(a.elements, b.elements)) for a, b in zip(first, second, strict=True)]


def _wider(spread: Array, base: Array, moved: Array) -> Array:
    if base.shape != moved.shape:
        return spread
    if not is_float(base):
        return np.maximum(spread, base != moved)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(base.astype(np.float64) - moved.astype(np.float64))
    return np.maximum(spread, np.where(np.isfinite(difference), difference, 0.0))


def _slack(spread: Array, base: Array) -> Slack:
    """How far rounding moves an element, but for those that it moves so far that it must have tipped a decision.

    Which of two maxima is larger, on which side of a threshold a value falls: such elements are counted, and do not
    widen the distance for all others.
    """
    most = widest_slack(base)
    tipped = spread > most.absolute
    absolute = float(np.where(tipped, 0.0, spread).max(initial=0.0))
    elements = int(np.count_nonzero(tipped))
    return Slack(min(_TIMES * absolute, most.absolute), min(_TIMES * elements, most.elements))


def moved(value: Array, rng: np.random.Generator) -> Array:
    """A value whose float elements are changed by one unit in the last place, each up or down."""
    if value.dtype.kind != "f":
        return value
    towards = rng.choice([-np.inf, np.inf], size=value.shape).astype(value.dtype)
    changed: Array = np.nextafter(value, towards)
    # Infinities stay what they are; a NaN is one anyway.
    infinite: Array = np.abs(value) == np.inf
    return np.where(infinite, value, changed)

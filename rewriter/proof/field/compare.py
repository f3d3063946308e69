"""Compare two models in exact arithmetic."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import numpy as np
from attrs import evolve, frozen

from rewriter.proof.field.arithmetic import PRIME
from rewriter.proof.field.evaluate import DRAWS, Point, draw, evaluate_at, examine, rounded_constant
from rewriter.proof.field.value import NoReference, ZeroDivisor

if TYPE_CHECKING:
    from rewriter.model import Model
    from rewriter.proof.field.evaluate import FieldResult
    from rewriter.verify.protocol import Array

Outcome = Literal["equal", "differs", "not comparable"]


@frozen(eq=False)
class ExactComparison:
    """How two models compare at random points.

    Attributes:
        outcome: `equal`: at all of them. `differs`: at one, which is certain. `not comparable`: `reason` says why.
        error: Where `equal`: at most how likely points that hide a difference were, all runs together. 0: the results
            do not depend on the inputs, so one point is as good as all.
        runs: At how many points they were compared.
        degree: The largest degree of an output, of both models together.
        reason: What is wrong, in one sentence; None where they are equal.
        output: Which output differs, counted from 0.
        index: Its first element that differs; None where the shapes do.
        left, right: That element before and after, as residues.
        inputs: The point at which they differ: residues for each input.
    """

    outcome: Outcome
    error: float = 1.0
    runs: int = 0
    degree: int = 0
    reason: str | None = None
    output: int | None = None
    index: tuple[int, ...] | None = None
    left: int | None = None
    right: int | None = None
    inputs: tuple[Array, ...] = ()


def compare_exactly(before: Model, after: Model, seed: int, runs: int = 2) -> ExactComparison:
    """Compare the main subgraphs of two models at random points, without any tolerance.

    Args:
        seed: The same points come again from the same seed.
        runs: At how many points, at least 1. Each makes an error about 2**31 / degree times less likely.
    """
    try:
        for model in (before, after):
            examine(model)
        for model in (before, after):
            name = rounded_constant(model)
            if name is not None:
                return ExactComparison("not comparable", reason=f"constants were rounded, such as {name!r}")
        _same_inputs(before, after)
        return _compare(before, after, seed, runs)
    except NoReference as reason:
        return ExactComparison("not comparable", reason=reason.message)


def _compare(before: Model, after: Model, seed: int, runs: int) -> ExactComparison:
    error, degree = 1.0, 0
    for run in range(runs):
        inputs, left, right = _evaluated(before, after, np.random.default_rng([seed, run]))
        found = _difference(before, after, left, right)
        if found is not None:
            return evolve(found, runs=run + 1, inputs=tuple(inputs))
        cross = max(map(_cross, left.outputs, right.outputs), default=0)
        degree = max([degree, *(each.degree for each in (*left.outputs, *right.outputs))])
        if cross == 0:
            return ExactComparison("equal", 0.0, run + 1, degree)
        # Points at which a divisor is 0 were left out; all of those that hide a difference may be among the others.
        allowed = PRIME - left.divisors - right.divisors
        if cross >= allowed:
            reason = f"a degree of {cross} is too much for residues modulo {PRIME}"
            return ExactComparison("not comparable", degree=degree, reason=reason)
        # Never 0, however often: only what does not depend on the inputs is certain.
        error = max(error * (cross / allowed), sys.float_info.min)
    return ExactComparison("equal", error, runs, degree)


def _evaluated(before: Model, after: Model, rng: np.random.Generator) -> tuple[list[Array], Point, Point]:
    """Both models at a random point at which no divisor is 0.

    Raises:
        NoReference: No such point was found.
    """
    for attempt in range(DRAWS):
        inputs = draw(before, rng)
        try:
            return inputs, evaluate_at(before, inputs), evaluate_at(after, inputs)
        except ZeroDivisor as zero:
            if attempt == DRAWS - 1:
                raise NoReference(f"{zero.message}, and at all others that were tried") from zero
    raise AssertionError


def _cross(left: FieldResult, right: FieldResult) -> int:
    """The degree of what is 0 where two quotients agree: numerators times the other's denominators."""
    return max(left.numerator + right.denominator, right.numerator + left.denominator)


def _same_inputs(before: Model, after: Model) -> None:
    one, other = ([(each.dtype, each.shape) for each in model.subgraphs[0].inputs] for model in (before, after))
    if one != other:
        raise NoReference("the models have different inputs")
    if len(before.subgraphs[0].outputs) != len(after.subgraphs[0].outputs):
        raise NoReference("the models have different numbers of outputs")


def _difference(before: Model, after: Model, left: Point, right: Point) -> ExactComparison | None:
    """What first tells the outputs apart; None if nothing does."""
    tensors = zip(before.subgraphs[0].outputs, after.subgraphs[0].outputs, strict=True)
    for place, (old, new) in enumerate(tensors):
        one, other = left.outputs[place].values, right.outputs[place].values
        if old.dtype != new.dtype:
            reason = f"output {place} is {new.dtype}, and was {old.dtype}"
            return ExactComparison("differs", reason=reason, output=place)
        if one.shape != other.shape:
            reason = f"output {place} is {list(other.shape)}, and was {list(one.shape)}"
            return ExactComparison("differs", reason=reason, output=place)
        apart = np.argwhere(one != other)
        if len(apart):
            index = tuple(apart[0].tolist())
            reason = f"output {place} is another polynomial at {list(index)}"
            return ExactComparison(
                "differs",
                reason=reason,
                output=place,
                index=index,
                left=int(one[index]),
                right=int(other[index]),
            )
    return None

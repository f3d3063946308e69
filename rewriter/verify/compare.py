"""Two values of one result: how far apart, and whether that is as equal as was stated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from rewriter.language.rules import Equality
    from rewriter.verify.protocol import Array

# A float result that varies less than this, relative to the larger of 1 and its magnitude, is saturated: that is ten
# times the usual tolerance, so two quite different computations would agree on it just as well.
_SATURATED = 1e-4


@frozen
class Comparison:
    """How two values of one result compare.

    Attributes:
        max_abs: The largest difference: real units for floats, steps for integers, 1 for bools and strings. Infinite
            where the shapes or types differ, or where one side alone is not finite.
        max_rel: The same, relative to the larger of 1 and the left result's largest magnitude.
        index: The first element that differs more than stated; None where none does.
        equal: Whether the statement holds.
        differing: How many elements differ more than `limit`; where all is equal, that many are let pass all the same,
            as rounding alone was seen to put as many anywhere.
        compared: How many elements were compared.
        limit: The largest difference that is let pass in any element, in the units of `max_abs`.
        slack: How much of it is no statement, but what rounding alone was seen to do.
        reason: What is wrong, where it is not a matter of figures.
    """

    max_abs: float = 0.0
    max_rel: float = 0.0
    index: tuple[int, ...] | None = None
    equal: bool = True
    differing: int = 0
    compared: int = 0
    limit: float = 0.0
    slack: float = 0.0
    reason: str | None = None

    @property
    def excused(self) -> int:
        """How many elements differ more than `limit` and are let pass."""
        return self.differing if self.equal else 0

    def worse(self, other: Comparison) -> Comparison:
        """The worst of both in every respect: what a series of runs comes to."""
        first = self if not self.equal or other.equal else other
        return evolve(
            first,
            max_abs=max(self.max_abs, other.max_abs),
            max_rel=max(self.max_rel, other.max_rel),
            differing=max(self.differing, other.differing),
            compared=max(self.compared, other.compared),
            limit=max(self.limit, other.limit),
            slack=max(self.slack, other.slack),
        )


@frozen
class Slack:
    """What rounding alone was seen to do, so that it is not taken for a difference.

    Attributes:
        absolute: How far any float element may differ, in real units.
        elements: How many elements may differ more, by any amount: a rounding error that decides which of two maxima
            counts, or on which side of a threshold a value falls, is small in its cause only.
    """

    absolute: float = 0.0
    elements: int = 0


NO_SLACK = Slack()


def widest_slack(value: Array) -> Slack:
    """The most that is ever taken for rounding, however much it was seen to do.

    Without it a result that rounding throws about would agree with anything.
    """
    scale = max(1.0, _largest(value)) if is_float(value) else 0.0
    return Slack(1e-3 * scale, value.size // 100)


def compare(
    before: Array, after: Array, equality: Equality, slack: Slack = NO_SLACK, *, flushed: bool = False
) -> Comparison:
    """Compare two values of one result.

    Args:
        before: The left or original value.
        after: The right or rewritten one.
        equality: What is stated, already resolved for this result (`rewriter.verify.equality.for_result`).
        slack: What rounding may add to it; `exact` float results have none.
        flushed: Whether a delegate computed them. It takes denormals for zeros in the operators that it takes over,
            and which ones these are changes with their neighbours; so a denormal there is as good as a zero.

    Returns:
        The comparison. Values of different shape or type are never equal.
    """
    if before.shape != after.shape or before.dtype != after.dtype:
        reason = f"{_describe(before)} became {_describe(after)}"
        return Comparison(math.inf, math.inf, None, equal=False, reason=reason)
    if before.dtype.kind == "c":
        before, after = _parts(before), _parts(after)
    if is_float(before):
        found = _compare_floats(before, after, equality, slack, flushed=flushed)
    else:
        found = _compare_steps(before, after, equality)
    excusable = math.isfinite(found.max_abs) and not (is_float(before) and equality.kind == "exact")
    rounded = excusable and 0 < found.differing <= slack.elements
    return evolve(found, equal=True, index=None) if rounded else found


def settle(before: Array, after: Array, equality: Equality, slack: Callable[[], Slack]) -> Comparison:
    """Compare, and only where there is a difference that rounding might account for, ask what rounding does."""
    found = compare(before, after, equality)
    if found.equal or found.reason is not None or not compare(before, after, equality, widest_slack(before)).equal:
        return found
    return compare(before, after, equality, slack())


def is_float(value: Array) -> bool:
    """Whether the elements are real numbers, bfloat16 included (which NumPy does not count among its own)."""
    return value.dtype.kind == "f" or value.dtype.name == "bfloat16"


def _largest(value: Array) -> float:
    wide = np.abs(value.astype(np.float64))
    return float(wide[np.isfinite(wide)].max(initial=0.0))


def _compare_floats(before: Array, after: Array, equality: Equality, slack: Slack, *, flushed: bool) -> Comparison:
    wide_before, wide_after = before.astype(np.float64), after.astype(np.float64)
    finite = np.isfinite(wide_before)
    one_sided = finite != np.isfinite(wide_after)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(wide_before - wide_after)
    scale = max(1.0, _largest(before))
    if equality.kind == "exact":
        both_nan = np.isnan(wide_before) & np.isnan(wide_after)
        bad = (_bits(before) != _bits(after)) & ~both_nan
        if flushed:
            bad &= (difference == 0) | ~(_vanishes(wide_before, before.dtype) & _vanishes(wide_after, before.dtype))
        limit = 0.0
    elif equality.kind == "ulp":
        bad = (_ulps(before, after) > equality.bound) & (difference > slack.absolute) & finite
        limit = slack.absolute
    else:
        limit = equality.bound * scale + slack.absolute
        bad = (difference > limit) & finite
    bad |= one_sided
    # Infinities and NaNs of both sides are equal or not, but no figure.
    shown = np.where(one_sided, np.inf, np.where(finite, difference, 0.0))
    max_abs = float(shown.max(initial=0.0))
    used = 0.0 if equality.kind == "exact" else slack.absolute
    return _comparison(bad, max_abs, max_abs / scale, limit, int(np.count_nonzero(finite)), used)


def _compare_steps(before: Array, after: Array, equality: Equality) -> Comparison:
    if before.dtype.kind in "biu" or before.dtype.name in ("int4", "uint4", "int2", "uint2"):
        wide = np.uint64 if before.dtype.name == "uint64" else np.int64
        left, right = before.astype(wide), after.astype(wide)
        difference = (np.maximum(left, right) - np.minimum(left, right)).astype(np.float64)
        scale = max(1.0, float(np.abs(left.astype(np.float64)).max(initial=0.0)))
    else:
        difference = (before != after).astype(np.float64)
        scale = 1.0
    limit = equality.bound if equality.kind == "step" else 0.0
    bad = difference > limit
    max_abs = float(difference.max(initial=0.0))
    return _comparison(bad, max_abs, max_abs / scale, limit, difference.size)


def _comparison(
    bad: Array, max_abs: float, max_rel: float, limit: float, compared: int, slack: float = 0.0
) -> Comparison:
    differing = int(np.count_nonzero(bad))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape)) if differing else None
    return Comparison(max_abs, max_rel, index, differing == 0, differing, compared, limit, slack)


def _describe(value: Array) -> str:
    name = "string" if value.dtype == object else value.dtype.name
    return f"{name}{list(value.shape)}"


def _parts(value: Array) -> Array:
    # A complex array is pairs of floats; the last axis tells them apart.
    return np.ascontiguousarray(value)[..., None].view(f"f{value.dtype.itemsize // 2}")


def _bits(value: Array) -> Array:
    return np.ascontiguousarray(value).view(f"u{value.dtype.itemsize}")


def _vanishes(value: Array, dtype: np.dtype[Any]) -> Array:
    """Where elements are denormals, or zeros already."""
    smallest = {"float16": 2.0**-14, "float64": 2.0**-1022}.get(dtype.name, 2.0**-126)
    return np.abs(value) < smallest


def _ulps(before: Array, after: Array) -> Array:
    """Units in the last place between two values. Denormals count as zero: runtimes flush them as they like."""
    return np.abs(_position(before) - _position(after))


def _position(value: Array) -> Array:
    tiny = {2: 1 << 7 if value.dtype.name == "bfloat16" else 1 << 10, 4: 1 << 23, 8: 1 << 52}[value.dtype.itemsize]
    bits = _bits(value)
    sign = bits >> (8 * value.dtype.itemsize - 1)
    magnitude = (bits - (sign << (8 * value.dtype.itemsize - 1))).astype(np.float64)
    magnitude = np.where(magnitude < tiny, tiny - 1.0, magnitude) - (tiny - 1.0)
    return np.where(sign == 1, -magnitude, magnitude)


@define
class Variation:
    """How a result varies from run to run. A result that does not vary agrees with anything that does not either."""

    _first: Any = None
    _runs: int = 0
    _moved: bool = False
    _sum: Any = 0.0
    _squares: Any = 0.0
    _largest: float = 1.0

    def add(self, value: Array) -> None:
        """Take in the result of one more run."""
        self._runs += 1
        if self._first is None:
            self._first = value
        elif value.shape != self._first.shape:
            self._moved = True
            return
        if not is_float(value):
            self._moved = self._moved or not np.array_equal(value, self._first)
            return
        wide = np.nan_to_num(value.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        self._largest = max(self._largest, float(np.abs(wide).max(initial=0.0)))
        moved = wide - np.nan_to_num(self._first.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        self._sum = self._sum + moved
        self._squares = self._squares + moved * moved

    @property
    def varied(self) -> bool:
        """Whether the result moved: at all, where it is counted in steps; more than saturated floats do."""
        if self._first is None or self._runs < 2 or self._first.size == 0:
            return False
        if self._moved or not is_float(self._first):
            return self._moved
        mean = self._sum / self._runs
        variance: Array = self._squares / self._runs - mean * mean
        spread = math.sqrt(max(float(variance.mean()), 0.0))
        return spread >= _SATURATED * self._largest

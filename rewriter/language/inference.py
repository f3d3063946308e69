"""Shape functions asked with operands of which little is known.

A function is run with stand-ins for what is not known. Each time it decides by a stand-in it is run both ways, so what
all runs have in common holds whatever the stand-ins turn out to be. Where a function does anything else with one,
nothing is said.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from attrs import define, evolve, field, frozen

from rewriter.dialect.types import TensorType, is_list

Sizes = tuple[int | None, ...]

_MOST_RUNS = 128
_MOST_RANKLESS = 2
_RANKS = (4, 2, 3, 1, 0, 5, 6, 7, 8)  # the usual ones first: one that is accepted ends the search


class GivenUp(Exception):
    """A shape function did something with a stand-in that has no answer."""


@frozen
class Known:
    """What is known of a tensor: None for what is not. `values` are those of a constant of integers."""

    dtype: str | None
    shape: Sizes | None
    values: tuple[int, ...] | None = None


@define
class _Oracle:
    """The answers to the questions of one run: first those that are set, then always no."""

    answers: list[bool] = field(factory=list[bool])
    asked: int = 0

    def answer(self) -> bool:
        if self.asked == len(self.answers):
            self.answers.append(False)
        self.asked += 1
        return self.answers[self.asked - 1]

    def advance(self) -> bool:
        """Go on to the next way; False where all have been."""
        del self.answers[self.asked :]
        self.asked = 0
        while self.answers:
            if not self.answers.pop():
                self.answers.append(True)
                return True
        return False


class _StandIn:
    """Something that is not known: what is computed from it is not known either, and a decision goes both ways."""

    __slots__ = ("oracle",)

    def __init__(self, oracle: _Oracle) -> None:
        self.oracle = oracle

    def __bool__(self) -> bool:
        return self.oracle.answer()

    def other(self, *_: object) -> _StandIn:
        return _StandIn(self.oracle)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = other  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = other
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __truediv__ = __rtruediv__ = __neg__ = __pos__ = __abs__ = other

    def refuse(self, *_: object) -> Any:
        raise GivenUp

    __hash__ = __len__ = __iter__ = __int__ = __index__ = __float__ = __getitem__ = __contains__ = refuse
    __call__ = __getattr__ = refuse

    def __str__(self) -> str:
        return "?"

    __repr__ = __str__

    def __format__(self, _: str) -> str:
        return "?"


@frozen
class Inferred:
    """What all runs have in common.

    Attributes:
        refusal: Why every one of them refused; None where one did not.
        results: The results of those that did not.
        reasons: All that was said by those that refused, where every one did.
    """

    refusal: str | None
    results: tuple[Known, ...] = ()
    reasons: tuple[str, ...] = field(default=(), eq=False)


def infer(
    function: Callable[..., Any],
    operands: Sequence[Known | None],
    attributes: Mapping[str, object],
    unknown: Sequence[str],
    *,
    rankless: int = _MOST_RANKLESS,
) -> Inferred | None:
    """Run a shape function on what is known; None where that leads nowhere.

    Args:
        function: The function.
        operands: The operands; None for one that is absent.
        attributes: Attributes that have one known value.
        unknown: Names of those that can have several.
        rankless: Of how many operands every number of dimensions is tried, where a function asks for it.
    """
    fixed = tuple((name, tuple(value) if is_list(value) else value) for name, value in attributes.items())
    return _infer(function, tuple(operands), fixed, tuple(unknown), rankless)


@functools.lru_cache(maxsize=4096)
def _infer(
    function: Callable[..., Any],
    operands: tuple[Known | None, ...],
    fixed: tuple[tuple[str, object], ...],
    unknown: tuple[str, ...],
    rankless: int,
) -> Inferred | None:
    attributes: dict[str, object] = {
        name: list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value for name, value in fixed
    }
    found = _runs(function, operands, attributes, unknown, nameless=False)
    if found is None:
        return _of_any_rank(function, operands, attributes, unknown, rankless)
    if found.refusal is None:
        return found
    # What is not known may also be a dimension that the model leaves open, which functions treat as a case of its own.
    again = _runs(function, operands, attributes, unknown, nameless=True)
    return found if again is not None and again.refusal is not None else None


def _of_any_rank(
    function: Callable[..., Any],
    operands: tuple[Known | None, ...],
    attributes: Mapping[str, object],
    unknown: tuple[str, ...],
    rankless: int,
) -> Inferred | None:
    """Whether a function that asks for the number of dimensions refuses every one that tensors have."""
    places = [place for place, each in enumerate(operands) if each is not None and each.shape is None]
    if not 1 <= len(places) <= rankless:
        return None
    reasons: dict[str, None] = {}
    for ranks in itertools.product(_RANKS, repeat=len(places)):
        given = list(operands)
        for place, rank in zip(places, ranks, strict=True):
            known = given[place]
            assert known is not None
            given[place] = evolve(known, shape=(None,) * rank)
        for nameless in (False, True):
            found = _runs(function, given, attributes, unknown, nameless=nameless, first=True)
            if found is None or found.refusal is None:
                return None
            reasons |= dict.fromkeys(found.reasons)
    return _refused(reasons)


def _runs(
    function: Callable[..., Any],
    operands: Sequence[Known | None],
    attributes: Mapping[str, object],
    unknown: Sequence[str],
    *,
    nameless: bool,
    first: bool = False,
) -> Inferred | None:
    """All runs, or with `first` those up to the first that is not refused."""
    oracle = _Oracle()
    reasons: dict[str, None] = {}
    results: list[tuple[Known, ...]] = []
    for _ in range(_MOST_RUNS):
        types = [None if each is None else _type(each, oracle, nameless=nameless) for each in operands]
        try:
            made: Any = function(*types, **attributes, **{name: _StandIn(oracle) for name in unknown})
        except ValueError as error:
            reasons[str(error)] = None
        except (GivenUp, TypeError, AttributeError, LookupError, ArithmeticError):
            return None
        else:
            several = made if is_list(made) else (made,)
            results.append(tuple(Known(None, None) if each is None else _known(each) for each in several))
            if first:
                return Inferred(None)
        if not oracle.advance():
            return Inferred(None, _common(results)) if results else _refused(reasons)
    return None


def _refused(reasons: Iterable[str]) -> Inferred:
    every = tuple(reasons)
    return Inferred(every[0], (), every)


class _PartlyKnown(TensorType):
    """A tensor's type with stand-ins in it."""

    def __str__(self) -> str:
        known = _known(self)
        sizes = "..." if known.shape is None else ", ".join("?" if size is None else str(size) for size in known.shape)
        return f"{known.dtype or ''}[{sizes}]"


def _type(known: Known, oracle: _Oracle, *, nameless: bool) -> TensorType:
    values = known.values
    made = _PartlyKnown("f32", (), None if values is None else lambda: values)
    stand_in = _StandIn(oracle)
    shape: Any = stand_in
    if known.shape is not None:
        missing = None if nameless else stand_in
        shape = tuple(missing if size is None else size for size in known.shape)
    # The class is frozen, and would take neither for what they stand for.
    object.__setattr__(made, "dtype", stand_in if known.dtype is None else known.dtype)
    object.__setattr__(made, "shape", shape)
    return made


def _known(made: object) -> Known:
    if not isinstance(made, TensorType):
        return Known(None, None)  # the function says that it does not know
    dtype: Any = made.dtype
    shape: Any = made.shape
    sizes = tuple(size if isinstance(size, int) else None for size in shape) if is_list(shape) else None
    return Known(dtype if isinstance(dtype, str) else None, sizes)


def _common(results: Sequence[tuple[Known, ...]]) -> tuple[Known, ...]:
    if len({len(each) for each in results}) != 1:
        return ()
    common: list[Known] = []
    for places in zip(*results, strict=True):
        dtypes = {each.dtype for each in places}
        shapes = [each.shape for each in places]
        shape: Sizes | None = None
        if all(each is not None for each in shapes) and len({len(each or ()) for each in shapes}) == 1:
            shape = tuple(
                sizes[0] if len(set(sizes)) == 1 else None
                for sizes in zip(*(each or () for each in shapes), strict=True)
            )
        common.append(Known(dtypes.pop() if len(dtypes) == 1 else None, shape))
    return tuple(common)

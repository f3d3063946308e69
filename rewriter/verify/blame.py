"""Which application is to blame: the one with which the outputs of the whole model begin to differ."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from rewriter.verify.compare import Comparison
from rewriter.verify.replay import ReplayError
from rewriter.verify.result import Blame
from rewriter.verify.runtime import RuntimeFailure
from rewriter.verify.whole import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rewriter.verify.place import Place
    from rewriter.verify.replay import Replay
    from rewriter.verify.result import PlaceResult
    from rewriter.verify.whole import Reference, WholeCheck, WholeResult

# No further model is compared once this many seconds have gone into the search.
_SECONDS = 60.0
# With so many of the applications that fail by themselves the search begins; as a rule the first one is it.
_SUSPECTS = 2


@frozen
class Trial:
    """How the original with its first applications alone compares, on one input.

    Attributes:
        comparison: The worst of all outputs.
        difference: What is wrong, in words; None where nothing is.
    """

    comparison: Comparison
    difference: str | None


@frozen
class Onset:
    """The application with which the outputs begin to differ.

    Attributes:
        application: Its number; the first is 1.
        before: How the outputs compare with the applications before it, and without it.
        difference: How they differ with it, in words.
    """

    application: int
    before: Trial
    difference: str


@define(eq=False)
class Search:
    """Bisects over applications, on one input and under one kernel set that show a difference.

    Differences may grow from application to application, and may go again. What is found is an application with which
    the outputs differ, while with those before it they do not.

    Attributes:
        replay: The run.
        progress: Called before each comparison, with what is being done.
    """

    replay: Replay
    progress: Callable[[str], None]
    _start: float = field(factory=time.monotonic, init=False)

    def run(self, check: WholeCheck, whole: WholeResult, suspects: Sequence[int]) -> Onset | str:
        """Search.

        Args:
            check: The comparison that failed.
            whole: What it found.
            suspects: The numbers of applications that fail by themselves.

        Returns:
            The application, or why none was found, in words.
        """
        kernels = whole.kernels.kernels
        try:
            with check.reference(kernels, whole.differing or 0) as reference:
                return self._between(reference, suspects)
        except (ReplayError, RuntimeFailure) as error:
            return f"with which application the outputs begin to differ could not be found: {error.message}"

    def _between(self, reference: Reference, suspects: Sequence[int]) -> Onset | str:
        low, high = 0, len(self.replay.applications)
        before = _tried(reference, None, 0)
        if before.difference is not None:
            return (
                "the outputs speak against no application: the model before gives other results when it runs a second "
                f"time on the same input: {before.difference}"
            )
        difference = self._try(reference, high).difference
        if difference is None:
            return (
                "with which application the outputs begin to differ could not be found: with the applications made "
                "once more, the outputs agree on the input on which they differed"
            )
        while high - low > 1:
            if time.monotonic() - self._start > _SECONDS:
                return (
                    f"the outputs begin to differ with one of the applications {low + 1} to {high} of "
                    f"{len(self.replay.applications)}; the search for it was stopped after {_SECONDS:.0f} seconds"
                )
            middle = _between(low, high, suspects[:_SUSPECTS])
            trial = self._try(reference, middle)
            if trial.difference is None:
                low, before = middle, trial
            else:
                high, difference = middle, trial.difference
        return Onset(high, before, difference)

    def _try(self, reference: Reference, count: int) -> Trial:
        self.progress(f"the first {count} of {len(self.replay.applications)} applications")
        return _tried(reference, self.replay, count)


def _tried(reference: Reference, replay: Replay | None, count: int) -> Trial:
    try:
        if replay is None:
            outputs = reference.against(reference.check.models[0], "the model before")
        else:
            interface = reference.check.interface
            entry = interface.subgraphs[0].index
            first = replay.applications[:count]
            made = sum(each.outputs is not None and each.subgraph == entry for each in first)
            cuts = {entry: interface.cuts[:made]}
            with replay.after(count) as model:
                outputs = reference.against(model, f"the model after {count} applications", cuts)
    except RuntimeFailure as failure:
        return Trial(Comparison(math.inf, math.inf, equal=False, reason=failure.message), failure.message)
    worst = Comparison()
    for each in outputs:
        worst = worst.worse(each.comparison)
    return Trial(worst, next((sentence(each) for each in outputs if not each.comparison.equal), None))


def _between(low: int, high: int, suspects: Sequence[int]) -> int:
    """Where to look next: just before or at an application that fails by itself, else half-way."""
    sides = (count for number in suspects for count in (number - 1, number))
    return next((count for count in sides if low < count < high), (low + high) // 2)


def blamed(
    places: Sequence[Place], found: Mapping[Place, PlaceResult], onset: Onset | None, *, differs: bool
) -> list[Blame]:
    """The applications that are to blame: those that fail by themselves, then the one that the search found.

    Args:
        places: All places, in the order of the applications.
        found: What became of those that were run on their own.
        onset: What the search found, if there was one.
        differs: Whether the outputs of the whole model differ.
    """
    begins = onset.application if onset is not None else None
    blames: list[Blame] = []
    for number, place in enumerate(places, 1):
        result = found.get(place)
        fails = result is not None and not result.comparison.equal
        if not fails and number != begins:
            continue
        first = None if begins is None else number == begins
        if result is not None and fails:
            guilty = differs and first is not False
            reason = f"{'is to blame' if guilty else 'fails by itself'}: {difference(result)}"
            reason += f"; {_agreement(onset, number)}" if onset is not None and number <= onset.application else ""
        else:
            assert onset is not None
            reason = _suspicion(onset, result)
        how = "place" if fails else "bisection"
        blames.append(Blame(place.rule, place.subgraph, place.root, number, len(places), how, first, reason))
    return sorted(blames, key=lambda each: (each.found != "place", not each.begins))


def difference(place: PlaceResult) -> str:
    """How both sides of a place differ, in words."""
    found = place.comparison
    if found.reason is not None:
        return found.reason
    return (
        f"both sides differ by {found.max_abs:.3g} ({found.max_rel:.3g} of the result's magnitude; "
        f"{found.limit:.3g} is let pass), first at {list(found.index or ())}"
    )


def _agreement(onset: Onset, number: int) -> str:
    earlier = onset.application - 1
    if number <= earlier:
        return f"the outputs of the whole model agree with the first {earlier}, this one among them"
    if not earlier:
        return "the outputs of the whole model differ from it on"
    return f"the outputs of the whole model agree with {_those(earlier)} before it, and differ with it"


def _those(count: int) -> str:
    return "the one" if count == 1 else f"the {count}"


def _suspicion(onset: Onset, place: PlaceResult | None) -> str:
    parts = [f"is the first with which the outputs of the whole model differ: {onset.difference}"]
    earlier = onset.application - 1
    so_far = onset.before.comparison.max_abs if earlier else 0.0
    if so_far:
        parts.append(f"after {_those(earlier)} before it they differ by {so_far:.3g}, which is let pass")
    if place is None:
        parts.append("it was not run by itself")
    elif not any(place.ran.values()):
        parts.append(f"by itself it could not be run: {place.reason}")
    elif not place.varied:
        parts.append("by itself its result never varied, so that both sides agree there proves nothing")
    elif place.comparison.max_abs:
        cause = "the differences of several applications add up" if so_far else "what follows it enlarges that"
        figures = f"{place.comparison.max_abs:.3g} ({place.comparison.max_rel:.3g} of the result's magnitude)"
        parts.append(f"by itself it differs by {figures}, which its rule allows: {cause}")
    else:
        parts.append("by itself both of its sides give the same, so that the fault may lie in how it was put in place")
    return "; ".join(parts)

"""One place on its own: what a rule matched and what it made of it, on the same inputs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from rewriter.verify.arrays import convert, snap
from rewriter.verify.compare import Comparison, Variation, compare, settle
from rewriter.verify.cut import Cut, Restoration
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.result import PlaceResult
from rewriter.verify.rounding import rounding
from rewriter.verify.runtime import Kernels, RuntimeFailure
from rewriter.verify.whole import stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewriter.model import Tensor
    from rewriter.verify.hybrid import Execution, Executor
    from rewriter.verify.place import Place
    from rewriter.verify.protocol import Array

KERNELS: tuple[Kernels, ...] = ("reference", "default")


@define(eq=False)
class PlaceCheck:
    """Compares both sides of one place, by the rule's own statement.

    Attributes:
        executor: What runs them.
        place: The place.
    """

    executor: Executor
    place: Place
    _comparison: Comparison = field(factory=Comparison, init=False)
    _variations: list[Variation] = field(factory=list[Variation], init=False)
    _ran: dict[Kernels, int] = field(factory=dict["Kernels", int], init=False)
    _reason: str | None = field(default=None, init=False)
    # What crashes or hangs on one input does so on the next, and each time may take minutes.
    _lost: bool = field(default=False, init=False)

    def run(self, inputs: Sequence[Sequence[Array]]) -> PlaceResult:
        """Run both sides under each kernel set.

        Args:
            inputs: Several series of values for the inputs of the left side.
        """
        place = self.place
        self._variations = [Variation() for _ in place.before.outputs]
        for kernels in KERNELS:
            self._ran[kernels] = self._under(kernels, inputs)
        # With nothing put in from outside there is one result only, and that it is right is all there is to show.
        varied = not place.before.inputs or any(each.varied for each in self._variations)
        return PlaceResult(
            place.rule, place.subgraph, place.root, self._ran, self._comparison, varied, reason=self._reason
        )

    def _under(self, kernels: Kernels, inputs: Sequence[Sequence[Array]]) -> int:
        place = self.place
        self._lost = False
        try:
            left = self.executor.region(place.before, kernels, f"what matched {place.name}")
        except RuntimeFailure as failure:
            # Where the left side does not run there is nothing that the right side could be compared with.
            self._reason = failure.message
            return 0
        with left:
            try:
                right = self.executor.region(place.after, kernels, f"the replacement of {place.name}")
            except RuntimeFailure as failure:
                self._refused(failure)
                return 0
            cuts = () if place.cut is None else (Cut(place.before, place.before.outputs, place.after.outputs),)
            with right, Restoration.of(cuts, self.executor, kernels) as restore:
                ran = 0
                for each in inputs:
                    ran += self._once(left, right, restore, each)
                    if self._lost:
                        break
                return ran

    def _once(self, left: Execution, right: Execution, restore: Restoration, inputs: Sequence[Array]) -> bool:
        pairs = zip(inputs, self.place.before.inputs, self.place.after.inputs, strict=True)
        try:
            expected = left.run(inputs)
        except RuntimeFailure as failure:
            self._reason = failure.message
            self._lost = failure.outcome != "refused"
            return False
        try:
            given = [convert(value, before, after) for value, before, after in pairs]
            outputs, found = restore(self.place.after.outputs, right.run(given))
        except RuntimeFailure as failure:
            self._refused(failure)
            return False
        comparisons = left.judged(
            inputs, expected, lambda results: self._compared(left, inputs, results, outputs, found)
        )
        for index, comparison in enumerate(comparisons):
            self._comparison = self._comparison.worse(comparison)
            self._variations[index].add(expected[index])
        return True

    def _compared(
        self,
        left: Execution,
        inputs: Sequence[Array],
        expected: Sequence[Array],
        outputs: Sequence[Tensor],
        found: Sequence[Array],
    ) -> list[Comparison]:
        slacks = cache(lambda: rounding(left, inputs))
        comparisons: list[Comparison] = []
        for index, (before, after) in enumerate(zip(self.place.before.outputs, outputs, strict=True)):
            equality = stated(self.place.equality, before)
            value = convert(found[index], after, before)
            if equality.kind in ("within", "ulp"):
                comparison = settle(expected[index], value, equality, lambda index=index: slacks()[index])
            else:
                flushed = left.kernels == "default"
                comparison = compare(expected[index], value, equality, flushed=flushed)
            comparisons.append(comparison)
        return comparisons

    def _refused(self, failure: RuntimeFailure) -> None:
        self._reason = failure.message
        self._lost = failure.outcome != "refused"
        if failure.lacks_operator:
            return
        reason = f"{failure.message} (what it replaces runs)"
        self._comparison = evolve(self._comparison, equal=False, reason=reason)


def place_inputs(place: Place, real: Sequence[Mapping[Tensor, Array]], random: int) -> list[list[Array]]:
    """Values for the inputs of a place.

    Args:
        place: The place.
        real: The values that tensors take in the model, for some inputs of it, as far as they are known.
        random: How many series of random values to add.
    """
    inputs = place.before.inputs
    if not inputs:
        return [[]]
    known = [tensor for tensor in place.sources if tensor is not None]
    whole = len(known) == len(inputs)
    series = [[values[tensor] for tensor in known] for values in real if whole and values.keys() >= set(known)]
    slots = [slot(tensor) for tensor in inputs]
    series += [make_inputs(slots, seed, "place") for seed in range(random)]
    if any(stated(place.equality, tensor).kind == "exact" for tensor in place.before.outputs):
        # Only `exact` speaks of NaN, infinities and denormals; elsewhere results that overflow are not compared.
        series.append(make_inputs(slots, random, "special"))
    pairs = list(zip(inputs, place.after.inputs, strict=True))
    return [[snap(value, *pair) for value, pair in zip(each, pairs, strict=True)] for each in series]

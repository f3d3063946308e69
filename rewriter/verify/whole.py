"""Two whole models on the same inputs, output by output."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from rewriter.verify.arrays import convert, snap
from rewriter.verify.compare import Comparison, Slack, Variation, settle
from rewriter.verify.cut import Restoration
from rewriter.verify.equality import for_result
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.interface import by_position
from rewriter.verify.result import KernelResult, OutputResult
from rewriter.verify.rounding import rounding, wider
from rewriter.verify.runtime import Kernels, RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from rewriter.language.rules import Equality
    from rewriter.model import Model, Tensor
    from rewriter.verify.cut import Cut
    from rewriter.verify.hybrid import Execution, Executor
    from rewriter.verify.interface import Interface
    from rewriter.verify.protocol import Array

    Slacks = Callable[[Sequence[Array]], Sequence[Slack]]

# A large model under the plain kernels may take minutes for each input; two inputs are the least that can vary.
_SECONDS = 60.0
_LEAST = 2


@frozen
class WholeResult:
    """How the whole models compared under one kernel set.

    Attributes:
        kernels: How they fared.
        outputs: Their outputs; none where nothing was compared.
        failures: What is wrong, in sentences.
        refused: Whether that is only that the runtime refuses the second model.
        differing: The seed of the first input on which something is wrong; None where nothing is.
    """

    kernels: KernelResult
    outputs: tuple[OutputResult, ...] = ()
    failures: tuple[str, ...] = ()
    refused: bool = False
    differing: int | None = None


@define
class _Tally:
    """One output over all inputs."""

    comparison: Comparison = field(factory=Comparison)
    variation: Variation = field(factory=Variation)


@define(eq=False)
class WholeCheck:
    """Compares a model with another one.

    Attributes:
        executor: What runs them.
        models: The model before, and the one after.
        interface: The entry point that is run, and which input and output is which.
        equality: What is stated of float results; others follow its defaults.
        seeds: On how many inputs.
        sides: What to call the two models.
        more_slack: Further slack that rounding inside the model gives, asked for only where a difference was seen.
        steps: By how many steps integers and quantized results may differ, if a rule states that.
    """

    executor: Executor
    models: tuple[Model, Model]
    interface: Interface
    equality: Equality
    seeds: int
    sides: tuple[str, str] = ("the model before", "the model after")
    more_slack: Slacks | None = None
    steps: Equality | None = None

    def inputs(self, seed: int) -> list[Array]:
        """The inputs of one run, in the first model's order."""
        made = make_inputs([slot(pair[0]) for pair in self.interface.inputs], seed)
        return [snap(value, *pair) for value, pair in zip(made, self.interface.inputs, strict=True)]

    def run(self, kernels: Kernels, progress: Callable[[], None]) -> WholeResult:
        """Run both under one kernel set, on one input after the other."""
        before, after = self.models
        entries = [subgraph.index for subgraph in self.interface.subgraphs]
        try:
            left = self.executor.model(before, kernels, self.sides[0], entry=entries[0])
        except RuntimeFailure as failure:
            return WholeResult(KernelResult(entries[0], kernels, 0, whole=False, reason=failure.message))
        with left:
            try:
                right = self.executor.model(after, kernels, self.sides[1], entry=entries[1])
            except RuntimeFailure as failure:
                return self._refused(left, failure, 0)
            with right:
                try:
                    restoring = Restoration.of(self.interface.cuts, self.executor, kernels)
                    with restoring as restore:
                        return self._compared(left, right, restore, kernels, progress)
                except RuntimeFailure as failure:
                    return WholeResult(KernelResult(entries[0], kernels, 0, whole=False, reason=failure.message))

    def _compared(
        self,
        left: Execution,
        right: Execution,
        restore: Restoration,
        kernels: Kernels,
        progress: Callable[[], None],
    ) -> WholeResult:
        tallies = [_Tally() for _ in self.interface.outputs]
        reason = None
        if left.whole and not right.whole:
            reason = f"{self.sides[1]} runs with the help of our reference kernels only, {self.sides[0]} without"
        differing = None
        ran = 0
        start = time.monotonic()
        for seed in range(self.seeds):
            if ran >= _LEAST and time.monotonic() - start > _SECONDS:
                each = (time.monotonic() - start) / ran
                reason = f"stopped after {ran} of {self.seeds} inputs, which took {each:.0f} s each"
                break
            inputs = self.inputs(seed)
            try:
                expected = left.run(inputs)
            except RuntimeFailure as failure:
                reason = failure.message
                if failure.outcome == "refused":
                    continue
                # What crashes or hangs on one input does so on the next, and each time may take minutes.
                break
            try:
                found = self.old_outputs(restore, right.run(self.in_order(inputs)))
            except RuntimeFailure as failure:
                return self._refused(left, failure, seed)
            ran += 1
            slacks = cache(partial(self.slacks, left, inputs))
            comparisons = left.judged(inputs, expected, partial(self.comparisons, found=found, slacks=slacks))
            for tally, value, comparison in zip(tallies, expected, comparisons, strict=True):
                tally.comparison = tally.comparison.worse(comparison)
                tally.variation.add(value)
            if differing is None and not all(each.equal for each in comparisons):
                differing = seed
            progress()
        entry = self.interface.subgraphs[0].index
        outputs = tuple(
            OutputResult(
                entry, index, before.name or f"output {index}", kernels, tally.comparison, tally.variation.varied
            )
            for index, (tally, (before, _)) in enumerate(zip(tallies, self.interface.outputs, strict=True))
        )
        whole = left.whole and right.whole
        failures = tuple(sentence(each) for each in outputs if not each.comparison.equal) if ran else ()
        result = KernelResult(entry, kernels, ran, whole, reason)
        return WholeResult(result, outputs if ran else (), failures, differing=differing)

    def _refused(self, left: Execution, failure: RuntimeFailure, seed: int) -> WholeResult:
        result = KernelResult(self.interface.subgraphs[0].index, left.kernels, 0, left.whole, failure.message)
        if failure.lacks_operator:
            return WholeResult(result)
        reason = f"{failure.message} ({left.side} runs)"
        return WholeResult(result, (), (reason,), failure.outcome == "refused", seed)

    @contextmanager
    def reference(self, kernels: Kernels, seed: int) -> Generator[Reference]:
        """The first model's results on one input, to hold other models to.

        Raises:
            RuntimeFailure: It does not run on it.
        """
        inputs = self.inputs(seed)
        entry = self.interface.subgraphs[0].index
        with self.executor.model(self.models[0], kernels, self.sides[0], entry=entry) as left:
            yield Reference(self, left, inputs, left.run(inputs))

    def in_order(self, inputs: Sequence[Array]) -> list[Array]:
        """The same inputs for the second model: in its order, and in its types where a rule changed the interface."""
        given: dict[Tensor, Array] = {
            after: convert(value, before, after)
            for value, (before, after) in zip(inputs, self.interface.inputs, strict=True)
        }
        return [given[tensor] for tensor in self.interface.subgraphs[1].inputs]

    def old_outputs(self, restore: Restoration, found: Sequence[Array]) -> list[Array]:
        """What the second model gives, in the first one's order, with what was cut off applied to it."""
        outputs, values = restore(self.interface.subgraphs[1].outputs, found)
        given = dict(zip(outputs, values, strict=True))
        return [given[after] for _, after in self.interface.outputs]

    def comparisons(
        self, expected: Sequence[Array], found: Sequence[Array], slacks: Callable[[], Sequence[Slack]]
    ) -> list[Comparison]:
        """Compare the outputs of both models on one input, in the first model's order."""
        comparisons: list[Comparison] = []
        for index, (before, after) in enumerate(self.interface.outputs):
            equality = stated(self.equality, before)
            if self.steps is not None and equality.kind == "exact":
                equality = stated(self.steps, before)
            value = convert(found[index], after, before)
            comparisons.append(settle(expected[index], value, equality, lambda index=index: slacks()[index]))
        return comparisons

    def slacks(self, left: Execution, inputs: Sequence[Array]) -> Sequence[Slack]:
        """What rounding alone may do to the outputs on one input."""
        slacks = rounding(left, inputs)
        more = self.more_slack(inputs) if self.more_slack is not None else ()
        return wider(slacks, more) if more else slacks


@define(eq=False)
class Reference:
    """The results of the first model on one input.

    Attributes:
        check: The comparison that they are part of.
        left: The first model, loaded.
        inputs: What it was run on.
        expected: What it gave.
    """

    check: WholeCheck
    left: Execution
    inputs: Sequence[Array]
    expected: Sequence[Array]
    _slacks: Sequence[Slack] | None = field(default=None, init=False)

    def against(
        self, model: Model, side: str, cuts: Mapping[int, Sequence[Cut]] = MappingProxyType({})
    ) -> list[OutputResult]:
        """Compare another model with it, on this one input.

        Args:
            model: Another version of the first model, with the same entry points.
            side: What to call it.
            cuts: What was cut off behind its outputs, by subgraph.

        Raises:
            RuntimeFailure: The other one does not run on it.
        """
        first = self.check.models[0]
        entry = self.check.interface.subgraphs[0]
        interface = next(each for each in by_position(first, model, cuts) if each.subgraphs[0] is entry)
        check = evolve(self.check, models=(first, model), interface=interface)
        kernels = self.left.kernels
        with (
            check.executor.model(model, kernels, side, entry=interface.subgraphs[1].index) as right,
            Restoration.of(interface.cuts, check.executor, kernels) as restore,
        ):
            found = check.old_outputs(restore, right.run(check.in_order(self.inputs)))
        return [
            OutputResult(entry.index, index, before.name or f"output {index}", kernels, comparison, varied=False)
            for index, (comparison, (before, _)) in enumerate(
                zip(check.comparisons(self.expected, found, self._slack), interface.outputs, strict=True)
            )
        ]

    def _slack(self) -> Sequence[Slack]:
        # What rounding does to the first model on this input is the same whatever it is compared with.
        if self._slacks is None:
            self._slacks = self.check.slacks(self.left, self.inputs)
        return self._slacks


def stated(equality: Equality, tensor: Tensor) -> Equality:
    """What a statement means for one tensor."""
    quantization = tensor.quantization
    return for_result(equality, tensor.dtype, quantized=quantization is not None and bool(quantization.scale))


def sentence(output: OutputResult) -> str:
    """How an output differs, in words."""
    found = output.comparison
    if found.reason is not None:
        return f"output {output.name!r} under {output.kernels} kernels: {found.reason}"
    return (
        f"output {output.name!r} under {output.kernels} kernels differs by {found.max_abs:.3g}"
        f" ({found.max_rel:.3g} of its magnitude; {found.limit:.3g} is let pass), first at {list(found.index or ())}"
    )

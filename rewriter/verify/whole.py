"""Two whole models on the same inputs, output by output."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from rewriter.verify.arrays import convert, snap
from rewriter.verify.compare import Comparison, Slack, Variation, settle
from rewriter.verify.equality import for_result
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.result import KernelResult, OutputResult
from rewriter.verify.rounding import rounding, wider
from rewriter.verify.runtime import Kernels, RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.language.rules import Equality
    from rewriter.model import Model, Tensor
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
    """

    kernels: KernelResult
    outputs: tuple[OutputResult, ...] = ()
    failures: tuple[str, ...] = ()
    refused: bool = False


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
    """

    executor: Executor
    models: tuple[Model, Model]
    interface: Interface
    equality: Equality
    seeds: int
    sides: tuple[str, str] = ("the model before", "the model after")
    more_slack: Slacks | None = None

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
                return self._refused(left, failure)
            with right:
                return self._compared(left, right, kernels, progress)

    def _compared(
        self, left: Execution, right: Execution, kernels: Kernels, progress: Callable[[], None]
    ) -> WholeResult:
        tallies = [_Tally() for _ in self.interface.outputs]
        reason = None
        if left.whole and not right.whole:
            reason = f"{self.sides[1]} runs with the help of our reference kernels only, {self.sides[0]} without"
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
                found = right.run(self._in_order(inputs))
            except RuntimeFailure as failure:
                return self._refused(left, failure)
            ran += 1
            self._tally(tallies, left, inputs, expected, found)
            progress()
        entry = self.interface.subgraphs[0].index
        outputs = tuple(
            OutputResult(
                entry, index, before.name or f"output {index}", kernels, tally.comparison, tally.variation.varied
            )
            for index, (tally, (before, _)) in enumerate(zip(tallies, self.interface.outputs, strict=True))
        )
        whole = left.whole and right.whole
        failures = tuple(_sentence(each) for each in outputs if not each.comparison.equal) if ran else ()
        return WholeResult(KernelResult(entry, kernels, ran, whole, reason), outputs if ran else (), failures)

    def _refused(self, left: Execution, failure: RuntimeFailure) -> WholeResult:
        result = KernelResult(self.interface.subgraphs[0].index, left.kernels, 0, left.whole, failure.message)
        sentence = f"{failure.message} ({left.side} runs)"
        return WholeResult(result, (), (sentence,), failure.outcome == "refused")

    def _in_order(self, inputs: Sequence[Array]) -> list[Array]:
        """The same inputs for the second model: in its order, and in its types where a rule changed the interface."""
        given: dict[Tensor, Array] = {
            after: convert(value, before, after)
            for value, (before, after) in zip(inputs, self.interface.inputs, strict=True)
        }
        return [given[tensor] for tensor in self.interface.subgraphs[1].inputs]

    def _tally(
        self,
        tallies: Sequence[_Tally],
        left: Execution,
        inputs: Sequence[Array],
        expected: Sequence[Array],
        found: Sequence[Array],
    ) -> None:
        places = {tensor: index for index, tensor in enumerate(self.interface.subgraphs[1].outputs)}
        slacks = cache(lambda: self._slacks(left, inputs))
        for index, (tally, (before, after)) in enumerate(zip(tallies, self.interface.outputs, strict=True)):
            equality = stated(self.equality, before)
            value = convert(found[places[after]], after, before)
            comparison = settle(expected[index], value, equality, lambda index=index: slacks()[index])
            tally.comparison = tally.comparison.worse(comparison)
            tally.variation.add(expected[index])

    def _slacks(self, left: Execution, inputs: Sequence[Array]) -> Sequence[Slack]:
        slacks = rounding(left, inputs)
        more = self.more_slack(inputs) if self.more_slack is not None else ()
        return wider(slacks, more) if more else slacks


def stated(equality: Equality, tensor: Tensor) -> Equality:
    """What a statement means for one tensor."""
    quantization = tensor.quantization
    return for_result(equality, tensor.dtype, quantized=quantization is not None and bool(quantization.scale))


def _sentence(output: OutputResult) -> str:
    found = output.comparison
    if found.reason is not None:
        return f"output {output.name!r} under {output.kernels} kernels: {found.reason}"
    return (
        f"output {output.name!r} under {output.kernels} kernels differs by {found.max_abs:.3g}"
        f" ({found.max_rel:.3g} of its magnitude; {found.limit:.3g} is let pass), first at {list(found.index or ())}"
    )

"""One instance put to the test: the rule is applied, both models run, and their results are compared as it states."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from attrs import define, field, frozen

from rewriter.driver import rewrite
from rewriter.errors import ModelError, RewriterError
from rewriter.language.rules import Rule
from rewriter.model import Model, read
from rewriter.proof.kinds import Kind
from rewriter.proof.values import draw_values
from rewriter.verify.applications import places_of
from rewriter.verify.arrays import convert, numpy_dtype, snap
from rewriter.verify.compare import Comparison, Slack, Variation, compare, settle
from rewriter.verify.cut import Restoration
from rewriter.verify.equality import EXACT
from rewriter.verify.evaluator import RuntimeEvaluator
from rewriter.verify.hybrid import Executor
from rewriter.verify.inputs import slot
from rewriter.verify.place import cuts_of
from rewriter.verify.rounding import moved, rounding
from rewriter.verify.runtime import Kernels, Runtime, RuntimeFailure
from rewriter.verify.whole import stated
from rewriter.wellformed import examine, new_complaints

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration
    from rewriter.language.rules import Equality
    from rewriter.model import Tensor
    from rewriter.verify.cut import Cut
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array

KERNELS: tuple[Kernels, ...] = ("reference", "default")
# A rule may match what it made itself; how it comes to rest is not what is tried here.
_APPLICATIONS = 3
# How often what seems to differ is run again, to see whether it differs from itself.
_AGAIN = 3

_BEFELL: Mapping[str, str] = {
    "refused": "refused to run",
    "crashed": "crashed on",
    "hung": "hung on",
    "memory": "ran out of memory on",
}

Fate = Literal["agrees", "differs", "refused", "untouched"]


@frozen(eq=False)
class Instance:
    """A model in which a pattern occurs, and what it is run on.

    Attributes:
        model: The bytes of its file.
        series: Several series of values for its inputs, in their order.
        label: Of what form it is, for people.
        fixed: The inputs that say how an operator works; no others go with the shapes that the model records.
    """

    model: bytes
    series: tuple[tuple[Array, ...], ...]
    label: str = ""
    fixed: frozenset[int] = frozenset()

    @property
    def digest(self) -> bytes:
        """What tells it from other instances."""
        found = hashlib.sha256(self.model)
        for values in self.series:
            for value in values:
                found.update(_bytes(value))
        return found.digest()


@frozen(eq=False)
class Difference:
    """Where both sides of an instance differ.

    Attributes:
        reason: In one sentence.
        series: On which series of inputs; None where the inputs have no part in it.
        output: Which output.
    """

    reason: str
    after: bytes | None = None
    kernels: Kernels | None = None
    series: int | None = None
    output: int | None = None
    left: Array | None = None
    right: Array | None = None
    comparison: Comparison | None = None


@define(eq=False)
class Outcome:
    """What a trial came to.

    Attributes:
        fate: `refused` where no kernel set runs the left side, `untouched` where the rule did not fire.
        varied: Whether some result depends on the inputs.
        seen: A digest of the results, to see whether they vary with constants and shapes.
        notes: What befell the runtime.
        failed: Which kernels, and how.
        telling: The outputs that depend on what was replaced.
    """

    fate: Fate
    difference: Difference | None = None
    varied: bool = False
    seen: bytes = b""
    ran: tuple[Kernels, ...] = ()
    notes: list[str] = field(factory=list[str])
    failed: set[str] = field(factory=set[str])
    telling: Sequence[int] = ()


@define(eq=False)
class Trials:
    """Puts instances of one rule to the test.

    Attributes:
        runtime: What runs models.
        calls: Reference kernels of custom operators, by the operators' names.
        rule: The rule.
        find: Finds the declaration of a custom operator by its code.
        evaluator: Computes what the rule evaluates, once for all kernel sets, as it is when a model is rewritten.
    """

    runtime: Runtime
    calls: Mapping[str, KernelCall]
    rule: Rule
    find: Callable[[str], Declaration | None]
    refusals: dict[str, int] = field(factory=dict[str, int])
    evaluator: RuntimeEvaluator = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.evaluator = RuntimeEvaluator(self.find, self.runtime)

    def run(self, instance: Instance) -> Outcome:
        """Apply the rule to an instance and compare both sides."""
        before, after = read(instance.model), read(instance.model)
        try:
            report = rewrite(after, [self.rule], stop_after=_APPLICATIONS, evaluator=self.evaluator)
        except RewriterError as error:
            return Outcome("differs", Difference(f"the rule cannot be applied: {error.message}"))
        if not report.applications:
            return Outcome("untouched")
        complaints = new_complaints(before, after, self.find)
        if complaints and any(each.severity == "error" for each in examine(before, self.find)):
            # Of an operator that may be anything, an instance can have more operands than it takes.
            return Outcome("refused")
        if complaints:
            reason = f"the rewritten graph is not well formed: {complaints[0]}"
            return Outcome("differs", Difference(reason, _written(after)))
        try:
            written = after.to_bytes()
        except ModelError as error:
            return Outcome("differs", Difference(f"the rewritten model cannot be written: {error.message}"))
        roots = {tensor.name for each in report.applications for tensor in (*each.roots, *each.dropped)}
        cuts = cuts_of(places_of(before, after, report.applications)).get(0, ()) if self.drops_outputs else ()
        return self.compared(instance, before, after, written, behind(before, roots), cuts)

    @property
    def drops_outputs(self) -> bool:
        """Whether the rule drops outputs, so that both sides have to be brought to the old ones."""
        return self.rule.replacement.drops_outputs

    def compared(
        self,
        instance: Instance,
        before: Model,
        after: Model,
        written: bytes,
        telling: Sequence[int],
        cuts: Sequence[Cut] = (),
    ) -> Outcome:
        outcome = Outcome("refused", telling=telling)
        digest = hashlib.sha256()
        for kernels in KERNELS:
            found = self.under(kernels, instance, before, after, written, outcome, digest.update, cuts)
            if found is not None:
                outcome.fate, outcome.difference = "differs", found
                return outcome
        if outcome.ran:
            outcome.fate = "agrees"
            outcome.seen = digest.digest()
        return outcome

    def under(
        self,
        kernels: Kernels,
        instance: Instance,
        before: Model,
        after: Model,
        written: bytes,
        outcome: Outcome,
        digest: Callable[[bytes], object],
        cuts: Sequence[Cut] = (),
    ) -> Difference | None:
        """Run both sides under one kernel set; None where they agree, or the left side does not run."""
        inputs = list(zip(before.subgraphs[0].inputs, after.subgraphs[0].inputs, strict=True))
        series = [[snap(value, *pair) for value, pair in zip(each, inputs, strict=True)] for each in instance.series]
        try:
            expected = self.results(before, instance.model, kernels, series, "what the pattern matches", outcome)
        except RuntimeFailure as failure:
            self.note(outcome, failure)
            return None
        if not expected:
            return None
        if not all(_fits(before, results) for results in expected.values()):
            self.count(f"{kernels} kernels give other shapes than the model records in")
            return None
        given = [
            [convert(value, *pair) for value, pair in zip(series[number], inputs, strict=True)] for number in expected
        ]
        try:
            found = self.results(after, written, kernels, given, "the replacement", None, before)
            outputs = self.restored(before, after, kernels, cuts, found)
        except RuntimeFailure as failure:
            if failure.lacks_operator:
                self.count("reference kernels have no version that the replacement needs in")
                return None
            reason = f"{failure.message} (what it replaces runs)"
            return Difference(reason, written, kernels, next(iter(expected)))
        for at, (number, results) in enumerate(expected.items()):
            differing = self.differs(before, outputs, kernels, series[number], results, found[at])
            if differing is not None:
                meant = self.meant(before, kernels, series[number])
                if meant is not None and not self.differs(before, outputs, kernels, series[number], meant, found[at]):
                    self.count(f"{kernels} kernels do not decide as declared, which the replacement does, on")
                    continue
            if differing is not None and self.unsteady(before, instance.model, kernels, series[number], results):
                self.count(f"{kernels} kernels give other results each time for")
                return None
            if differing is not None:
                place, value, comparison = differing
                reason = comparison.reason or "the results differ"
                return Difference(reason, written, kernels, number, place, results[place], value, comparison)
        outcome.ran += (kernels,)
        variations = [Variation() for _ in before.subgraphs[0].outputs]
        for results in expected.values():
            # What a match has no part in varies whatever is compared.
            for place in outcome.telling:
                variation, result = variations[place], results[place]
                variation.add(result)
                digest(repr(result.shape).encode())
                digest(_bytes(result))
        outcome.varied = outcome.varied or any(each.varied for each in variations)
        return None

    def results(
        self,
        model: Model,
        file: bytes,
        kernels: Kernels,
        series: Sequence[Sequence[Array]],
        side: str,
        outcome: Outcome | None,
        left: Model | None = None,
    ) -> dict[int, list[Array]]:
        """What a model gives for each series of inputs, by its number.

        Args:
            model: The model.
            file: It as a file.
            kernels: The kernel set.
            series: The inputs.
            side: What to call it.
            outcome: Keeps what was refused, where that is no reason to give up; None where it is.
            left: The left side, where the model is what came of it.

        Raises:
            RuntimeFailure: It does not run, or fell over one series.
        """
        if not any(operator.name in self.calls for operator in model.operators()):
            try:
                return dict(enumerate(self.runtime.run_once(file, kernels, series, side=side)))
            except RuntimeFailure as failure:
                if outcome is None or failure.outcome != "refused":
                    raise
        found: dict[int, list[Array]] = {}
        with self.executor(left or model).model(model, kernels, side) as execution:
            for number, each in enumerate(series):
                try:
                    found[number] = execution.run(each)
                except RuntimeFailure as failure:
                    if outcome is None or failure.outcome != "refused":
                        raise
                    self.note(outcome, failure)
        return found

    def restored(
        self, before: Model, after: Model, kernels: Kernels, cuts: Sequence[Cut], found: dict[int, list[Array]]
    ) -> Sequence[Tensor]:
        """Apply what was cut off to the new outputs, in place. Returns the tensors that the outputs then are.

        Raises:
            RuntimeFailure: What was cut off does not run on them.
        """
        outputs: Sequence[Tensor] = after.subgraphs[0].outputs
        if not cuts:
            return outputs
        with Restoration.of(cuts, self.executor(before), kernels) as restore:
            for number, values in found.items():
                then, old = restore(after.subgraphs[0].outputs, values)
                outputs, found[number] = then, list(old)
        return outputs

    def executor(self, before: Model) -> Executor:
        """What runs a left side and what came of it."""
        return Executor.judging(self.runtime, self.calls, before)

    def meant(self, before: Model, kernels: Kernels, inputs: Sequence[Array]) -> list[Array] | None:
        """What a left side means by its declarations, where the runtime runs it in its own way."""
        if not any(operator.name in self.calls for operator in before.operators()):
            return None
        try:
            with self.executor(before).model(before, kernels, "what the pattern matches") as execution:
                return execution.meant(inputs)
        except RuntimeFailure:
            return None

    def differs(
        self,
        before: Model,
        after: Sequence[Tensor],
        kernels: Kernels,
        inputs: Sequence[Array],
        expected: Sequence[Array],
        found: Sequence[Array],
    ) -> tuple[int, Array, Comparison] | None:
        outputs = zip(before.subgraphs[0].outputs, after, strict=True)
        slacks = cache(lambda: self.slacks(before, kernels, inputs))
        for place, (old, new) in enumerate(outputs):
            equality = self.stated(old)
            value = convert(found[place], new, old)
            if equality.kind in ("within", "ulp"):
                comparison = settle(expected[place], value, equality, lambda place=place: slacks()[place])
            else:
                comparison = compare(expected[place], value, equality, flushed=kernels == "default")
            if not comparison.equal:
                return place, value, comparison
        return None

    def unsteady(
        self, before: Model, file: bytes, kernels: Kernels, inputs: Sequence[Array], expected: Sequence[Array]
    ) -> bool:
        """Whether a left side differs from itself: then its kernel reads what it did not write."""
        for _ in range(_AGAIN):
            try:
                again = self.results(before, file, kernels, [inputs], "what the pattern matches", None)[0]
            except RuntimeFailure:
                return True
            for one, other in zip(expected, again, strict=True):
                if not compare(one, other, EXACT).equal:
                    return True
        return False

    def stated(self, tensor: Tensor) -> Equality:
        """What the rule states of an output."""
        return stated(self.rule.equality, tensor)

    def slacks(self, before: Model, kernels: Kernels, inputs: Sequence[Array]) -> Sequence[Slack]:
        """What one unit in the last place of the operands does to each output; constants are operands too."""
        return rounding(_Moving(self, before, kernels), inputs)  # type: ignore[arg-type]

    def note(self, outcome: Outcome, failure: RuntimeFailure) -> None:
        outcome.notes.append(failure.message)
        what = f"{failure.kernels} kernels {_BEFELL[failure.outcome]}"
        if what not in outcome.failed:
            # An instance counts once, however many of its series fail.
            outcome.failed.add(what)
            self.count(what)

    def count(self, what: str) -> None:
        """Note what befell the runtime at one more instance."""
        self.refusals[what] = self.refusals.get(what, 0) + 1


@define(eq=False)
class _Moving:
    """A left side whose float constants move by a unit in the last place, too, from the second run on."""

    trials: Trials
    model: Model
    kernels: Kernels
    _runs: int = 0

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        self._runs += 1
        model = self.model if self._runs == 1 else _moved(self.model, self._runs)
        file = model.to_bytes()
        return self.trials.results(model, file, self.kernels, [inputs], "what the pattern matches", None)[0]


def _moved(model: Model, seed: int) -> Model:
    made = read(model.to_bytes())
    rng = np.random.default_rng(seed)
    for tensor in made.subgraphs[0].tensors:
        if tensor.dtype in ("f32", "f64", "f16") and tensor.data is not None:
            values = np.frombuffer(tensor.data, numpy_dtype(tensor.dtype))
            # Zeros are what they are: a constant that the pattern wants to be 0 is no measured one.
            changed = np.where(values == 0, values, moved(values, rng))
            tensor.edit(buffer=made.new_buffer(changed.tobytes()))
            made.modified = True
    return read(made.to_bytes())


def _bytes(value: Array) -> bytes:
    return value.tobytes() if value.dtype != object else repr(value.tolist()).encode()


def _fits(model: Model, results: Sequence[Array]) -> bool:
    """Whether results have the sizes that the model records; what comes otherwise was computed from something else."""
    for tensor, value in zip(model.subgraphs[0].outputs, results, strict=True):
        known = tensor.shape if tensor.shape_signature is None else tensor.shape_signature
        if len(known) == value.ndim and any(
            size not in (-1, int(found)) for size, found in zip(known, value.shape, strict=True)
        ):
            return False
    return True


def behind(model: Model, names: Collection[str]) -> list[int]:
    """The places of the outputs that depend on one of some tensors."""
    known: set[Tensor] = {tensor for tensor in model.subgraphs[0].tensors if tensor.name in names}
    for operator in model.subgraphs[0].operators:
        if any(each in known for each in operator.inputs if each is not None):
            known.update(operator.outputs)
    return [place for place, tensor in enumerate(model.subgraphs[0].outputs) if tensor in known]


def _written(model: Model) -> bytes | None:
    try:
        return model.to_bytes()
    except ModelError:
        return None


def make_series(
    model: Model,
    kinds: Mapping[str, Kind],
    feeds: Mapping[str, Array],
    seed: int,
    styles: Sequence[str],
    *,
    special: bool,
) -> tuple[tuple[Array, ...], ...]:
    """Values for a model's inputs.

    Args:
        model: The model.
        kinds: What each input holds, by its name.
        feeds: What inputs have to hold that say how an operator works.
        seed: Where the others come from.
        styles: One for each series.
        special: Whether the last series has NaN, infinities and denormals.
    """
    series: list[tuple[Array, ...]] = []
    for number, style in enumerate(styles):
        values: list[Array] = []
        for place, tensor in enumerate(model.subgraphs[0].inputs):
            if tensor.name in feeds:
                values.append(feeds[tensor.name])
                continue
            rng = np.random.default_rng([seed, number, place])
            shape = slot(tensor).shape
            last = special and number == len(styles) - 1
            values.append(draw_values(shape, kinds[tensor.name], rng, style, special=last))
        series.append(tuple(values))
    return tuple(series)

"""The check of a rewritten model: the whole of it, and each place where a rule fired."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from rewriter.language.rules import Equality
from rewriter.verify.blame import Onset, Search, blamed
from rewriter.verify.equality import DEFAULT, EXACT, for_result
from rewriter.verify.hybrid import Executor
from rewriter.verify.inside import Inside
from rewriter.verify.interface import by_position
from rewriter.verify.place import cuts_of
from rewriter.verify.place_check import KERNELS, PlaceCheck, place_inputs
from rewriter.verify.result import CheckResult, Level, PlaceResult, Status
from rewriter.verify.runtime import Kernels, Runtime
from rewriter.verify.whole import WholeCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rewriter.model import Model, Tensor
    from rewriter.verify.compare import Slack
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.place import Place
    from rewriter.verify.protocol import Array
    from rewriter.verify.replay import Replay
    from rewriter.verify.whole import WholeResult

    Progress = Callable[[int, int, str], None]

# Real values of boundary tensors are kept for a group of places at a time, up to about this many elements a run.
_ELEMENTS = 1 << 24
_REAL = 3
_RANDOM = 3
# At how many places a result is disturbed to see the outputs answer; they are taken evenly over the model.
_DISTURBED = 16
# A model may have thousands of places alike. All are run as long as that takes this many seconds; after that, places of
# a kind (same rule, operators, types and shapes) that was run this often already are left to the whole model.
_SECONDS = 60.0
_ALIKE = 8
# Rounding is followed from fewer places: it is asked for again on every input that shows a difference.
_FOLLOWED = 4
# How many of the applications that are to blame are named in sentences; the rest is counted.
_NAMED = 3


def check_model(
    before: Model,
    after: Model,
    places: Sequence[Place],
    *,
    level: Level = "model",
    seeds: int = 5,
    kernels: Mapping[str, KernelCall] | None = None,
    progress: Progress | None = None,
    runtime: Runtime | None = None,
    replay: Replay | None = None,
) -> CheckResult:
    """Show that a rewritten model gives the results of the original, or that it does not.

    Args:
        before: The original.
        after: What the rules made of it.
        places: Where they fired.
        level: `model` for both whole models and the places, `rules` for the places only.
        seeds: On how many inputs the whole models are compared.
        kernels: Reference kernels of custom operators, by operator name: ``CUSTOM[Foo]``.
        progress: Called with steps done, steps in all, and what is being done.
        runtime: A child process that is warm already; without it, one is started for this check.
        replay: The run that made `places`, one for each application. With it, the application is searched for with
            which the outputs begin to differ, where they do.

    Returns:
        What was found. Whatever a runtime does, also crash, is in there.

    Raises:
        UsageError: The models do not have the same number of inputs and outputs.
    """
    with nullcontext(runtime) if runtime is not None else Runtime() as running:
        executor = Executor.judging(running, kernels or {}, before)
        check = _Check(executor, (before, after), tuple(places), level, seeds, progress, replay)
        return check.run()


@define(eq=False)
class _Check:
    executor: Executor
    models: tuple[Model, Model]
    places: tuple[Place, ...]
    level: Level
    seeds: int
    progress: Progress | None
    replay: Replay | None
    inside: Inside = field(init=False)
    compared: list[tuple[WholeCheck, WholeResult]] = field(factory=list[tuple[WholeCheck, "WholeResult"]], init=False)
    found: dict[Place, PlaceResult] = field(factory=dict["Place", PlaceResult], init=False)
    unseen: list[Place] = field(factory=list["Place"], init=False)
    _kinds: Counter[object] = field(factory=Counter[object], init=False)
    _start: float = field(factory=time.monotonic, init=False)
    _done: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.inside = Inside(self.executor, self.models)

    def run(self) -> CheckResult:
        interfaces = by_position(*self.models, cuts_of(self.places))
        visible = [place for place in self.places if place.subgraph == 0 and place.roots]
        sample = _evenly(visible, _DISTURBED)

        def slacks(inputs: Sequence[Array]) -> Sequence[Slack]:
            return self.inside.slacks(sample[:_FOLLOWED], inputs)

        checks = [WholeCheck(self.executor, self.models, each, DEFAULT, self.seeds) for each in interfaces]
        main = checks[0]
        main.more_slack = slacks
        steps = [place.equality for place in self.places if place.equality.kind == "step"]
        most = max(steps, key=lambda each: each.bound, default=None)
        for each in checks if self.level == "model" else ():
            for kernels in KERNELS:
                check = evolve(each, equality=self._overall(kernels), steps=most)
                self.compared.append((check, check.run(kernels, lambda: self._step("the whole model"))))
        inputs = [main.inputs(seed) for seed in range(min(self.seeds, _REAL))]
        self._start = time.monotonic()
        for group in _groups([place for place in self.places if place.shows]):
            self._check_places(group, inputs)
        differs = any(each.failures for each in self.wholes)
        if self.level == "model" and not differs and any(each.kernels.ran for each in self.wholes):
            self._disturb(sample, inputs)
        onset = self._search(inputs) if differs and self.replay is not None and self.places else None
        return self._judged(onset)

    @property
    def wholes(self) -> list[WholeResult]:
        return [whole for _, whole in self.compared]

    def _overall(self, kernels: Kernels) -> Equality:
        """What the rules together state of float results of the whole model.

        Rules that are all exact leave every bit as it is under the plain kernels. The default ones are free to group
        and to fuse operators, so there even an exact rule may change how neighbours round.
        """
        stated = [place.equality for place in self.places]
        if stated and kernels == "reference" and all(each.kind == "exact" for each in stated):
            return EXACT
        largest = max((each.bound for each in stated if each.kind == "within"), default=0.0)
        return Equality("within", largest) if largest > for_result(DEFAULT, "f32").bound else DEFAULT

    def _check_places(self, group: Sequence[Place], inputs: Sequence[Sequence[Array]]) -> None:
        wanted = [tensor for place in group if place.subgraph == 0 for tensor in place.sources if tensor is not None]
        real = self.inside.values(wanted, inputs) if wanted else []
        for place in group:
            kind = _kind(place)
            if self._kinds[kind] >= _ALIKE and time.monotonic() - self._start > _SECONDS:
                self.unseen.append(place)
                continue
            self._kinds[kind] += 1
            self._check_place(place, real)
            self._step(place.rule)

    def _check_place(self, place: Place, real: Sequence[Mapping[Tensor, Array]]) -> None:
        series = place_inputs(place, real if place.subgraph == 0 else (), min(self.seeds, _RANDOM))
        self.found[place] = PlaceCheck(self.executor, place).run(series)

    def _search(self, inputs: Sequence[Sequence[Array]]) -> Onset | str:
        """The application with which the outputs begin to differ, or why it was not found."""
        assert self.replay is not None
        failed = [each for each in self.compared if each[1].failures]
        # The default kernels are many times faster.
        check, whole = next((each for each in failed if each[1].kernels.kernels == "default"), failed[0])
        suspects = [
            number
            for number, place in enumerate(self.places, 1)
            if place in self.found and not self.found[place].comparison.equal
        ]
        onset = Search(self.replay, self._step).run(check, whole, suspects)
        if isinstance(onset, Onset):
            place = self.places[onset.application - 1]
            if place in self.unseen:
                self.unseen.remove(place)
                wanted = [tensor for tensor in place.sources if tensor is not None] if place.subgraph == 0 else []
                self._check_place(place, self.inside.values(wanted, inputs) if wanted else [])
        return onset

    def _disturb(self, sample: Sequence[Place], inputs: Sequence[Sequence[Array]]) -> None:
        """Show that the check of the whole model could have failed at these places."""
        for place in sample:
            if place not in self.found:
                continue
            answer = self.inside.responds(place, inputs, self._overall("default"))
            self.found[place] = evolve(self.found[place], responds=answer)
            self._step("what follows " + place.rule)

    def _step(self, what: str) -> None:
        self._done += 1
        if self.progress is not None:
            wholes = len(KERNELS) * self.seeds + min(len(self.places), _DISTURBED) if self.level == "model" else 0
            self.progress(self._done, max(self._done, wholes + len(self.places)), what)

    def _judged(self, onset: Onset | str | None) -> CheckResult:
        differences = [sentence for whole in self.wholes for sentence in whole.failures]
        blames = blamed(self.places, self.found, onset if isinstance(onset, Onset) else None, differs=bool(differences))
        failures = [str(each) for each in blames[:_NAMED]]
        if len(blames) > _NAMED:
            rules = ", ".join(dict.fromkeys(each.rule for each in blames[_NAMED:]))
            failures.append(f"{len(blames) - _NAMED} more applications fail by themselves, of {rules}")
        failures += [onset] if isinstance(onset, str) else []
        failures += differences
        warnings: list[str] = []
        guilty = {self.places[each.application - 1] for each in blames}
        for place, result in self.found.items():
            if place not in guilty:
                self._judge_place(result, failures, warnings)
        if self.unseen:
            warnings.append(
                f"{len(self.unseen)} of {len(self.places)} places were not run on their own: "
                f"{_ALIKE} or more of the same kind were"
            )
        ran = any(whole.kernels.ran for whole in self.wholes)
        hidden = sum(not place.shows for place in self.places)
        if hidden and not ran:
            changes = f"{hidden} of {len(self.places)} changes have no result of their own"
            if self.level == "rules":
                warnings.append(f"{changes}: only running the whole model (--check model) shows that it is unchanged")
            elif not any(whole.failures for whole in self.wholes):
                reasons = dict.fromkeys(whole.kernels.reason or "it ended early" for whole in self.wholes)
                failures.append(f"{changes}, and the whole model could not be run: {'; '.join(reasons)}")
        for whole in self.wholes:
            if whole.kernels.reason is not None and not whole.failures:
                warnings.append(f"whole model, {whole.kernels.kernels} kernels: {whole.kernels.reason}")
            warnings += [
                f"output {each.name!r} never varied under {each.kernels} kernels: that it agrees proves nothing"
                for each in whole.outputs
                if not each.varied and each.comparison.equal
            ]
        status: Status = "failed" if failures else "passed"
        if not ran and not self.found:
            status = "failed" if failures or any(place.shows for place in self.places) else "skipped"
        return CheckResult(
            self.level,
            status,
            tuple(each for whole in self.wholes for each in whole.outputs),
            tuple(whole.kernels for whole in self.wholes),
            tuple(self.found.values()),
            tuple(failures),
            tuple(warnings),
            tuple(blames),
        )

    def _judge_place(self, place: PlaceResult, failures: list[str], warnings: list[str]) -> None:
        name = f"{place.rule} at {place.root!r}"
        runs = sum(place.ran.values())
        covered = place.responds is True and any(
            whole.kernels.ran and any(each.varied for each in whole.outputs) for whole in self.wholes
        )
        if not runs and not covered:
            failures.append(f"{name}: could not be run: {place.reason}")
        elif not place.varied and not covered:
            failures.append(f"{name}: its result never varied, so that both sides agree proves nothing")
        elif not runs or not place.varied:
            warnings.append(f"{name}: shown by the whole model only: {place.reason or 'its own result never varied'}")
        elif place.responds is False:
            warnings.append(f"{name}: no output of the model shows a disturbance there; only the place proves it")


def _kind(place: Place) -> object:
    types = tuple((each.dtype, each.shape) for each in (*place.before.inputs, *place.before.outputs))
    return place.rule, place.before.names, place.after.names, types


def _evenly(places: Sequence[Place], count: int) -> list[Place]:
    if len(places) <= count:
        return list(places)
    return [places[index * len(places) // count] for index in range(count)]


def _groups(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Places in their order, in groups whose boundary tensors fit in memory together."""
    group: list[Place] = []
    elements = 0
    seen: set[Tensor] = set()
    for place in places:
        new = [tensor for tensor in place.before.inputs if tensor not in seen]
        size = sum(_elements(tensor) for tensor in new)
        if group and elements + size > _ELEMENTS:
            yield group
            group, elements = [], 0
            seen.clear()
        group.append(place)
        seen.update(new)
        elements += size
    if group:
        yield group


def _elements(tensor: Tensor) -> int:
    count = 1
    for size in tensor.shape:
        count *= max(size, 1)
    return count

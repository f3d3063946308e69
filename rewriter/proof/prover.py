"""Proves rules, one after the other: forms are found, examples made and run, a difference made small and shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define, evolve, field
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, settings
from hypothesis import seed as seeded
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisException

from rewriter.dialect.declaration import Declaration
from rewriter.errors import ModelError
from rewriter.language.rules import Rule
from rewriter.packs import find_declaration
from rewriter.proof.choice import Drawn, RandomSource, Source, pick
from rewriter.proof.condition import guess
from rewriter.proof.counterexample import counterexample
from rewriter.proof.draft import Generator
from rewriter.proof.exhaustive import all_values
from rewriter.proof.forms import Form, Maker, forms_of, survey_sources
from rewriter.proof.identity import identity
from rewriter.proof.plan import Unfit, Unplannable
from rewriter.proof.profile import Profile
from rewriter.proof.shrink import smaller
from rewriter.proof.trial import Instance, Outcome, Trials
from rewriter.proof.verdict import Badge, Verdict
from rewriter.verify.kernels import kernel_calls
from rewriter.verify.runtime import Runtime

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.proof.regressions import Regressions

Progress = Callable[[int, int, str], None]

# Of a rule with many forms so many are tried; the usual ones get most of the examples.
_MOST_FORMS = 160
_KEPT = 48
_USUAL = 3
_SURVEY = 0.35
# How many drafts are made for an instance of a form; and where no form has given one.
_TRIES = 90
_MANY_TRIES = 1000
# How long a difference that was found is made smaller.
_SHRINK_SECONDS = 8.0
_BATCHES = 20
# That an example takes its time, or is large, or is not found, is for us to say.
_UNCHECKED = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)
_FAILURES = 3
# Further than any draft that does not fit: it was run.
_RAN = 1 << 20
_LIMIT = 10.0
_NOTES = 6
# Models that are kept to guess a condition from.
_KEPT_MODELS = 60
_AROUND_SECONDS = 0.6


def keep_notes_in(folder: Path) -> None:
    """Where Hypothesis keeps what it notes of modules, for a program of its own: by default in the current folder."""
    set_hypothesis_home_dir(folder)


class _Differs(Exception):
    """Tells Hypothesis of a difference."""


class _Enough(BaseException):
    """Ends a run of Hypothesis, which takes every plain exception for a failing example."""


@define(eq=False)
class Prover:
    """Tests rules from their own text, in a warm runtime. A context manager.

    Attributes:
        profile: How much is tried.
        seed: The same examples come again with the same seed.
        examples: How many examples, instead of the profile's number.
        declarations: Custom operators, by code; installed packs are asked for others.
        regressions: Counterexamples of earlier runs, which are tried first.
        generators: A pack's help: for a rule's name, functions for its constants by the pattern's names.
    """

    profile: Profile
    seed: int = field(default=0, kw_only=True)
    examples: int | None = field(default=None, kw_only=True)
    declarations: Mapping[str, Declaration] = field(factory=dict[str, Declaration], kw_only=True)
    regressions: Regressions | None = field(default=None, kw_only=True)
    generators: Mapping[str, Mapping[str, Generator]] = field(
        factory=dict[str, "Mapping[str, Generator]"], kw_only=True
    )
    _runtime: Runtime | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None

    def prove(self, rule: Rule, progress: Progress | None = None) -> Verdict:
        """Test one rule.

        Args:
            rule: It is tested in its one direction.
            progress: Called with examples done, examples in all, and the rule's name.
        """
        if self._runtime is None:
            self._runtime = Runtime(time_limit=_LIMIT, threads=1)
        return _Proof(self, self._runtime, rule, progress).run()

    def find(self, code: str) -> Declaration | None:
        """A custom operator's declaration."""
        return self.declarations.get(code) or find_declaration(code)


@define(eq=False)
class _Proof:
    """The test of one rule."""

    prover: Prover
    runtime: Runtime
    rule: Rule
    progress: Progress | None
    maker: Maker = field(init=False)
    trials: Trials = field(init=False)
    start: float = field(factory=time.monotonic, init=False)
    done: int = field(default=0, init=False)
    notes: dict[str, None] = field(factory=dict[str, None], init=False)
    forms: list[Form] = field(factory=list[Form], init=False)
    failing: tuple[Instance, Outcome] | None = field(default=None, init=False)
    failing_form: Form | None = field(default=None, init=False)
    agreeing: list[bytes] = field(factory=list[bytes], init=False)
    differing: list[bytes] = field(factory=list[bytes], init=False)
    tries: int = field(default=40, init=False)
    _known: dict[bytes, Outcome] = field(factory=dict[bytes, Outcome], init=False)
    _seen: set[bytes] = field(factory=set[bytes], init=False)
    _until: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        sides = self.rule.sides
        known = list(self.prover.declarations.values())
        if sides is not None:
            codes = {
                name[7:-1] for operator in _operators(self.rule) for name in operator if name.startswith("CUSTOM[")
            }
            known += [each for code in codes if (each := sides.dialect.find("CUSTOM", code)) is not None]
        self.trials = Trials(self.runtime, kernel_calls(known), self.rule, self.prover.find)
        self.maker = Maker(self.rule, self.prover.generators.get(self.rule.plain_name, {}))

    @property
    def wanted(self) -> int:
        return self.prover.profile.examples if self.prover.examples is None else self.prover.examples

    @property
    def deadline(self) -> float:
        return self.start + self.prover.profile.seconds

    def run(self) -> Verdict:
        if not self.again():
            try:
                reason = self.survey()
            except Unplannable as unplannable:
                return self.verdict("no instance", reason=str(unplannable))
            if self.failing is None and not self.forms:
                return self.verdict("no instance", reason=reason)
            if self.failing is None:
                self.generate(self.forms, self.wanted - self.done, self.deadline)
            else:
                # The survey's instance is no small one: what the same form gives from Hypothesis can be made smaller.
                first = self.failing
                assert self.failing_form is not None
                self.generate([self.failing_form], 60, time.monotonic() + _SHRINK_SECONDS)
                self.failing = self.failing or first
        if self.failing is not None:
            return self.refuted()
        if not self.done:
            reason = "no result that was compared varies with the inputs or with constants"
            return self.verdict("no instance", reason=reason)
        return self.shown()

    def shown(self) -> Verdict:
        """The verdict on a rule whose examples all agree: whether more can be shown of it than these."""
        asked = (self.rule, self.forms, self.maker, self.trials, self.prover.seed)
        every = all_values(*asked)
        if isinstance(every, tuple):
            self.failing = every
            return self.refuted()
        if every:
            return self.verdict("passed", Badge("all values", self.done))
        found = identity(*asked)
        if found.refuted is not None:
            self.failing = found.refuted
            return self.refuted()
        if found.note:
            self.notes[found.note] = None
        return self.verdict("passed", Badge("identity" if found.shown else "tested", self.done))

    # -- examples -----------------------------------------------------------------------------------------------------

    def again(self) -> bool:
        """Try the counterexamples of earlier runs; whether one still is one."""
        if self.prover.regressions is None:
            return False
        for regression in self.prover.regressions.load(self.rule.qualified):
            try:
                if self.rule.equality.kind != "exact" and not regression.is_finite():
                    continue  # the rule stated more when it was saved
                self.tried(Instance(regression.before, (regression.inputs,), "saved"))
            except (ModelError, ValueError):
                continue  # what was saved no longer goes with its inputs
            if self.failing is not None:
                self.notes["a counterexample that was saved before still is one"] = None
                return True
        return False

    def survey(self) -> str:
        """Find out of which forms there are instances that run; if there are none, what was lacking."""
        lacking: dict[str, Unfit] = {}
        until = min(self.deadline, time.monotonic() + _SURVEY * self.prover.profile.seconds)
        every = forms_of(self.rule)[:_MOST_FORMS]
        for number, form in enumerate(every):
            late = time.monotonic() > (until if self.forms else self.deadline)
            if late or len(self.forms) >= _KEPT or self.failing is not None:
                break
            unfit = self.surveyed(form, number, _TRIES)
            if unfit is None:
                self.forms.append(form)
            else:
                lacking[form.plan.label] = max(lacking.get(form.plan.label, unfit), unfit, key=lambda each: each.stage)
        for number, form in enumerate(every):
            # What is hard to find is looked for longer, where there is nothing else.
            if self.forms or self.failing is not None or time.monotonic() > self.deadline:
                break
            if self.surveyed(form, len(every) + number, _MANY_TRIES) is None:
                self.forms.append(form)
                self.tries = _MANY_TRIES
        missing = sorted(lacking.keys() - {form.plan.label for form in self.forms} - {""})
        if self.forms and missing:
            self.notes[f"no instance of: {'; '.join(missing[:5])}"] = None
        furthest = max(lacking.values(), key=lambda each: each.stage, default=None)
        return str(furthest) if furthest is not None else "the pattern has no form that could be made"

    def surveyed(self, form: Form, number: int, tries: int) -> Unfit | None:
        """Look for an instance of a form that runs; None where there is one."""
        found: list[Unfit] = []
        for source in survey_sources(self.prover.seed, number):
            try:
                instance = self.maker.instance(form, source, tries=tries, exposed=False)
            except Unfit as unfit:
                unfit.args = (f"{form.label}: {unfit}",)
                found.append(unfit)
                if len(found) == _FAILURES:
                    break
                continue
            outcome = self.tried(instance)
            if self.failing is not None:
                self.failing_form = form
            if outcome.fate in ("agrees", "differs"):
                return None
            why = Unfit(f"{form.label}: {outcome.notes[-1] if outcome.notes else 'the rule does not fire'}")
            why.stage = _RAN
            found.append(why)
        return max(found, key=lambda each: each.stage)

    def generate(self, forms: list[Form], count: int, until: float) -> None:
        """Have Hypothesis make examples of some forms until so many agree, and make one that differs smaller."""
        usual = [form for form in forms if form.usual]
        choices = [*forms, *usual * (_USUAL - 1)]
        choices.sort(key=lambda form: not form.usual)
        self.failing = None
        target = self.done + count
        for batch in range(_BATCHES):
            if self.done >= target or time.monotonic() > until or self.failing is not None:
                return
            self._until = until
            self.batch(choices, target - self.done, target, self.prover.seed + batch)

    def batch(self, choices: list[Form], count: int, target: int, seed: int) -> None:
        def make(source: Source) -> Instance:
            # Making an instance can take longer than running it: when the time is up, none is made any more.
            if time.monotonic() > self._until or (self.failing is None and self.done >= target):
                raise _Enough
            form = choices[source.below(len(choices))]
            try:
                return self.maker.instance(form, source, tries=self.tries)
            except Unfit:
                reject()

        @seeded(seed)
        @settings(
            max_examples=count + 5,
            database=None,
            deadline=None,
            derandomize=False,
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=_UNCHECKED,
        )
        @given(Drawn(make))
        def examine(instance: Instance) -> None:
            if self.tried(instance).fate == "differs":
                raise _Differs

        try:
            examine()
        except (_Differs, _Enough, HypothesisException, ExceptionGroup):
            return  # what was found last is the smallest: no other is tried while one is made smaller

    def tried(self, instance: Instance) -> Outcome:
        """Put an instance to the test, once."""
        digest = instance.digest
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = self.trials.run(instance)
            if known.fate == "agrees" and (known.varied or known.seen not in self._seen):
                # What no input changes may vary with constants and shapes; the first of these cannot show it yet.
                self.done += known.varied or bool(self._seen)
                self._seen.add(known.seen)
            if self.progress is not None:
                self.progress(min(self.done, self.wanted), self.wanted, self.rule.qualified)
        if known.fate == "agrees" and len(self.agreeing) < _KEPT_MODELS:
            self.agreeing.append(instance.model)
        if known.fate == "differs":
            self.differing.append(instance.model)
            if self.failing is None:
                self._until = time.monotonic() + _SHRINK_SECONDS
            self.failing = (instance, known)
        return known

    # -- what came out ------------------------------------------------------------------------------------------------

    def refuted(self) -> Verdict:
        assert self.failing is not None
        instance, outcome = smaller(self.trials, *self.failing)
        found = counterexample(instance, outcome)
        self.look_around()
        condition = guess(self.rule, [instance.model, *self.differing[::-1][:_KEPT_MODELS]], self.agreeing)
        found = evolve(found, condition=condition)
        return self.verdict("refuted", counterexample=found)

    def look_around(self) -> None:
        """Have more instances to guess a condition from, where the first ones differed already."""
        until = time.monotonic() + _AROUND_SECONDS
        forms = self.forms or ([self.failing_form] if self.failing_form is not None else [])
        number = 0
        while forms and len(self.agreeing) < _KEPT_MODELS // 4 and time.monotonic() < until:
            number += 1
            source = RandomSource.seeded(self.prover.seed, "around", number)
            try:
                instance = self.maker.instance(pick(source, forms), source)
            except Unfit:
                continue
            outcome = self.trials.run(instance)
            if outcome.fate == "agrees" and outcome.varied:
                self.agreeing.append(instance.model)
            elif outcome.fate == "differs":
                self.differing.append(instance.model)

    def verdict(self, status: Any, badge: Badge | None = None, **more: Any) -> Verdict:
        for what, count in sorted(self.trials.refusals.items()):
            self.notes[f"{what} {count} instance{'s' * (count != 1)}"] = None
        return Verdict(
            self.rule.qualified,
            status,
            self.done,
            badge or Badge(),
            self.prover.seed,
            time.monotonic() - self.start,
            notes=tuple(self.notes)[:_NOTES],
            **more,
        )


def _operators(rule: Rule) -> Iterator[frozenset[str]]:
    for term in rule.sides.terms if rule.sides else ():
        for operator in term.operators:
            yield operator.heads or frozenset()
    for make in rule.replacement.operators:
        if make.declaration is not None:
            yield frozenset({make.declaration.name})

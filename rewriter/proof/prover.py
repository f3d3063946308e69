"""Proves rules, one after the other: forms are found, examples made and run, a difference made small and shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define, field
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, settings
from hypothesis import seed as seeded
from hypothesis.errors import HypothesisException

from rewriter.dialect.declaration import Declaration
from rewriter.errors import ModelError
from rewriter.language.rules import Rule
from rewriter.packs import find_declaration
from rewriter.proof.choice import Drawn, Source
from rewriter.proof.counterexample import counterexample
from rewriter.proof.draft import Generator, Unfit
from rewriter.proof.exhaustive import all_values
from rewriter.proof.forms import Form, Maker, forms_of, survey_sources
from rewriter.proof.identity import identity
from rewriter.proof.plan import Unplannable
from rewriter.proof.profile import Profile
from rewriter.proof.shrink import smaller
from rewriter.proof.trial import Instance, Outcome, Trials
from rewriter.proof.verdict import Badge, Verdict
from rewriter.verify.kernels import kernel_calls
from rewriter.verify.runtime import Runtime

if TYPE_CHECKING:
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
_FAILURES = 3
_LIMIT = 10.0
_NOTES = 6


class _Differs(Exception):
    """Stops Hypothesis at a difference."""


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
    made: int = field(default=0, init=False)
    notes: dict[str, None] = field(factory=dict[str, None], init=False)
    forms: list[Form] = field(factory=list[Form], init=False)
    failing: tuple[Instance, Outcome] | None = field(default=None, init=False)
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
                self.generate([self.failing_form], 60, time.monotonic() + _SHRINK_SECONDS)
                self.failing = self.failing or first
        if self.failing is not None:
            return self.refuted()
        if not self.done:
            reason = "no result that was compared varies with the inputs or with constants"
            return self.verdict("no instance", reason=reason)
        badge = Badge("tested", self.done)
        every = all_values(self.rule, self.forms, self.maker, self.trials, self.prover.seed)
        if isinstance(every, tuple):
            self.failing = every
            return self.refuted()
        if every:
            badge = Badge("all values", self.done)
        if self.failing is None and badge.shown == "tested":
            found = identity(self.rule, self.forms, self.maker, self.trials, self.prover.seed)
            if found.refuted is not None:
                self.failing = found.refuted
                return self.refuted()
            if found.note:
                self.notes[found.note] = None
            if found.shown:
                badge = Badge("identity", self.done)
        return self.verdict("passed", badge)

    # -- examples -----------------------------------------------------------------------------------------------------

    def again(self) -> bool:
        """Try the counterexamples of earlier runs; whether one still is one."""
        if self.prover.regressions is None:
            return False
        for instance in self.prover.regressions.load(self.rule.qualified):
            try:
                self.tried(instance)
            except ModelError:
                continue
            if self.failing is not None:
                self.notes["a counterexample that was saved before still is one"] = None
                return True
        return False

    def survey(self) -> str:
        """Find out of which forms there are instances that run; the reason if there are none."""
        reason = "the pattern has no form that could be made"
        every = forms_of(self.rule)
        until = min(self.deadline, time.monotonic() + _SURVEY * self.prover.profile.seconds)
        lacking: dict[str, None] = {}
        kept = 0
        for number, form in enumerate(every[:_MOST_FORMS]):
            if (time.monotonic() > until and self.forms) or kept >= _KEPT or self.failing is not None:
                break
            if time.monotonic() > self.deadline:
                break
            found, why = self.surveyed(form, number, _TRIES)
            if found:
                self.forms.append(form)
                kept += 1
            else:
                reason = why
                lacking[form.plan.label] = None
        for number, form in enumerate(every[:_MOST_FORMS]):
            # What is hard to find is looked for longer, where there is nothing else.
            if self.forms or self.failing is not None or time.monotonic() > self.deadline:
                break
            if self.surveyed(form, len(every) + number, _MANY_TRIES)[0]:
                self.forms.append(form)
                self.tries = _MANY_TRIES
        missing = lacking.keys() - {form.plan.label for form in self.forms}
        if self.forms and missing:
            names = ", ".join(sorted(each for each in missing if each)[:5])
            if names:
                self.notes[f"no instance of: {names}"] = None
        return reason

    def surveyed(self, form: Form, number: int, tries: int) -> tuple[bool, str]:
        why, failures = "", 0
        for source in survey_sources(self.prover.seed, number):
            try:
                instance = self.maker.instance(form, source, tries=tries, exposed=False)
            except Unfit as unfit:
                why = why or f"{form.label}: {unfit}"
                failures += 1
                if failures == _FAILURES:
                    break
                continue
            outcome = self.tried(instance)
            if self.failing is not None:
                self.failing_form = form
                return True, ""
            if outcome.fate == "agrees":
                return True, ""
            why = f"{form.label}: " + (outcome.notes[-1] if outcome.notes else "the rule does not fire")
        return False, why

    failing_form: Form = field(init=False)

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
        def enough() -> bool:
            return time.monotonic() > self._until or (self.failing is None and self.done >= target)

        def make(source: Source) -> Instance:
            # Making an instance can take longer than running it: when the time is up, none is made smaller any more.
            if enough():
                reject()
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
            suppress_health_check=list(HealthCheck),
        )
        @given(Drawn(make))
        def examine(instance: Instance) -> None:
            if enough() and instance.digest not in self._known:
                return
            if self.tried(instance).fate == "differs":
                raise _Differs

        try:
            examine()
        except (_Differs, HypothesisException, ExceptionGroup):
            return

    def tried(self, instance: Instance) -> Outcome:
        """Put an instance to the test, once."""
        digest = instance.digest
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = self.trials.run(instance)
            self.made += 1
            if known.fate == "agrees" and (known.varied or known.seen not in self._seen):
                # What no input changes may vary with constants and shapes; the first of these cannot show it yet.
                self.done += known.varied or bool(self._seen)
                self._seen.add(known.seen)
            if self.progress is not None:
                self.progress(min(self.done, self.wanted), self.wanted, self.rule.qualified)
        if known.fate == "differs":
            if self.failing is None:
                self._until = time.monotonic() + _SHRINK_SECONDS
            self.failing = (instance, known)
        return known

    # -- what came out ------------------------------------------------------------------------------------------------

    def refuted(self) -> Verdict:
        assert self.failing is not None
        instance, outcome = smaller(self.trials, *self.failing)
        found = counterexample(self.rule, instance, outcome, self.trials)
        return self.verdict("refuted", counterexample=found)

    def verdict(self, status: Any, badge: Badge | None = None, **more: Any) -> Verdict:
        for what, count in sorted(self.trials.refusals.items()):
            self.notes[f"{what} {count} of the instances"] = None
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

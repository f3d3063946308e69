"""Which rules let a delegate take what it leaves: they are applied to a copy, and each operator is followed."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence

from attrs import define, field, frozen

from rewriter import packs
from rewriter.driver import Application, Report, rewrite
from rewriter.errors import RewriterError
from rewriter.language.evaluation import Evaluator
from rewriter.language.rules import Rule, RuleSet
from rewriter.language.target import Target
from rewriter.model import Model, Operator, reread
from rewriter.targets.prediction import Blocked, FindCustom, Prediction, predict, refusals

Place = tuple[int, int]
"""A subgraph's index and an operator's in it."""


@frozen(eq=False)
class Lift:
    """Rules that, applied together, let a delegate take an operator, or what it becomes."""

    rules: tuple[Rule, ...]

    @property
    def allowances(self) -> tuple[str, ...]:
        """What a user has to allow: `lossy`, `interface`."""
        lossy = any(rule.equality.lossy for rule in self.rules)
        interface = any(rule.changes_interface for rule in self.rules)
        return ("lossy",) * lossy + ("interface",) * interface


@frozen(eq=False)
class Study:
    """What a delegate takes of a model, and what it could take.

    Attributes:
        lifts: For each operator that it leaves and that rules can help, the ways to do so, the best first: such that
            need no allowance before others, and rules that were written for this target before others.
        rules: The rules of the first way for each operator.
        after: What it takes once these are applied; None where there are none, or they cannot be applied together.
    """

    before: Prediction
    lifts: dict[Place, tuple[Lift, ...]]
    rules: tuple[Rule, ...]
    after: Prediction | None


@define(eq=False, slots=False)
class Rewrites:
    """What rules of several sets make of a model, each set by itself, and where that is not enough, several together:
    worked out once, for any number of targets.
    """

    model: Model
    sets: Sequence[RuleSet]
    custom: FindCustom
    evaluator: Evaluator | None = None
    _together: dict[tuple[int, ...], _Trial | None] = field(factory=dict, init=False)  # pyright: ignore[reportUnknownVariableType]

    @functools.cached_property
    def trials(self) -> list[_Trial]:
        """Each set's rules that need no allowance, and all that it uses, applied to a copy."""
        found: list[_Trial] = []
        for rules in self.sets:
            used = [rule for rule in rules if rule.used]
            free = [rule for rule in used if not Lift((rule,)).allowances]
            for chosen in (free, used) if len(free) < len(used) else (used,):
                trial = _Trial.of(self.model, chosen, rules.serves, self.evaluator)
                if trial is not None:
                    found.append(trial)
        return found

    def together(self, target: Target) -> _Trial | None:
        """The rules that need no allowance of all sets that serve this target, or no one in particular: what one makes,
        another one's may take on.
        """
        places = tuple(place for place, each in enumerate(self.sets) if not each.serves or _serves(each.serves, target))
        if places not in self._together:
            rules = [
                rule for place in places for rule in self.sets[place] if rule.used and not Lift((rule,)).allowances
            ]
            self._together[places] = _Trial.of(self.model, rules, (), self.evaluator) if len(places) > 1 else None
        return self._together[places]

    def study(self, target: Target) -> Study:
        """Say what a delegate takes, and which rules would let it take more."""
        before = predict(self.model, target, self.custom)
        refused = [each for each in before.blocked if each.refused]
        lifts: dict[Place, tuple[Lift, ...]] = {}
        if refused:
            trials = sorted(self.trials, key=lambda trial: not _serves(trial.serves, target))
            for trial in trials:
                self._try(trial, target, refused, lifts)
            left = [each for each in refused if (each.subgraph, each.index) not in lifts]
            whole = self.together(target) if left else None
            if whole is not None:
                self._try(whole, target, left, lifts)
        for place, ways in lifts.items():
            lifts[place] = tuple(sorted(ways, key=lambda way: len(way.allowances)))
        rules = {rule.qualified: rule for ways in lifts.values() for rule in ways[0].rules}
        return Study(before, lifts, tuple(rules.values()), self._after(target, list(rules.values())))

    def _try(
        self, trial: _Trial, target: Target, refused: Sequence[Blocked], lifts: dict[Place, tuple[Lift, ...]]
    ) -> None:
        still: set[Operator] = set()
        for subgraph in trial.model.subgraphs:
            still |= refusals(subgraph, target, self.custom).keys()
        fates = {(each.subgraph, each.index): trial.fate((each.subgraph, each.index)) for each in refused}
        lifted = {place: fate.rules for place, fate in fates.items() if still.isdisjoint(fate.left)}
        # What nothing happened to is taken now because of what happened elsewhere.
        helping = {rule.qualified: rule for rules in lifted.values() for rule in rules}
        for place, fired in lifted.items():
            rules = fired or tuple(helping.values())
            known = {tuple(rule.qualified for rule in way.rules) for way in lifts.get(place, ())}
            if rules and tuple(rule.qualified for rule in rules) not in known:
                lifts[place] = (*lifts.get(place, ()), Lift(rules))

    def _after(self, target: Target, rules: list[Rule]) -> Prediction | None:
        if not rules:
            return None
        model = reread(self.model)
        try:
            rewrite(model, rules, evaluator=self.evaluator)
        except RewriterError:
            return None
        return predict(model, target, self.custom)


def _serves(names: Sequence[str], target: Target) -> bool:
    """Whether a pack that serves these targets serves this one: `nnapi` stands for each of its levels."""
    return any(target.name == name or target.name.startswith(f"{name}_") for name in names)


@frozen
class _Fate:
    """What became of an operator: the rules that had a hand in it, and the operators that do its work now."""

    rules: tuple[Rule, ...]
    left: tuple[Operator, ...]


@define(eq=False, slots=False)
class _Trial:
    """A set of rules, applied to a copy of the model."""

    model: Model
    operators: list[list[Operator]]
    report: Report
    serves: tuple[str, ...]
    removed: dict[Operator, Application] = field(factory=dict[Operator, Application])

    @classmethod
    def of(
        cls, source: Model, rules: Sequence[Rule], serves: tuple[str, ...], evaluator: Evaluator | None
    ) -> _Trial | None:
        """Apply rules to a copy; None where nothing fires, or they do not come to an end."""
        if not rules:
            return None
        model = reread(source)
        operators = [list(subgraph.operators) for subgraph in model.subgraphs]
        try:
            report = rewrite(model, rules, evaluator=evaluator)
        except RewriterError:
            return None
        if not report.applications:
            return None
        removed = {operator: each for each in report.applications for operator in each.removed}
        return cls(model, operators, report, serves, removed)

    def fate(self, place: Place) -> _Fate:
        operator = self.operators[place[0]][place[1]]
        if operator not in self.removed:
            return _Fate(tuple(self._around(operator)), (operator,))
        rules: dict[str, Rule] = {}
        left: list[Operator] = []
        waiting, seen = [operator], {operator}
        while waiting:
            each = waiting.pop(0)
            application = self.removed.get(each)
            if application is None:
                left.append(each)
                continue
            if isinstance(application.rule, Rule):
                rules[application.rule.qualified] = application.rule
            new = [other for other in application.inserted if other not in seen]
            waiting += new
            seen |= set(new)
        return _Fate(tuple(rules.values()), tuple(left))

    def _around(self, operator: Operator) -> Iterator[Rule]:
        """The rules that changed what an operator reads."""
        read = {tensor for tensor in operator.inputs if tensor is not None}
        found = (each.rule for each in self.report.applications if not read.isdisjoint(each.results))
        yield from {rule.qualified: rule for rule in found if isinstance(rule, Rule)}.values()


def study(
    model: Model,
    targets: Iterable[Target],
    sets: Sequence[RuleSet],
    custom: FindCustom | None = None,
    evaluator: Evaluator | None = None,
) -> list[Study]:
    """Say what delegates take of a model, what they leave and why, and which rules would let them take more.

    Args:
        model: The model; it is not changed.
        targets: The delegates.
        sets: Rules, those of a pack together. Their own word on what they are used for is taken.
        custom: Finds declarations of custom operators; by default those of the installed packs.
        evaluator: Computes what rules `evaluate`; without one, rules that do so lift nothing.
    """
    rewrites = Rewrites(model, sets, functools.cache(custom or packs.finder()), evaluator)
    return [rewrites.study(target) for target in targets]

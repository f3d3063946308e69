"""The forms of a rule that can be tried: plans with element types of which an instance was found and run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from rewriter.language.rules import Rule
from rewriter.proof.choice import RandomSource, Source, chance, pick
from rewriter.proof.draft import Drafter, Generator
from rewriter.proof.hints import hints_of, speaks_of_nothing
from rewriter.proof.kinds import F32, Assignment, assignments
from rewriter.proof.plan import Plan, PlanTensor, plans
from rewriter.proof.surroundings import Draft, read_also
from rewriter.proof.trial import Instance, make_series
from rewriter.proof.values import STYLES


@frozen(eq=False)
class Form:
    """A plan with element types."""

    plan: Plan
    kinds: Assignment

    @property
    def label(self) -> str:
        """What tells it from other forms of the rule."""
        leaves = ", ".join(str(self.kinds[leaf]) for leaf in self.plan.leaves)
        return f"{self.plan.label}: {leaves}" if self.plan.label else leaves

    @property
    def usual(self) -> bool:
        """Whether it computes with single precision."""
        return any(kind == F32 for kind in self.kinds.values())


def forms_of(rule: Rule) -> list[Form]:
    """All forms of a rule, in turns of its plans, so that each comes up early.

    Raises:
        Unplannable: Its left side says something that plans do not express.
    """
    assert rule.sides is not None
    by_plan = [[Form(plan, kinds) for kinds in assignments(plan)] for plan in plans(rule.sides)]
    found: list[Form] = []
    for turn in range(max((len(each) for each in by_plan), default=0)):
        found += [each[turn] for each in by_plan if turn < len(each)]
    return found


Grid = Mapping[PlanTensor, Any]
"""Values that operands have to have: flat arrays of stored values."""


@define(eq=False)
class Maker:
    """Makes instances of a rule's forms.

    Attributes:
        generators: A pack's help, by the pattern's names.
    """

    rule: Rule
    generators: Mapping[str, Generator] = field(factory=dict[str, Generator])
    _hints: Mapping[str, Sequence[float]] = field(init=False)
    _empty: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        conditions = self.rule.sides.conditions if self.rule.sides else ()
        self._hints = hints_of(conditions)
        self._empty = speaks_of_nothing(conditions)

    def instance(
        self,
        form: Form,
        source: Source,
        *,
        tries: int = 40,
        integral: bool = False,
        grid: Grid | None = None,
        exposed: bool = True,
    ) -> Instance:
        """An instance of a form.

        Args:
            form: The form.
            source: Makes the choices.
            tries: How many drafts are tried.
            integral: Whether its values are small whole numbers.
            grid: The values that operands have to have.
            exposed: Whether a result between the operators may have a reader, for which the rule must not fire.

        Raises:
            Unfit: None was found.
        """
        exact = self.rule.equality.kind == "exact"
        special = exact and not integral and chance(source, 50)
        drafter = Drafter(
            source, form.plan, form.kinds, self.rule, special, integral, self._hints, self.generators, grid, self._empty
        )
        draft = drafter.find(tries)
        if exposed and not integral and grid is None and chance(source, 6):
            expose(draft, form.plan, drafter)
        if grid is not None:
            return finished(draft, form, 0, ["real"], special=False)
        styles = [pick(source, STYLES[:6]), pick(source, STYLES[:4]), pick(source, STYLES)]
        if integral:
            styles = ["whole", "whole"]
        seed = source.below(1 << 16)
        return finished(draft, form, seed, styles, special=exact and not integral)


def finished(draft: Draft, form: Form, seed: int, styles: Sequence[str], *, special: bool) -> Instance:
    """A draft as an instance."""
    kinds = {draft.tensors[each].name: kind for each, kind in form.kinds.items() if each in draft.tensors}
    kinds |= {f"{name}_given": kind for name, kind in kinds.items()}
    feeds: dict[str, Any] = {}
    planned = {tensor.name: each for each, tensor in draft.tensors.items()}
    for name, content in draft.feeds.items():
        each = planned.get(name) or planned.get(name.removesuffix("_given"))
        if each is not None:
            feeds[name] = content.values(form.kinds[each], draft.tensors[each].quantization)
    series = make_series(draft.model, kinds, feeds, seed, styles, special=special)
    inputs = draft.model.subgraphs[0].inputs
    fixed = frozenset(place for place, tensor in enumerate(inputs) if tensor.name in feeds)
    return Instance(draft.model.to_bytes(), series, form.label, fixed)


def expose(draft: Draft, plan: Plan, drafter: Drafter) -> None:
    """Have a result between the pattern's operators read: where the rule fires all the same, it must stay right."""
    inner = [each for operator in plan.operators for each in operator.results if operator is not plan.root]
    if inner:
        read_also(drafter, draft, inner[drafter.source.below(len(inner))])


def survey_sources(seed: int, number: int) -> Iterator[RandomSource]:
    """Sources for a few attempts at one form."""
    for attempt in range(8):
        yield RandomSource.seeded(seed, number, attempt)

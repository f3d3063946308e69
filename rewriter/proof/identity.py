"""Both sides in exact arithmetic, modulo a large prime: whether they are the same expression, but for rounding."""

from __future__ import annotations

from attrs import evolve, frozen

from rewriter.driver import rewrite
from rewriter.errors import RewriterError
from rewriter.language.rules import Equality, Rule
from rewriter.model import read
from rewriter.proof.choice import RandomSource
from rewriter.proof.field import compare_exactly
from rewriter.proof.forms import Form, Maker
from rewriter.proof.plan import PlanTensor, Unfit
from rewriter.proof.trial import Instance, Outcome, Trials

_FORMS = 16
_DRAWS = 4
_RUNS = 2
# What rounding is not: the statement is taken as this, with what one unit in the last place does on top.
_STRICT = Equality("within", 1e-9)
_EXACT_TYPES = frozenset({"f32", "f64", "i32", "i64"})


@frozen(eq=False)
class Identity:
    """What exact arithmetic says of a rule.

    Attributes:
        shown: Whether both sides are the same expression in every instance, for every plan of the rule.
        refuted: An instance on which they are not, and by more than rounding.
        note: What a reader should know: the error probability, or why nothing was shown.
    """

    shown: bool = False
    refuted: tuple[Instance, Outcome] | None = None
    note: str | None = None


def identity(rule: Rule, forms: list[Form], maker: Maker, trials: Trials, seed: int) -> Identity:
    """Compare both sides of a rule in exact arithmetic.

    Args:
        rule: The rule.
        forms: Its forms of which there are instances; those that do not compute with plain numbers are left out.
        maker: Makes these.
        trials: Runs one that differs in the runtime too, for a difference has to be seen there.
        seed: For what stays open.
    """
    plain = [form for form in forms if all(_is_plain(form, leaf) for leaf in form.plan.leaves)]
    if rule.changes_interface or not plain:
        return Identity()
    left = {form.plan for form in forms}
    error, count, reason = 0.0, 0, None
    for number, form in enumerate(plain[:_FORMS]):
        for draw in range(_DRAWS):
            source = RandomSource.seeded(seed, number, draw)
            try:
                instance = maker.instance(form, source, tries=60, integral=True)
                after = read(instance.model)
                if not rewrite(after, [rule], stop_after=1, evaluator=trials.evaluator).applications:
                    continue
            except (Unfit, RewriterError):
                continue
            found = compare_exactly(read(instance.model), after, seed + draw, _RUNS)
            if found.outcome == "differs":
                confirmed = _confirmed(rule, instance, trials)
                if confirmed is not None:
                    return Identity(refuted=(instance, confirmed))
                return Identity(note="in exact arithmetic both sides differ, by no more than rounding does")
            if found.outcome != "equal":
                reason = found.reason
                continue
            error, count = max(error, found.error), count + 1
            left.discard(form.plan)
    if left or not count:
        return Identity(note=f"no identity shown: {reason}" if reason else None)
    return Identity(
        True, note=f"the same expression in {count} instances; the chance of an error is below {error:.0e} each"
    )


def _is_plain(form: Form, leaf: PlanTensor) -> bool:
    kind = form.kinds[leaf]
    return not kind.quantized and kind.dtype in _EXACT_TYPES


def _confirmed(rule: Rule, instance: Instance, trials: Trials) -> Outcome | None:
    """What the runtime says, held to nothing but rounding; None where it sees no difference."""
    if rule.equality.lossy:
        return None
    strict = evolve(trials, rule=evolve(rule, equality=_STRICT))
    outcome = strict.run(instance)
    found = outcome.difference
    if outcome.fate != "differs" or found is None or found.comparison is None:
        return None
    reason = "both sides differ in exact arithmetic, whatever the tolerance"
    return evolve(outcome, difference=evolve(found, reason=reason))

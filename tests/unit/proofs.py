"""Rules from text, the instances that are made of them, and what their proofs come to."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from rewriter.model import read
from rewriter.proof.choice import RandomSource
from rewriter.proof.draft import Unfit
from rewriter.proof.forms import Form, Maker, forms_of
from rewriter.proof.profile import PROFILES
from rewriter.proof.prover import Prover
from rewriter.selection import compile_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.language.rules import Rule
    from rewriter.model import Model, Operator, Tensor
    from rewriter.proof.trial import Instance
    from rewriter.proof.verdict import Verdict


def rule_of(text: str, name: str | None = None) -> Rule:
    """The rule of a text, or that of this name."""
    rules = [rule for rule in compile_rules(text, "proofs.pat") if name in (None, rule.plain_name, rule.name)]
    assert len(rules) == 1
    return rules[0]


def drawn(
    rule: Rule, count: int, *, seed: int = 0, dtypes: Sequence[str] = ("f32",), **settings: Any
) -> list[tuple[Form, Instance]]:
    """What instances can be made in so many attempts, in turns of the forms whose first leaf has one of the types."""
    forms = [form for form in forms_of(rule) if all(form.kinds[leaf].dtype in dtypes for leaf in form.plan.leaves[:1])]
    maker = Maker(rule)
    found: list[tuple[Form, Instance]] = []
    for number in range(count):
        form = forms[number % len(forms)]
        try:
            found.append((form, maker.instance(form, RandomSource(random.Random(f"{seed}/{number}")), **settings)))
        except Unfit:
            continue
    return found


def models(rule: Rule, count: int, **settings: Any) -> list[Model]:
    """The models of `drawn`."""
    return [read(instance.model) for _, instance in drawn(rule, count, **settings)]


def operators(rule: Rule, count: int, name: str, **settings: Any) -> list[Operator]:
    """The operators of a name in the models of `drawn`."""
    every = (operator for model in models(rule, count, **settings) for operator in model.operators())
    return [operator for operator in every if operator.name == name]


def shapes(operator: Operator) -> list[tuple[int, ...]]:
    """The shapes of an operator's operands; those that are absent are left out."""
    return [tuple(tensor.shape) for tensor in operator.inputs if tensor is not None]


def constants(model: Model) -> Iterator[Tensor]:
    """The tensors of a model whose data is in the file."""
    return (tensor for tensor in model.subgraphs[0].tensors if tensor.is_constant)


def prove(rule: Rule | str, **settings: Any) -> Verdict:
    """What the proof of a rule comes to, with the quick profile."""
    with Prover(PROFILES["quick"], **settings) as prover:
        return prover.prove(rule_of(rule) if isinstance(rule, str) else rule)


def elements(verdict: Verdict) -> int:
    """How many elements a counterexample's inputs have."""
    assert verdict.counterexample is not None, verdict
    return sum(value.size for value in verdict.counterexample.inputs)

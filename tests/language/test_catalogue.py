"""Rewrites that today's systems make, written as rules: each fires where it should, nowhere else, and is right.

The rules stand in `catalogue/*.pat`, a file for each group of the catalogue, beside the models that show them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rewriter import packs
from rewriter.driver import rewrite
from rewriter.language.check import compile_rules as compile_of_pack
from rewriter.selection import compile_rules, gather
from rewriter.verify import Runtime, RuntimeEvaluator, check_model, places_of
from rewriter.verify.kernels import kernel_calls
from rewriter.wellformed import complaints
from tests.language.catalogue.affine import AFFINE
from tests.language.catalogue.annotate import ANNOTATE
from tests.language.catalogue.broadcast import BROADCAST
from tests.language.catalogue.canonicalise import CANONICALISE
from tests.language.catalogue.decompose import DECOMPOSE
from tests.language.catalogue.exchange import EXCHANGE
from tests.language.catalogue.fold import FOLD
from tests.language.catalogue.functions import FUNCTIONS
from tests.language.catalogue.fuse import FUSE
from tests.language.catalogue.identify import IDENTIFY
from tests.language.catalogue.imitation import IMITATION
from tests.language.catalogue.interface import INTERFACE
from tests.language.catalogue.layout import LAYOUT
from tests.language.catalogue.matmul import MATMUL
from tests.language.catalogue.micro import MICRO
from tests.language.catalogue.simplify import SIMPLIFY
from tests.language.catalogue.steps import STEPS
from tests.language.catalogue.uint8 import UINT8
from tests.language.catalogue.weights import WEIGHTS
from tests.shared import CHECKOUT
from tests.unit.networks import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.language.rules import RuleSet
    from tests.language.catalogue.sample import Group, Sample

HERE = Path(__file__).parent / "catalogue"
PACKS = tuple(CHECKOUT / "patterns" / name for name in ("toco", "quant", "tflm"))
QUANT = (STEPS, IMITATION, WEIGHTS, UINT8, INTERFACE)
GROUPS = (
    CANONICALISE,
    SIMPLIFY,
    FUSE,
    AFFINE,
    MATMUL,
    BROADCAST,
    FOLD,
    IDENTIFY,
    EXCHANGE,
    DECOMPOSE,
    *QUANT,
    LAYOUT,
    FUNCTIONS,
    ANNOTATE,
    *MICRO,
)
SAMPLES = [pytest.param(group, each, id=each.name) for group in GROUPS for each in group.samples]
REFUSALS = [
    pytest.param(group, each, what, id=f"{each.name} where {what}")
    for group in GROUPS
    for each in group.samples
    for what in each.unless
]

# What the checker is right to warn of, and what is meant all the same.
DELIBERATE: dict[str, list[str]] = {}


@cache
def rules_of(group: str) -> RuleSet:
    path = file_of(group)
    text = path.read_text("utf-8")
    if path.parent == HERE:
        return compile_rules(text, path.name)
    # With the functions of its pack alone: another pack may have one of the same name.
    pack = packs.find(path.parent.name)
    return compile_of_pack(
        text, path.name, elsewhere=packs.finder(), resolve=pack.function, functions=packs.added_functions(pack.name)
    )


def file_of(group: str) -> Path:
    """Where a group's rules stand: those of a stock pack in the pack, the others beside their samples."""
    return next(path for folder in (HERE, *PACKS) for path in (folder / f"{group}.pat",) if path.exists())


def only(group: Group, sample: Sample) -> RuleSet:
    return gather(rules=[rules_of(group.name)], only=[sample.rule])


def evaluator(rules: RuleSet, runtime: Runtime) -> RuntimeEvaluator:
    return RuntimeEvaluator(rules.declarations.get, runtime)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


@pytest.mark.parametrize(
    "path", sorted(path for folder in (HERE, *PACKS) for path in folder.glob("*.pat")), ids=lambda path: path.stem
)
def test_a_file_of_the_catalogue_compiles_without_warnings_but_deliberate_ones(path: Path) -> None:
    found = [f"{each.code} {each.span.line}: {each.message}" for each in rules_of(path.stem).warnings]
    assert found == DELIBERATE.get(path.stem, [])


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_rule_has_a_sample_a_refusal_and_a_sentence_for_people(group: Group) -> None:
    rules = rules_of(group.name)
    assert list(dict.fromkeys(each.rule for each in group.samples)) == [rule.name for rule in rules]
    assert [each.rule for each in group.samples if not each.unless] == []
    assert [rule.name for rule in rules if not (rule.doc).endswith(".")] == []


@pytest.mark.parametrize(("group", "sample"), SAMPLES)
def test_a_rule_leaves_what_it_says_and_both_sides_agree_as_it_states(
    group: Group, sample: Sample, runtime: Runtime
) -> None:
    rules = only(group, sample)
    before, after = sample.model(), sample.model()
    report = rewrite(after, rules, evaluator=evaluator(rules, runtime))
    assert shown(after) == list(sample.leaves), [str(miss) for miss in report.misses]
    assert complaints(after) == []
    assert set(report.rules_applied()) == {sample.rule}
    for operator in after.operators():
        wanted = sample.attributes.get(operator.outputs[0].name, {})
        assert {name: operator.attribute(name) for name in wanted} == wanted
    kernels = kernel_calls(rules.declarations.values())
    places = places_of(before, after, report.applications)
    check = check_model(before, after, places, kernels=kernels, runtime=runtime)
    assert check.failures == ()
    assert check.status == "passed"


@pytest.mark.parametrize(("group", "sample", "what"), REFUSALS)
def test_a_rule_lets_be_what_its_conditions_leave_out(
    group: Group, sample: Sample, what: str, runtime: Runtime
) -> None:
    model = sample.model(**sample.unless[what])
    before = shown(model)
    rules = only(group, sample)
    report = rewrite(model, rules, evaluator=evaluator(rules, runtime))
    assert report.applications == []
    assert shown(model) == before

"""The pack `nnapi`, rule by rule: what it leaves of a small model, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter import packs, selection
from rewriter.driver import rewrite
from rewriter.model import read
from rewriter.wellformed import new_complaints
from tests.rules.nnapi_samples import NNAPI
from tests.unit.networks import shown

if TYPE_CHECKING:
    from rewriter.driver import Report
    from rewriter.model import Model
    from tests.language.catalogue.sample import Sample

IDS = [each.rule for each in NNAPI.samples]


def applied(model: Model, name: str) -> Report:
    return rewrite(model, selection.gather(packs=["nnapi"], only=[name]))


def test_every_rule_has_a_sample() -> None:
    assert sorted(IDS) == sorted(rule.name for rule in packs.load("nnapi"))


@pytest.mark.parametrize("sample", NNAPI.samples, ids=IDS)
def test_rule_fires_where_it_should_and_leaves_a_good_graph(sample: Sample) -> None:
    model = sample.model()
    before = read(model.to_bytes())
    report = applied(model, sample.rule)
    assert report.rules_applied() == {f"nnapi.{sample.rule}": 1}
    assert new_complaints(before, model) == []
    again = read(model.to_bytes())
    assert shown(again) == list(sample.leaves)
    made = {each.outputs[0].name: each for each in again.operators()}
    for name, attributes in sample.attributes.items():
        assert {key: made[name].attribute(key) for key in attributes} == attributes


@pytest.mark.parametrize(
    ("sample", "why"),
    [(each, why) for each in NNAPI.samples for why in each.unless],
    ids=lambda each: getattr(each, "rule", each),
)
def test_rule_leaves_alone_what_it_should(sample: Sample, why: str) -> None:
    model = sample.model(**sample.unless[why])
    before = shown(model)
    assert applied(model, sample.rule).applications == []
    assert shown(model) == before

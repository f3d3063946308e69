"""All values of 8 bits are tried where a rule is elementwise and has few enough operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.packs import find_declaration
from rewriter.proof.exhaustive import all_values
from rewriter.proof.forms import Maker, forms_of
from rewriter.proof.trial import Instance, Outcome, Trials
from rewriter.verify import Runtime
from tests.unit.proofs import rule_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as running:
        yield running


class Counting(Trials):
    """Keeps what was run."""

    instances: list[Instance]

    def run(self, instance: Instance) -> Outcome:
        self.instances = [*getattr(self, "instances", []), instance]
        return super().run(instance)


def tried(runtime: Runtime, text: str) -> tuple[bool | tuple[Instance, Outcome], list[Instance]]:
    rule = rule_of(text)
    trials = Counting(runtime, {}, rule, find_declaration)
    found = all_values(rule, forms_of(rule)[:1], Maker(rule), trials, 0)
    return found, getattr(trials, "instances", [])


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_of_one_operand_all_256_values_are_tried(runtime: Runtime, dtype: str) -> None:
    found, instances = tried(runtime, f"rule r MAXIMUM(x: {dtype}, x) -> x")
    assert found is True
    assert instances
    for instance in instances:
        (values,) = instance.series
        if not values:
            # Then they stand in a constant.
            continue
        (value,) = values
        assert value.dtype.itemsize == 1
        assert len(set(value.reshape(-1).tolist())) == value.size == 256


def test_of_two_operands_all_65536_pairs_are_tried(runtime: Runtime) -> None:
    found, instances = tried(runtime, "rule r MAXIMUM(x: i8, MAXIMUM(x, y)) -> MAXIMUM(x, y)")
    assert found is True
    # Either may be a constant instead.
    one, other = next(each.series[0] for each in instances if len(each.series[0]) == 2)
    assert len(set(zip(one.reshape(-1).tolist(), other.reshape(-1).tolist(), strict=True))) == one.size == 1 << 16


def test_a_rule_that_is_wrong_for_some_pairs_is_refuted(runtime: Runtime) -> None:
    found, instances = tried(runtime, "rule r MINIMUM(x: i8, MAXIMUM(x, y)) -> MINIMUM(y, x)")
    assert isinstance(found, tuple)
    assert found[0] is instances[-1]
    assert found[1].fate == "differs"


@pytest.mark.parametrize(
    "text",
    [
        "rule r MAXIMUM(x: f32, x) -> x",
        "rule r MAXIMUM(x: i8, MAXIMUM(y, z)) -> MAXIMUM(z, MAXIMUM(y, MINIMUM(x, x)))",
        "rule r SOFTMAX(MAXIMUM(x: i8, x)) -> SOFTMAX(x)",
        "rule r TRANSPOSE(TRANSPOSE(x: i8, [1, 0]), [1, 0]) -> x",
    ],
    ids=["floats", "three operands", "rows", "movement"],
)
def test_other_rules_are_left_to_examples(runtime: Runtime, text: str) -> None:
    assert tried(runtime, text) == (False, [])


def test_without_forms_nothing_is_shown(runtime: Runtime) -> None:
    rule = rule_of("rule r MAXIMUM(x: i8, x) -> x")
    assert all_values(rule, [], Maker(rule), Trials(runtime, {}, rule, find_declaration), 0) is False

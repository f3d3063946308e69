"""Both sides in exact arithmetic: shown to be the same expression, or refuted whatever the tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.packs import find_declaration
from rewriter.proof.forms import Maker, forms_of
from rewriter.proof.identity import Identity, identity
from rewriter.proof.trial import Trials
from rewriter.verify import Runtime
from tests.unit.proofs import rule_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime(threads=1) as running:
        yield running


def found_of(runtime: Runtime, text: str) -> Identity:
    rule = rule_of(text)
    forms = [form for form in forms_of(rule) if all(form.kinds[leaf].dtype == "f32" for leaf in form.plan.leaves)]
    return identity(rule, forms, Maker(rule), Trials(runtime, {}, rule, find_declaration), 0)


@pytest.mark.parametrize(
    "text",
    [
        "rule r ADD(MUL(x: f32, a), MUL(x, b)) -> MUL(x, ADD(a, b)) equal within 1e-3",
        "rule r NEG(SUB(x: f32, y)) -> SUB(y, x)",
        "rule r MUL(c = CONV_2D(x: f32, w: const f32, b: const f32), s: const f32[]) where c.uses == 1"
        " -> @c(x, w * s, b * s) equal within 1e-3",
        "rule r CONCATENATION[axis=0](x: f32) -> x",
    ],
    ids=["distribution", "opposite", "convolution", "joined alone"],
)
def test_sums_and_products_that_are_the_same_are_shown_to_be(runtime: Runtime, text: str) -> None:
    found = found_of(runtime, text)
    assert found.shown
    assert found.refuted is None
    assert found.note is not None
    assert "the chance of an error is below" in found.note


def test_what_no_tolerance_would_show_is_refuted(runtime: Runtime) -> None:
    """A thousandth more is less than the rule allows for."""
    found = found_of(runtime, "rule r SUB(x: f32, y: f32) -> ADD(ADD(NEG(y), x), 0.0009765625) equal within 0.5")
    assert not found.shown
    assert found.refuted is not None
    assert found.refuted[1].difference is not None
    assert found.refuted[1].difference.reason == "both sides differ in exact arithmetic, whatever the tolerance"


def test_a_lossy_rule_is_not_refuted_by_exact_arithmetic(runtime: Runtime) -> None:
    found = found_of(runtime, "rule r SUB(x: f32, y: f32) -> ADD(ADD(NEG(y), x), 0.0009765625) lossy within 0.5")
    assert (found.shown, found.refuted) == (False, None)
    assert found.note is not None
    assert "in exact arithmetic both sides differ" in found.note


def test_operators_without_an_exact_reference_show_no_identity_and_a_note_says_which(runtime: Runtime) -> None:
    found = found_of(runtime, "rule r TANH(NEG(NEG(x: f32))) -> TANH(x)")
    assert (found.shown, found.refuted) == (False, None)
    assert found.note is not None
    assert "TANH" in found.note


def test_one_plan_without_an_exact_reference_is_enough_to_show_no_identity(runtime: Runtime) -> None:
    assert not found_of(runtime, "rule r NEG(NEG((NEG|TANH)(x: f32))) -> NEG(x) equal within 100").shown
    assert found_of(runtime, "rule r NEG(NEG(NEG(x: f32))) -> NEG(x)").shown

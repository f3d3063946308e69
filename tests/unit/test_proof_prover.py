"""A rule is tested from its own text: it passes with a badge, is refuted by a small model, or has no instance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.language.rules import Rule
from rewriter.model import read
from rewriter.packs import load
from rewriter.proof.profile import PROFILES
from rewriter.proof.prover import Prover
from rewriter.proof.regressions import Regressions
from rewriter.verify import Runtime
from rewriter.verify.verify import verify_models
from tests.unit import crashing_child
from tests.unit.proofs import elements, prove, rule_of

if TYPE_CHECKING:
    from rewriter.proof.verdict import Counterexample, Verdict

PADDED = (
    "rule r CONV_2D[padding=VALID, stride_h=s, stride_w=s, dilation_h_factor=1, dilation_w_factor=1]"
    "(PAD(x, [[0, 0], [t, b], [l, r], [0, 0]]), w: const f32[_, kh, kw, _], c?)"
    " where t + b == kh - 1, l + r == kw - 1{}"
    " -> CONV_2D[padding=SAME, stride_h=s, stride_w=s](x, w, c)"
)


def shown(verdict: Verdict) -> tuple[Any, ...]:
    """What a verdict says, without the time that it took."""
    found = verdict.counterexample
    more = () if found is None else (found.before, found.after, [each.tobytes() for each in found.inputs], found.reason)
    return verdict.rule, verdict.status, verdict.examples, verdict.badge, verdict.reason, verdict.notes, *more


def refuted(text: str, **settings: Any) -> Counterexample:
    verdict = prove(text, **settings)
    assert verdict.status == "refuted", verdict
    assert verdict.counterexample is not None
    assert verdict.badge.shown == "claimed"
    return verdict.counterexample


# -- refutation -------------------------------------------------------------------------------------------------------


def test_a_saved_counterexample_with_infinities_is_none_of_a_rule_that_speaks_of_numbers(tmp_path: Path) -> None:
    """The runtime's MUL makes the largest number of an infinity."""
    text = "rule r MUL(x: f32, 1.0) -> x equal {}"
    kept = Regressions(tmp_path)
    found = refuted(text.format("exact"))
    kept.save("r", found)
    assert not all(np.isfinite(value).all() for value in found.inputs)
    assert not kept.load("r")[0].is_finite()
    assert prove(text.format("exact"), regressions=kept).counterexample is not None
    assert prove(text.format("within 1e-6"), regressions=kept).status == "passed"


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("rule r SUB(x, y) -> ADD(x, y)", 8),
        ("rule r NEG(NEG(x)) -> NEG(x)", 4),
        ("rule r ADD(x, 0.0) -> x equal exact", 4),
        ("rule r NEG(SUB(x: f32, y)) -> SUB(y, x) equal exact", 8),
        ("rule r RELU(RELU6(x)) -> RELU(x)", 4),
        ("rule r TRANSPOSE(TRANSPOSE(x: f32, [1, 0, 2]), [1, 0, 2]) -> TRANSPOSE(x, [1, 0, 2])", 12),
        ("rule r SUM(x: f32[n, h, w], [1]) -> SUM(x, [2])", 12),
        ("rule r RELU(CONCATENATION[axis=a](xs...)) -> CONCATENATION[axis=a](xs...)", 8),
    ],
    ids=["sign", "dropped", "zero", "signed zero", "bound", "order", "axes", "list"],
)
def test_a_wrong_rule_is_refuted_by_a_few_elements(text: str, most: int) -> None:
    verdict = prove(text)
    assert verdict.status == "refuted"
    assert elements(verdict) <= most


def test_padding_that_agrees_with_same_in_size_alone_is_refuted() -> None:
    verdict = prove(PADDED.format(""))
    assert verdict.status == "refuted"
    found = verdict.counterexample
    assert found is not None
    assert any(" = PAD(" in line for line in found.model)
    assert elements(verdict) <= 128


@pytest.mark.parametrize("text", ["rule r SUB(x: f32, y) -> ADD(x, y)", "rule r NEG(NEG(x: f32)) -> NEG(x)"])
def test_a_counterexample_is_one_for_the_comparison_of_models_too(text: str) -> None:
    found = refuted(text)
    assert found.after is not None
    assert found.comparison is not None
    assert not found.comparison.equal
    assert found.output is not None
    assert found.output in found.model[-1]
    assert found.left is not None
    assert found.right is not None
    assert found.left.shape == found.right.shape
    assert found.left.tobytes() != found.right.tobytes()
    assert not verify_models(read(found.before), read(found.after)).equal


def test_a_replacement_that_the_runtime_refuses_is_a_refutation() -> None:
    found = refuted("rule r NEG(x: f32) -> CUSTOM[Nowhere](x)")
    assert "the replacement" in found.reason
    assert "what it replaces runs" in found.reason
    assert found.output is None


def test_a_rule_that_never_comes_to_rest_is_tried_all_the_same() -> None:
    text = "rule r MUL(x: f32, c: const f32) where max(c.value) < 1e30 -> MUL(DIV(x, 2.0), c * {})"
    assert prove(text.format("2.0"), examples=20).status == "passed"
    assert refuted(text.format("4.0")).output is not None


def test_a_rule_that_makes_what_it_matched_is_refuted() -> None:
    found = refuted("rule r MUL(x: f32, c: const f32) where max(c.value) < 1e30 -> MUL(x, c * 1.0)")
    assert "rules undo each other" in found.reason
    assert found.after is None


def test_a_condition_that_a_wrong_rule_lacks_makes_it_right() -> None:
    text = "rule r RESHAPE(TRANSPOSE(x: f32[n, h, w, c], [0, 3, 1, 2]), s: const){} -> RESHAPE(x, s)"
    assert prove(text.format("")).status == "refuted"
    assert prove(text.format(" where h == 1, w == 1")).status == "passed"


# -- no instance ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "rule r RELU(x: f32[n, _]) where n > 3, n < 3 -> MAXIMUM(x, 0.0)",
            "f32: the pattern's conditions do not hold",
        ),
        ("rule r NEG(CUSTOM[Nowhere](x: f32)) -> CUSTOM[Nowhere](x)", "refuse it: Encountered unresolved custom op"),
        ("rule r LOGISTIC(DEQUANTIZE(x: f32)) -> x", "no form"),
        ("rule r RELU(x: f64) -> MAXIMUM(x, 0.0)", "refuse it"),
    ],
    ids=["contradiction", "custom operator", "types", "refused type"],
)
def test_without_an_instance_a_rule_does_not_pass_and_a_reason_is_given(text: str, reason: str) -> None:
    verdict = prove(text)
    assert verdict.status == "no instance"
    assert verdict.badge.shown == "claimed"
    assert verdict.examples == 0
    assert verdict.reason is not None
    assert reason in verdict.reason


def test_the_reason_is_that_of_the_first_form() -> None:
    reason = prove("rule r RELU(x: [n, _]) where n > 3, n < 3 -> MAXIMUM(x, 0.0)").reason
    assert reason is not None
    assert reason.startswith("f32: ")


def test_results_that_never_vary_are_no_examples() -> None:
    verdict = prove("rule r SUB(x: i32[2], x) -> MUL(x, 0)", examples=20)
    assert verdict.status == "no instance"
    assert verdict.reason == "no result that was compared varies with the inputs or with constants"


def test_results_that_vary_with_constants_alone_are_examples() -> None:
    assert prove("rule r SHAPE(NEG(x: f32)) -> SHAPE(x)", examples=20).status == "passed"


# -- badges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "badge"),
    [
        ("rule r MAXIMUM(x: i8, x) -> x", "all values"),
        ("rule r MAXIMUM(x: u8, MAXIMUM(x, y)) -> MAXIMUM(x, y)", "all values"),
        ("rule r ADD(MUL(x: f32, a), MUL(x, b)) -> MUL(x, ADD(a, b)) equal within 1e-3", "identity"),
        ("rule r NEG(NEG(x: f32)) -> x", "identity"),
        ("rule r TRANSPOSE(TRANSPOSE(x: f32, [1, 0, 2]), [1, 0, 2]) -> x", "identity"),
        ("rule r RELU(RELU(x: f32)) -> RELU(x)", "tested (30)"),
        ("rule r MAXIMUM(x, x) -> x", "tested (30)"),
    ],
)
def test_a_badge_says_what_was_shown(text: str, badge: str) -> None:
    verdict = prove(text, examples=30)
    assert verdict.status == "passed", verdict
    assert str(verdict.badge) == badge
    assert verdict.badge.examples == verdict.examples >= 30


def test_what_is_wrong_of_one_value_of_256_is_found() -> None:
    """-128 has no opposite of 8 bits, and the sum of a step and 127 is cut off."""
    found = refuted("rule r MAXIMUM(x: i8, MINIMUM(x, y: i8)) -> y", examples=1)
    assert found.comparison is not None


def test_both_directions_of_a_rule_are_rules_that_are_tested() -> None:
    text = "rule r NEG(SUB(x: f32, y)) <-> SUB(y, x)"
    with Prover(PROFILES["quick"], examples=20) as prover:
        verdicts = [prover.prove(rule_of(text, f"r.{direction}")) for direction in ("forward", "backward")]
    assert [(each.rule, each.status) for each in verdicts] == [
        ("r.forward", "passed"),
        ("r.backward", "passed"),
    ]


@pytest.mark.parametrize("rule", list(load("mediapipe")), ids=lambda rule: rule.name)
def test_custom_operators_run_by_their_reference_kernels(rule: Rule) -> None:
    verdict = prove(rule, examples=12)
    assert verdict.status == "passed", verdict
    assert verdict.examples >= 12


# -- the same again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["rule r RELU(RELU(x: f32)) -> RELU(x)", "rule r MUL(x: f32, SUB(y, z)) -> SUB(MUL(x, y), z)"],
    ids=["right", "wrong"],
)
def test_the_same_seed_gives_the_same_verdict(text: str) -> None:
    assert shown(prove(text, seed=5, examples=20)) == shown(prove(text, seed=5, examples=20))


def test_a_verdict_does_not_depend_on_the_rules_before_it() -> None:
    wrong = rule_of("rule r MUL(x: f32, SUB(y, z)) -> SUB(MUL(x, y), z)")
    with Prover(PROFILES["quick"], examples=10) as prover:
        prover.prove(rule_of("rule r RELU(RELU(x: f32)) -> RELU(x)"))
        assert shown(prover.prove(wrong)) == shown(prove(wrong, examples=10))


def test_another_seed_tries_other_examples() -> None:
    seen: list[set[bytes]] = []
    for seed in (1, 2):
        with Prover(PROFILES["quick"], seed=seed, examples=10) as prover:
            seen.append(asked_of(prover, "rule r RELU(RELU(x: f32)) -> RELU(x)"))
    assert len(seen[0] & seen[1]) < len(seen[0]) / 2


def asked_of(prover: Prover, text: str) -> set[bytes]:
    """The models that a runtime is asked to run."""
    files: set[bytes] = set()

    class Listening(Runtime):
        def run_once(self, source: Any, *more: Any, **settings: Any) -> Any:
            files.add(source)
            return super().run_once(source, *more, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rewriter.proof.prover.Runtime", Listening)
        assert prover.prove(rule_of(text)).status == "passed"
    return files


def test_progress_is_told_up_to_the_number_that_was_asked_for() -> None:
    told: list[tuple[int, int, str]] = []
    with Prover(PROFILES["quick"], examples=10) as prover:
        verdict = prover.prove(rule_of("rule r NEG(NEG(x: f32)) -> x"), lambda *each: told.append(each))
    assert told[-1] == (10, 10, verdict.rule)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


# -- a runtime that falls over ----------------------------------------------------------------------------------------


def test_a_runtime_that_crashes_on_some_instances_is_survived_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    command = (sys.executable, str(Path(crashing_child.__file__)))
    monkeypatch.setattr("rewriter.proof.prover.Runtime", lambda **settings: Runtime(command=command, **settings))
    verdict = prove("rule r NEG(NEG(x: f32)) -> x", examples=20)
    assert verdict.status == "passed"
    assert verdict.examples >= 20
    assert any("kernels crashed" in note for note in verdict.notes)


def test_a_pack_can_bring_values_of_an_attribute_that_no_search_finds() -> None:
    text = "rule leak LEAKY_RELU[alpha=a](x: f32) where a > 0.36, a < 0.38 -> MAXIMUM(x, MUL(x, a))"
    rule = rule_of(text)
    with Prover(PROFILES["quick"]) as prover:
        assert prover.prove(rule).status == "no instance"
    brought = {"leak": {"a": lambda shape, dtype, seed: 0.37}}
    with Prover(PROFILES["quick"], generators=brought) as prover:
        assert prover.prove(rule).status == "passed"

"""The stock cleanups on every real model: they come to rest, keep the interface, and change no output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from rewriter import driver, packs, run
from rewriter.errors import CheckError
from rewriter.language.rules import RuleSet
from rewriter.model import read
from rewriter.wellformed import examine, new_complaints
from tests.shared import SHARED

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.language.rules import Cleanup
    from rewriter.model import Model

# The check runs each model a few dozen times. Above this many operators or bytes, that takes long.
OPERATORS, BYTES = 300, 2_000_000
CLEANUPS = [each for pack in ("toco", "quant") for each in packs.load(pack).cleanups]


def interface(model: Model) -> object:
    """What users of a model call it by, and what they give and get."""

    def described(tensors: object) -> object:
        return [(each.name, each.dtype, each.shape, each.shape_signature) for each in tensors]  # type: ignore[attr-defined]

    signatures = [
        (each.key, [(name, tensor.name) for name, tensor in (*each.inputs, *each.outputs)]) for each in model.signatures
    ]
    first = model.subgraphs[0]
    return described(first.inputs), described(first.outputs), signatures, [each.name for each in model.metadata]


def chosen(path: Path) -> list[Cleanup]:
    """All of them; where a model is broken already, complaints about it are known by names, and these stay."""
    broken = any(each.severity == "error" for each in examine(read(path), packs.find_declaration))
    return [each for each in CLEANUPS if not broken or each.name != "strip_names"]


def cleaned(path: Path) -> tuple[Model, driver.Report]:
    model = read(path)
    return model, driver.rewrite(model, chosen(path), declaration=packs.find_declaration)


def test_a_cleaned_model_is_whole_and_nothing_is_left_to_do(path: Path) -> None:
    before = read(path)
    model, report = cleaned(path)
    data = model.to_bytes()
    if not report.applications:
        assert data == path.read_bytes()
        return
    again = read(data)
    assert new_complaints(before, again, packs.find_declaration) == []
    assert interface(again) == interface(before)
    assert sum(buffer.size for buffer in again.buffers) <= sum(buffer.size for buffer in before.buffers)
    assert set(again.operator_codes) == {operator.code for operator in again.operators()}
    assert driver.rewrite(again, chosen(path), declaration=packs.find_declaration).applications == []
    assert again.to_bytes() == data


def test_no_output_of_a_cleaned_model_changes(path: Path) -> None:
    _, report = cleaned(path)
    if not report.rules_applied().keys() - {"toco.strip_names", "quant.strip_activation_min_max"}:
        pytest.skip("there is nothing to clean but names and ranges")
    if report.operators_before > OPERATORS or os.path.getsize(path) > BYTES:
        pytest.skip("the check of a model of this size takes long")
    rules = RuleSet(cleanups=tuple(evolve(each, used=True) for each in chosen(path)))
    try:
        result = run.apply(path, rules=[rules], seeds=2)
    except CheckError as error:
        # What no runtime runs is not said to be unchanged.
        if "and the whole model could not be run: " not in error.message:
            raise
        pytest.skip("no runtime at hand runs it")
    assert result.report.check is not None
    assert result.report.check.status == "passed"


@pytest.mark.parametrize(
    ("name", "cleanup", "count"),
    [
        ("mediapipe/face_landmark_with_attention.tflite", "toco.common_subexpression_elimination", 2),
        ("mediapipe/face_landmark_with_attention.tflite", "toco.remove_duplicate_constants", 72),
        ("tflm/keyword_scrambled.tflite", "toco.remove_unused_parts", 1),
    ],
)
def test_what_is_found_in_models_that_are_known(name: str, cleanup: str, count: int) -> None:
    path = SHARED / "models" / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand in {SHARED}")
    named = [each for each in CLEANUPS if each.qualified == cleanup]
    assert driver.rewrite(read(path), named).rules_applied() == {cleanup: count}

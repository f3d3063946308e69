"""A converter's own file and the rewritten one, run side by side on the same inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import rewriter
from rewriter.verify.equality import for_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewriter.language.rules import Equality

SEEDS = 4
_WORDS = {"float32": "f32", "int8": "i8", "uint8": "u8", "int32": "i32", "int64": "i64"}
_ULP = float(np.finfo(np.float32).eps)


def agree(
    plain: bytes, rewritten: bytes, report: rewriter.RunReport | None, interpreter: Any, names: set[str]
) -> dict[str, float]:
    """Hold a rewritten model to the plain conversion: every signature, every output, within the rules' own figures.

    Args:
        plain: What the host converts to.
        rewritten: What it converts to with the rules.
        report: What the rules did.
        interpreter: The host's class of interpreters.
        names: The rules that must have fired, and no others.

    Returns:
        The largest difference of each output, in real values or steps.
    """
    assert report is not None
    assert set(report.rewriting.rules_applied()) == names
    assert report.check is not None
    assert report.check.status == "passed"
    rules = {each.rule.qualified: each.rule.equality for each in report.rewriting.applications}
    before, after = (interpreter(model_content=data) for data in (plain, rewritten))
    assert before.get_signature_list() == after.get_signature_list()
    differences: dict[str, float] = {}
    for key in before.get_signature_list() or [None]:
        runners = [each.get_signature_runner(key) for each in (before, after)]
        seen: dict[str, list[Any]] = {}
        for seed in range(SEEDS):
            given = _inputs(runners[0].get_input_details(), seed)
            one, other = (runner(**given) for runner in runners)
            for name, expected in one.items():
                quantized = bool(runners[0].get_output_details()[name]["quantization"][0])
                difference = _difference(expected, other[name])
                bound = max(_figure(each, expected, quantized=quantized) for each in rules.values())
                assert difference <= bound, f"{name}: {difference} apart, where {rules} promise {bound}"
                differences[name] = max(difference, differences.get(name, 0.0))
                seen.setdefault(name, []).append(expected)
        for name, values in seen.items():
            assert any(not np.array_equal(values[0], each) for each in values[1:]), f"{name} never varies"
    return differences


def _inputs(details: Mapping[str, Any], seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    made: dict[str, Any] = {}
    for name, detail in details.items():
        dtype = np.dtype(detail["dtype"])
        if dtype.kind == "f":
            made[name] = random.normal(size=detail["shape"]).astype(dtype)
        else:
            ends = np.iinfo(dtype)
            made[name] = random.integers(ends.min, ends.max, detail["shape"], dtype, endpoint=True)
    return made


def _difference(expected: Any, given: Any) -> float:
    assert (expected.dtype, expected.shape) == (given.dtype, given.shape)
    return float(np.max(np.abs(expected.astype(np.float64) - given.astype(np.float64)), initial=0.0))


def _figure(equality: Equality, expected: Any, *, quantized: bool) -> float:
    """How far a result may be from what is expected, by what a rule says of itself."""
    meant = for_result(equality, _WORDS[expected.dtype.name], quantized=quantized)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    unit = {"exact": 0.0, "within": scale, "ulp": _ULP * scale, "step": 1.0}[meant.kind]
    return meant.bound * unit

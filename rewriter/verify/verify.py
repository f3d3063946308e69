"""Two models, wherever they come from: do they agree, output by output?"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from rewriter.verify.equality import DEFAULT
from rewriter.verify.hybrid import Executor
from rewriter.verify.interface import by_name
from rewriter.verify.place_check import KERNELS
from rewriter.verify.result import VerifyResult
from rewriter.verify.runtime import Runtime
from rewriter.verify.whole import WholeCheck, WholeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rewriter.model import Model
    from rewriter.verify.hybrid import KernelCall


def verify_models(
    first: Model,
    second: Model,
    *,
    seeds: int = 5,
    kernels: Mapping[str, KernelCall] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    runtime: Runtime | None = None,
) -> VerifyResult:
    """Compare two models on the same inputs, under the reference kernels and again under the default ones.

    Each output is held to the default for its type: exact for integers, bools, strings and quantized values, a small
    relative difference for floats. A kernel set that refuses one of the models compares nothing; that is a warning
    as long as the other set ran both. Where no set did, only models that hold the same bytes are equal.

    Args:
        first: One model; figures are relative to its results.
        second: The other.
        seeds: On how many inputs.
        kernels: Reference kernels of custom operators, by operator name: ``CUSTOM[Foo]``.
        progress: Called with steps done, steps in all, and what is being done.
        runtime: A child process that is warm already; without it, one is started for this comparison.

    Raises:
        UsageError: The models differ in the number, types or shapes of their inputs or outputs.
    """
    interfaces = by_name(first, second)
    total = len(interfaces) * len(KERNELS) * seeds
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, "both models")

    with nullcontext(runtime) if runtime is not None else Runtime() as running:
        sides = ("the first model", "the second model")
        executor = Executor.judging(running, kernels or {}, first)
        checks = [WholeCheck(executor, (first, second), each, DEFAULT, seeds, sides) for each in interfaces]
        entries = [[check.run(each, step) for each in KERNELS] for check in checks]
    wholes = [whole for entry in entries for whole in entry]
    failures: list[str] = []
    warnings: list[str] = []
    uncompared: list[str] = []
    for entry in entries:
        _judge(entry, failures, warnings, uncompared)
    differs = bool(failures)
    if uncompared and not differs and first.to_bytes() == second.to_bytes():
        warnings += ["both hold the same bytes", *uncompared]
    else:
        failures += uncompared
    warnings += [
        f"output {each.name!r} never varied under {each.kernels} kernels: that it agrees proves nothing"
        for whole in wholes
        for each in whole.outputs
        if not each.varied
    ]
    return VerifyResult(
        not failures,
        tuple(each for whole in wholes for each in whole.outputs),
        tuple(whole.kernels for whole in wholes),
        tuple(failures),
        tuple(warnings),
        differs,
    )


def _judge(entry: list[WholeResult], failures: list[str], warnings: list[str], uncompared: list[str]) -> None:
    """One entry point under all kernel sets: what one of them refuses only counts where no other runs both models."""
    ran = any(whole.kernels.ran for whole in entry)
    failures += [sentence for whole in entry if not (ran and whole.refused) for sentence in whole.failures]
    for whole in entry:
        if whole.kernels.reason is not None and ran:
            warnings.append(f"{whole.kernels.kernels} kernels: {whole.kernels.reason}")
        elif not ran and not whole.failures:
            sentence = f"nothing could be compared: {whole.kernels.reason}"
            uncompared += [sentence] if sentence not in uncompared else []

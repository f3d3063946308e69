"""What a check found, as values that turn into the documented JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rewriter.verify.compare import Comparison
    from rewriter.verify.runtime import Kernels

Level = Literal["model", "rules"]
Status = Literal["passed", "failed", "skipped"]
Found = Literal["place", "bisection"]
Agreement = Literal["equal", "different", "not compared"]


@frozen
class OutputResult:
    """One output of the whole model, over all inputs, under one kernel set.

    Attributes:
        subgraph: The subgraph whose output it is: the main one, or one that a signature leads to.
        index: Which of its outputs; names need not be unique, nor given at all.
        name: The output's tensor name in the model before.
        kernels: The kernels that both models were run with.
        comparison: The worst over all inputs.
        varied: Whether the output moved with the inputs at all; if it did not, that it agrees proves nothing.
    """

    subgraph: int
    index: int
    name: str
    kernels: Kernels
    comparison: Comparison
    varied: bool


@frozen
class KernelResult:
    """How the whole model fared under one kernel set.

    Attributes:
        subgraph: The subgraph that was run: the main one, or one that a signature leads to.
        kernels: The kernel set.
        ran: On how many inputs both sides ran and were compared.
        whole: Whether the interpreter ran both sides as they stand, without any reference kernel of ours.
        reason: Why there are not as many as asked for, if so.
    """

    subgraph: int
    kernels: Kernels
    ran: int
    whole: bool
    reason: str | None = None


@frozen
class PlaceResult:
    """One place, over all inputs and kernel sets.

    Attributes:
        rule: The rule that fired there.
        subgraph: Which subgraph it is in.
        root: The name of its first root.
        ran: On how many inputs both sides ran and were compared, by kernel set.
        comparison: The worst of all.
        varied: Whether its result moved with its inputs, or it has no inputs at all.
        responds: Whether the model's outputs show a disturbance of its result; None where that was not tried.
        reason: Why it could not be compared under some kernel set, if so.
    """

    rule: str
    subgraph: int
    root: str
    ran: dict[Kernels, int]
    comparison: Comparison
    varied: bool
    responds: bool | None = None
    reason: str | None = None


@frozen
class Blame:
    """An application that is to blame for a check that failed.

    Attributes:
        rule: The rule, as ``pack.rule``.
        subgraph: Which subgraph it was applied in.
        root: The name of its first root.
        application: Its number among the applications, in the order in which they were made; the first is 1.
        applications: How many there are.
        found: By what it was found: ``place``, as both sides differ there by themselves, or ``bisection``, as the
            whole model's outputs agree with the applications before it and differ with it.
        begins: Whether the whole model's outputs begin to differ with it; None where that was not tried.
        reason: What speaks against it, in words that follow its name.
    """

    rule: str
    subgraph: int
    root: str
    application: int
    applications: int
    found: Found
    begins: bool | None
    reason: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.root!r} (application {self.application} of {self.applications}) {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """An element of ``"blamed"`` in `apply --json`."""
        return {
            "rule": self.rule,
            "subgraph": self.subgraph,
            "root": self.root,
            "application": self.application,
            "applications": self.applications,
            "found": self.found,
            "begins": self.begins,
            "reason": self.reason,
        }


@frozen
class CheckResult:
    """What a check found.

    Attributes:
        level: What was checked: the whole model and the places, or the places only.
        status: `passed` only if something ran, nothing differed, and every place was shown able to fail.
        outputs: The whole model's outputs, for each kernel set.
        kernels: How the whole model fared under each kernel set.
        places: The places that rules fired at, on their own.
        failures: Why the check did not pass, in sentences; those on applications that are to blame come first.
        warnings: What a reader should know although it passed.
        blamed: The applications that are to blame: those that fail by themselves, then the one found by bisection.
    """

    level: Level
    status: Status
    outputs: tuple[OutputResult, ...] = ()
    kernels: tuple[KernelResult, ...] = ()
    places: tuple[PlaceResult, ...] = ()
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    blamed: tuple[Blame, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The value of ``"check"`` in `apply --json`; infinite figures are null there, which JSON lacks them for."""
        return {
            "level": self.level,
            "status": self.status,
            "outputs": [_output_json(found) for found in _by_output(self.outputs)],
            "kernels": [_kernels_json(each) for each in self.kernels],
            "places": [_place_json(each) for each in self.places],
            "failures": list(self.failures),
            "warnings": list(self.warnings),
            "blamed": [each.to_json() for each in self.blamed],
        }


@frozen
class VerifyResult:
    """What comparing two models found: as `CheckResult`, without places.

    Attributes:
        equal: Whether all that was compared agrees, and all of it was; or both hold the same bytes.
        outputs, kernels, failures, warnings: As for `CheckResult`.
        differs: Whether a difference was seen. Models that are neither equal nor different could not be compared.
    """

    equal: bool
    outputs: tuple[OutputResult, ...] = ()
    kernels: tuple[KernelResult, ...] = ()
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    differs: bool = False

    @property
    def word(self) -> Agreement:
        """What came of it, in a word."""
        return "equal" if self.equal else "different" if self.differs else "not compared"

    def to_json(self) -> dict[str, Any]:
        """The document of `verify --json`."""
        return {
            "equal": self.equal,
            "outputs": [_output_json(found) for found in _by_output(self.outputs)],
            "kernels": [_kernels_json(each) for each in self.kernels],
            "failures": list(self.failures),
            "warnings": list(self.warnings),
            "result": self.word,
        }


def _by_output(outputs: Iterable[OutputResult]) -> list[list[OutputResult]]:
    found: dict[tuple[int, int], list[OutputResult]] = {}
    for each in outputs:
        found.setdefault((each.subgraph, each.index), []).append(each)
    return list(found.values())


def _output_json(found: list[OutputResult]) -> dict[str, Any]:
    worst = found[0].comparison
    for each in found[1:]:
        worst = worst.worse(each.comparison)
    return {"name": found[0].name, **_figures(worst), "varied": any(each.varied for each in found)}


def _kernels_json(found: KernelResult) -> dict[str, Any]:
    return {
        "subgraph": found.subgraph,
        "kernels": found.kernels,
        "ran": found.ran,
        "whole": found.whole,
        "reason": found.reason,
    }


def _place_json(place: PlaceResult) -> dict[str, Any]:
    return {
        "rule": place.rule,
        "subgraph": place.subgraph,
        "root": place.root,
        "ran": dict(place.ran),
        **_figures(place.comparison),
        "varied": place.varied,
        "responds": place.responds,
        "reason": place.reason,
    }


def _figures(comparison: Comparison) -> dict[str, Any]:
    return {
        "max_abs": _finite(comparison.max_abs),
        "max_rel": _finite(comparison.max_rel),
        "limit": _finite(comparison.limit),
        "equal": comparison.equal,
        "excused": comparison.excused,
    }


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None

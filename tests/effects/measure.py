"""What the stock packs make of each real model: operators and bytes before and after, and whether the check passes."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

import rewriter
from rewriter import run
from rewriter.errors import RewriterError
from rewriter.selection import gather

if TYPE_CHECKING:
    from pathlib import Path

    from rewriter.selection import CheckLevel

PASSED, UNCHECKED, REFUSED = "passed", "not checked", "the runtime does not run the model as it was"
FINE = (PASSED, REFUSED)
SEEDS = 2
"""On how many inputs a check compares; a place takes the time of its operators, some dozens of times."""


@frozen
class Job:
    """A call of `rewriter apply` that is made for each model.

    Attributes:
        name: What the page calls it.
        about: A sentence for the page.
        packs: Packs to use; none for the default ones.
        only: Rules to use; none for those that the packs use.
        allow: What is allowed.
    """

    name: str
    about: str
    packs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The call, as a user types it."""
        words = ["rewriter apply MODEL"]
        words += [f"-p {name}" for name in self.packs]
        words += [f"--rule {name}" for name in self.only]
        words += [f"--allow {name}" for name in self.allow]
        return " ".join(words)


@frozen
class Effect:
    """What a job did to a model.

    Attributes:
        operators: How many operators the model has before and after.
        bytes: How large its file is before and after.
        rules: How often each rule fired.
        digest: The beginning of the rewritten file's SHA-256, in hex.
        check: ``passed``, or why the check did not pass.
    """

    operators: tuple[int, int]
    bytes: tuple[int, int]
    rules: dict[str, int]
    digest: str
    check: str = UNCHECKED

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Effect:
        """Read what `to_json` wrote."""
        (before, after), (large, small) = value["operators"], value["bytes"]
        return cls((before, after), (large, small), value["rules"], value["digest"], value["check"])

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    def with_check(self, said: str) -> Effect:
        """This, with what the check said."""
        return evolve(self, check=said)

    def checked_as(self, other: Effect | None) -> Effect:
        """This, with what the check said of the same file before, unless that failed."""
        if other is None or other.digest != self.digest or other.check not in FINE:
            return self
        return self.with_check(other.check)


def measure(job: Job, path: Path) -> Effect | None:
    """What a job does to a model; None where no rule fires. Nothing is checked.

    Raises:
        RewriterError: The model cannot be read, or must not be rewritten.
    """
    result = _apply(job, path, "none")
    rewriting = result.report.rewriting
    if not rewriting.applications:
        return None
    data = result.model.to_bytes()
    return Effect(
        (rewriting.operators_before, rewriting.operators_after),
        (path.stat().st_size, len(data)),
        dict(sorted(rewriting.rules_applied().items())),
        hashlib.sha256(data).hexdigest()[:16],
    )


def check(job: Job, path: Path) -> str:
    """Make a job's check, as a user's call makes it: ``passed``, or why it did not."""
    try:
        result = _apply(job, path, "model")
    except RewriterError as error:
        # Where a model does not run, it cannot be compared with itself.
        return str(error) if run.verify(path, path, seeds=1).equal else REFUSED
    found = result.report.check
    assert found is not None
    return found.status if found.status == PASSED else "; ".join([found.status, *found.failures])


def _apply(job: Job, path: Path, level: CheckLevel) -> rewriter.Result:
    return rewriter.apply(path, rules=[_rules(job)], allow=job.allow, check=level, seeds=SEEDS)


@cache
def _rules(job: Job) -> rewriter.RuleSet:
    return gather(job.packs or None, only=job.only)

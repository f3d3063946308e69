"""What testing a rule came to, with all that is done about it: it is saved, remembered and told."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from rewriter.language.rules import Rule
    from rewriter.proof.profile import Profile
    from rewriter.proof.prover import Prover
    from rewriter.proof.record import Entry
    from rewriter.proof.regressions import Regressions, Saved
    from rewriter.proof.verdict import Badge, Verdict
    from rewriter.testing.suite import Suite

Progress = Callable[[int, int, str], None]

DEFAULT_PROFILE = "ci"


@frozen
class Examination:
    """How rules are tested.

    Attributes:
        profile: How much is tried.
        seed: Where the examples come from.
        examples: How many, if not as many as the profile says.
        regressions: Where counterexamples are kept.
        generators: Help with instances besides what a pack brings: for a rule's name, functions for its constants by
            the pattern's names.
    """

    profile: Profile
    seed: int
    examples: int | None
    regressions: Regressions
    generators: Mapping[str, Any] = field(factory=dict[str, Any])

    def prover(self, suite: Suite) -> Prover:
        """A prover for the rules of a source; a context manager."""
        from rewriter.packs import find
        from rewriter.proof.prover import Prover

        brought = find(suite.pack).generators() if suite.pack is not None else {}
        return Prover(
            self.profile,
            seed=self.seed,
            examples=self.examples,
            declarations=suite.declarations,
            regressions=self.regressions,
            generators={**brought, **self.generators},
        )

    def examine(self, prover: Prover, suite: Suite, rule: Rule, progress: Progress | None = None) -> Finding:
        """Test a rule. A counterexample is saved, and what was shown is remembered.

        Raises:
            UsageError: The counterexample cannot be saved.
        """
        from rewriter.proof.record import entry_for, remember

        verdict = prover.prove(rule, progress)
        counterexample = verdict.counterexample
        saved = None if counterexample is None else self.regressions.save(rule.qualified, counterexample)
        entry = entry_for(rule, verdict, self.profile.name)
        if entry is not None:
            remember(entry)
        return Finding(verdict, self._replay(suite, verdict), saved, entry)

    def _replay(self, suite: Suite, verdict: Verdict) -> str:
        if not suite.source:
            examples = "" if self.examples is None else f", examples={self.examples}"
            return f"check_rules(..., rules=[{verdict.rule!r}], seed={verdict.seed}{examples})"
        words = ["rewriter", "test", suite.source, "--rule", verdict.rule, "--seed", str(verdict.seed)]
        words += [] if self.profile.name == DEFAULT_PROFILE else ["--profile", self.profile.name]
        words += [] if self.examples is None else ["--examples", str(self.examples)]
        return shlex.join(words)


@frozen(eq=False)
class Finding:
    """What testing a rule came to.

    Attributes:
        replay: The command that gives the same examples again.
        saved: Where its counterexample was saved.
        entry: What is remembered of it; None where nothing can be.
    """

    verdict: Verdict
    replay: str
    saved: Saved | None = None
    entry: Entry | None = None

    @property
    def failed(self) -> bool:
        """Whether the rule was refuted, or no instance of it found."""
        return self.verdict.status != "passed"

    def lines(self, width: int | None = None, *, verbose: bool = False) -> list[str]:
        """For a person: a line, what refutes the rule, and what is to be known besides.

        Args:
            width: How many columns there are; None for any number.
            verbose: Whether to say of a rule that passed, too, how to repeat it.
        """
        from rewriter.report.words import wrapped

        verdict = self.verdict
        lines: list[str] = []
        match verdict.status:
            case "passed":
                shown = _shown(verdict.badge)
                lines += wrapped(f"{verdict.rule}: passed, {shown}, {verdict.seconds:.1f} s", width, hang=4)
                lines += [f"  again: {self.replay}"] * verbose
            case "no instance":
                reason = f": {verdict.reason}" if verdict.reason else ""
                lines += wrapped(f"{verdict.rule}: no instance, {verdict.seconds:.1f} s{reason}", width, hang=4)
                lines.append(f"  again: {self.replay}")
            case "refuted":
                from rewriter.report.counterexample import describe_refutation

                lines += describe_refutation(verdict, saved=self.saved, replay=self.replay, width=width)
        return [*lines, *(line for note in verdict.notes for line in wrapped(f"note: {note}", width, indent=2, hang=4))]

    def to_json(self) -> dict[str, Any]:
        """One of the rules in the document of `test --json`."""
        from rewriter.report.counterexample import counterexample_json

        verdict = self.verdict
        found = verdict.counterexample
        return {
            "rule": verdict.rule,
            "status": verdict.status,
            "examples": verdict.examples,
            "counterexample": None if found is None else counterexample_json(found, self.saved),
            "badge": verdict.badge.shown,
            "reason": verdict.reason,
            "notes": list(verdict.notes),
            "seed": verdict.seed,
            "seconds": round(verdict.seconds, 6),
        }


def _shown(badge: Badge) -> str:
    return str(badge) if badge.shown in ("tested", "claimed") else f"{badge} ({badge.examples:,} examples)"

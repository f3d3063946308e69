"""Rules put to the test from a pack's own tests."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from rewriter.errors import UsageError
from rewriter.language.rules import RuleSet
from rewriter.proof.profile import Profile, profile_named
from rewriter.proof.regressions import DEFAULT, Regressions
from rewriter.proof.verdict import Verdict
from rewriter.testing.finding import DEFAULT_PROFILE, Examination, Finding
from rewriter.testing.suite import suites


def check_rules(
    source: str | os.PathLike[str] | RuleSet,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    examples: int | None = None,
    seed: int = 0,
    rules: str | Collection[str] | None = None,
    save: str | os.PathLike[str] = DEFAULT,
    generators: Mapping[str, Any] | None = None,
) -> list[Verdict]:
    """Test every rule of a pack or a file by its own text.

    Args:
        source: A pack's name, the path of a `.pat` file, or compiled rules.
        profile: How much is tried: `quick`, `ci` or `thorough`, or a profile of your own.
        examples: How many instances of each rule, if not as many as the profile says.
        seed: With the same one the same examples come again.
        rules: Names of the rules to test, with or without pack, both directions where none is named; all of them
            where it is None.
        save: The folder for counterexamples, which are tried first the next time.
        generators: Help with instances that are hard to find: for a rule's name without direction, functions for its
            constants by the pattern's names.

    Returns:
        A verdict for each rule.

    Raises:
        AssertionError: A rule was refuted, or no instance of it was found. The message shows the counterexample of
            each, as `rewriter test` does.
        LanguageError, PackError, UsageError: What was given is at fault.
    """
    __tracebackhide__ = True  # pytest then shows the call in the test, and the message
    if examples is not None and examples < 1:
        raise UsageError(f"examples has to be at least 1, not {examples}")
    chosen = profile if isinstance(profile, Profile) else profile_named(profile)
    examination = Examination(chosen, seed, examples, Regressions(save), generators or {})
    findings: list[Finding] = []
    for suite in suites([source], [rules] if isinstance(rules, str) else rules or ()):
        with examination.prover(suite) as prover:
            findings += [examination.examine(prover, suite, rule) for rule in suite.rules]
    failed = [each for each in findings if each.failed]
    if failed:
        lines = [f"{len(failed)} of {len(findings)} rules failed", *(line for each in failed for line in each.lines())]
        raise AssertionError("\n".join(lines))
    return [each.verdict for each in findings]

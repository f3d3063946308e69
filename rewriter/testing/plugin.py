"""The pytest plugin: `pytest --rewriter-pack NAME` has a test for each rule of a pack or a `.pat` file.

It is imported by every run of pytest where this distribution is installed, so it imports nothing of its own before
somebody uses it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewriter.language.rules import Rule
    from rewriter.proof.prover import Prover
    from rewriter.testing.finding import Examination, Finding
    from rewriter.testing.suite import Suite

_NODE = "rewriter"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; without the first the others are of no account."""
    group = parser.getgroup("rewriter", "rules for TensorFlow Lite models")
    group.addoption(
        "--rewriter-pack",
        action="append",
        default=[],
        metavar="NAME",
        help="Test the rules of an installed pack, or of a .pat file, one test for each. May be given several times.",
    )
    group.addoption("--rewriter-profile", default="ci", metavar="NAME", help="How much is tried: quick, ci, thorough.")
    group.addoption("--rewriter-seed", type=int, default=0, metavar="N", help="Where the examples come from.")
    group.addoption("--rewriter-examples", type=int, default=None, metavar="N", help="How many examples of each rule.")


def pytest_configure(config: pytest.Config) -> None:
    """Take node ids of rules out of the arguments, which are paths for pytest itself.

    Where they are all that was named, nothing else runs.
    """
    if not config.option.rewriter_pack:
        return
    named = [each for each in config.args if each.startswith(f"{_NODE}::")]
    if named:
        config.args[:] = [each for each in config.args if each not in named]
        # An option, since these reach the workers of a run that is spread over several processes.
        # pytest shows dots as colons, so both are taken.
        config.option.rewriter_rules = [each.removeprefix(f"{_NODE}::").replace("::", ".") for each in named]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each rule, before others choose among the tests by name or by mark."""
    options: Any = config.option
    if not options.rewriter_pack:
        return
    from rewriter.errors import RewriterError

    try:
        collector: _Rules = _made(_Rules, session, name=_NODE, nodeid=_NODE)
        collector.prepare(options.rewriter_pack, getattr(options, "rewriter_rules", ()))
    except RewriterError as error:
        hint = f"\n  = try: {error.hint}" if error.hint else ""
        raise pytest.UsageError(error.message + hint) from None
    config.add_cleanup(collector.end)
    items.extend(collector.collect())


def _made(kind: Any, parent: pytest.Collector | pytest.Session, **given: Any) -> Any:
    """A node; pytest does not say of which type it is."""
    return kind.from_parent(parent, **given)


class RuleFailure(Exception):
    """A rule was refuted, or no instance of it was found."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.verdict.rule)
        self.finding = finding


class _Rules(pytest.Collector):
    """All rules of a session, and the one prover that is warm."""

    _suites: list[Suite]
    _examination: Examination
    _stack: ExitStack
    _warm: tuple[Suite, Prover] | None = None

    def prepare(self, sources: Sequence[str], only: Sequence[str]) -> None:
        """Find the rules.

        Raises:
            RewriterError: A pack, a file, a rule or an option is at fault.
        """
        from rewriter.errors import UsageError
        from rewriter.proof.profile import profile_named
        from rewriter.proof.regressions import DEFAULT, Regressions
        from rewriter.testing.finding import Examination
        from rewriter.testing.suite import suites

        options: Any = self.config.option
        examples: int | None = options.rewriter_examples
        if examples is not None and examples < 1:
            raise UsageError(f"--rewriter-examples has to be at least 1, not {examples}")
        profile = profile_named(options.rewriter_profile)
        folder = Regressions(self.config.rootpath / DEFAULT)
        self._examination = Examination(profile, options.rewriter_seed, examples, folder)
        self._suites = suites(sources, only)
        self._stack = ExitStack()

    def collect(self) -> Iterator[pytest.Item]:
        for suite in self._suites:
            for rule in suite.rules:
                yield _made(_Rule, self, name=rule.qualified, suite=suite, rule=rule)

    def examine(self, suite: Suite, rule: Rule) -> Finding:
        """Test a rule, with the prover of the last one where that knows the same operators."""
        if self._warm is None or self._warm[0] is not suite:
            self.end()
            self._warm = suite, self._stack.enter_context(self._examination.prover(suite))
        return self._examination.examine(self._warm[1], suite, rule)

    def end(self) -> None:
        """End the prover's runtime."""
        self._warm = None
        self._stack.close()


class _Rule(pytest.Item):
    def __init__(self, *, suite: Suite, rule: Rule, **given: Any) -> None:
        super().__init__(**given)  # pyright: ignore[reportUnknownMemberType]
        self.suite = suite
        self.rule = rule

    def runtest(self) -> None:
        assert isinstance(self.parent, _Rules)
        finding = self.parent.examine(self.suite, self.rule)
        self.user_properties.append(("badge", str(finding.verdict.badge)))
        if finding.failed:
            raise RuleFailure(finding)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *given: Any, **named: Any) -> Any:
        if isinstance(excinfo.value, RuleFailure):
            return "\n".join(excinfo.value.finding.lines())
        from rewriter.errors import RewriterError

        if isinstance(excinfo.value, RewriterError):
            hint = f"\n  = try: {excinfo.value.hint}" if excinfo.value.hint else ""
            return excinfo.value.message + hint
        return super().repr_failure(excinfo, *given, **named)

    def reportinfo(self) -> tuple[str, None, str]:
        return self.suite.source, None, f"{_NODE}::{self.name}"

"""A run made again, as far as some application: the original, with only the first of what the rules did to it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.driver import rewrite
from rewriter.errors import CheckError, RewriterError
from rewriter.model import read, reread

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rewriter.driver import Application, FindDeclaration
    from rewriter.language.evaluation import Evaluator
    from rewriter.language.rules import Cleanup, Rule
    from rewriter.model import Model


class ReplayError(CheckError):
    """The run cannot be made again."""


@frozen(eq=False)
class Replay:
    """What a run consisted of, so that it can be made again.

    Attributes:
        before: The original; it is left as it is.
        rules: The rules and cleanups that the run used.
        applications: What they did, in order.
        evaluator: What computed the constants that the rules evaluated.
        declaration: Finds the declaration of a custom operator by its code.
    """

    before: Model
    rules: Sequence[Rule | Cleanup]
    applications: Sequence[Application]
    evaluator: Evaluator | None = None
    declaration: FindDeclaration | None = None

    @contextmanager
    def after(self, count: int) -> Generator[Model]:
        """The original with the first `count` applications, for as long as the context lasts.

        It stands in a file of its own, as the result of a whole run would.

        Raises:
            ReplayError: It does not come out as it did, or cannot be written.
        """
        model = reread(self.before)
        try:
            report = rewrite(
                model, self.rules, declaration=self.declaration, stop_after=count, evaluator=self.evaluator
            )
        except RewriterError as error:
            raise ReplayError(f"rewriting the original once more ended with: {error.message}") from error
        for number, (first, again) in enumerate(zip(self.applications[:count], report.applications, strict=False), 1):
            if _name(first) != _name(again):
                raise ReplayError(
                    f"rewriting the original once more went differently at application {number}: "
                    f"{_words(again)} instead of {_words(first)}"
                )
        if len(report.applications) != count:
            raise ReplayError(
                f"rewriting the original once more ended after {len(report.applications)} of {count} applications"
            )
        with TemporaryDirectory(prefix="rewriter-replay-", ignore_cleanup_errors=True) as folder:
            path = Path(folder, "model.tflite")
            try:
                model.save(path)
            except (RewriterError, OSError) as error:
                raise ReplayError(f"the model after {count} applications cannot be written: {error}") from error
            yield read(path)


def _name(application: Application) -> tuple[str, int, str]:
    return application.rule.qualified, application.subgraph, application.name


def _words(application: Application) -> str:
    return f"{application.rule.qualified} at {application.name!r}"

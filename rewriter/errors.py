"""Everything that can go wrong and that a user can act on.

    RewriterError
    ├── ModelError          a model file is unreadable, malformed, or newer than this program      exit 2
    ├── LanguageError       one or more errors in `.pat` text, all of them at once                 exit 2
    ├── PackError           a rule pack is unknown, clashes with another or fails to load          exit 2
    ├── UsageError          a command line or a call that asks for something that cannot be done   exit 2
    ├── CheckError          a check failed: nothing was written                                    exit 1
    └── LimitError          a limit was reached                                                    exit 3
        └── CycleError      rules that undo each other; names them

Every message says what is wrong and where; `hint`, where there is one, what to try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.source import Diagnostic


class RewriterError(Exception):
    """The base of all errors that this program raises for something its user can change."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ModelError(RewriterError):
    """A model cannot be read, or cannot be written without losing something."""


class LanguageError(RewriterError):
    """`.pat` text with errors in it; `diagnostics` holds every one that was found, in the order of the text."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n\n".join(diagnostic.render() for diagnostic in diagnostics))
        self.diagnostics = tuple(diagnostics)


class PackError(RewriterError):
    """A rule pack is unknown, clashes with another one, or fails to load."""


class UsageError(RewriterError):
    """A call or a command line that cannot be carried out as it stands."""


class CheckError(RewriterError):
    """A check failed, so nothing was written."""

    exit_code = 1


class LimitError(RewriterError):
    """A limit was reached before the rules came to rest."""

    exit_code = 3


class CycleError(LimitError):
    """Rules that undo each other; `rules` names them in the order in which they fire."""

    def __init__(self, message: str, rules: Sequence[str], *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.rules = tuple(rules)

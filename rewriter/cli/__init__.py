"""The command line: the only place that prints or exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rewriter.errors import RewriterError, UsageError

VARIABLE = "_REWRITER_COMPLETE"
"""Set by a shell that completes a command line, to what it is and what it wants."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit code that the documentation gives it."""
    import click

    from rewriter.cli.group import program
    from rewriter.cli.output import colour, show_error

    if VARIABLE in os.environ:
        from rewriter.cli.complete import register

        register()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = program.main(words, prog_name="rewriter", standalone_mode=False, color=colour(words))
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path} --help" if context is not None else None
        message = error.format_message()
        show_error(UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint), words)
        return 2
    except click.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except RewriterError as error:
        show_error(error, words)
        return error.exit_code
    except MemoryError:
        show_error(RewriterError("out of memory", hint="close other programs, or use a machine with more"), words)
        return 2
    except BrokenPipeError:
        # Whoever read our output has gone; keep Python from complaining about it on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1

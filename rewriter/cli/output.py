"""What commands share: common flags, JSON, lines that fit, errors."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rewriter.address import ENDINGS
from rewriter.cli import complete
from rewriter.errors import LanguageError, RewriterError, UsageError
from rewriter.report.words import wrapped
from rewriter.source import Diagnostic

if TYPE_CHECKING:
    from rewriter.model import Model
    from rewriter.run import FailedCheck

Function = TypeVar("Function", bound=Callable[..., Any])


def common(function: Function) -> Function:
    """Add the flags that every command has; they reach it as `as_json`, `quiet` and `verbose`."""
    options = [
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
        click.option("-v", "--verbose", is_flag=True, help="Say more."),
        click.option("--no-color", is_flag=True, expose_value=False, help="No colour.", callback=_no_color),
        click.option(
            "--no-plugins",
            is_flag=True,
            expose_value=False,
            is_eager=True,
            help="Use the packs of this program alone, none that others installed.",
            callback=_no_plugins,
        ),
    ]
    return _with(options, function)


def choosing_rules(pack: str, file: str, only: str | None = None) -> Callable[[Function], Function]:
    """Add the flags that say which rules are meant; they reach the command as `packs`, `files` and `only`.

    Args:
        pack, file, only: What the help says of each; without the last there is no `--rule`.
    """
    options = [
        click.option("-p", "--pack", "packs", multiple=True, shell_complete=complete.packs, metavar="PACK", help=pack),
        click.option(
            "-r",
            "--rules",
            "files",
            multiple=True,
            shell_complete=complete.files(".pat"),
            metavar="FILE.pat",
            help=file,
        ),
    ]
    if only is not None:
        options.append(
            click.option("--rule", "only", multiple=True, shell_complete=complete.rules, metavar="NAME", help=only)
        )
    return lambda function: _with(options, function)


def _with(options: Sequence[Callable[[Function], Function]], function: Function) -> Function:
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), function)


def _no_color(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        context.color = False


def _no_plugins(_: click.Context, __: click.Parameter, given: bool) -> None:
    if given:
        from rewriter.packs import no_plugins

        no_plugins()


def load_or_read(model: str) -> Model:
    """A model from a path or an address, or for `-` from standard input.

    Raises:
        ModelError, UsageError: It cannot be read.
    """
    from rewriter import run

    if model != "-":
        return run.load(model)
    from rewriter.model import read

    return read(sys.stdin.buffer.read(), "standard input")


def check_kinds(models: Sequence[str], files: Sequence[str]) -> None:
    """See that what is given for a model is no file of rules, and the other way round.

    Raises:
        UsageError: It is.
    """
    rules = [each for each in models if each.endswith(".pat")]
    others = [each for each in files if each.endswith(ENDINGS)]
    if rules:
        wanted = others[0] if others else next((each for each in models if each not in rules and each), "MODEL")
        raise UsageError(f"{rules[0]} holds rules, and a model is wanted there", hint=f"{wanted} -r {rules[0]}")
    if others:
        raise UsageError(f"{others[0]} is a model, and -r takes rules", hint=f"{others[0]} -r FILE.pat")


def show_warning(text: str) -> None:
    """Say on standard error what a user should know of."""
    click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {text}", err=True)


def show_left_out(wrong: Mapping[str, str]) -> None:
    """Say on standard error which packs do not load, each in a line."""
    for reason in wrong.values():
        click.echo(f"{click.style('left out:', fg='yellow', bold=True)} {reason}", err=True)


def terminal_width() -> int | None:
    """How many columns standard output has; None where it is no terminal, and lines may be as long as they get."""
    return max(shutil.get_terminal_size().columns, 40) if sys.stdout.isatty() else None


def colour(words: Sequence[str] = ()) -> bool | None:
    """Whether output is coloured: False where nobody wants it (`--no-color`, NO_COLOR, a terminal that cannot).

    None where it depends on whether it goes to a terminal.
    """
    unwanted = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or "--no-color" in words
    return False if unwanted else None


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Lines of words, folded where they are wider than the terminal; what follows stands further in."""
    width = terminal_width()
    for line in lines:
        text = line.lstrip()
        for each in wrapped(text, width, indent=len(line) - len(text), hang=4) if text else [""]:
            click.echo(each, err=err)


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def show_error(error: RewriterError, words: Sequence[str] = ()) -> None:
    """Say on standard error what is wrong and what to try; with `--json`, on standard output too, for scripts."""
    click.echo(error_text(error), err=True, color=colour(words))
    if "--json" in words:
        print_json({"error": {"message": error.message, "try": error.hint}})


def show_failed(failed: FailedCheck) -> None:
    """Say on standard error why a check failed, a reason a line, and what to try."""
    click.echo(f"{_marked()} the check failed", err=True)
    print_lines((f"  {line}" for line in failed.lines), err=True)
    print_lines([f"  = try: {failed.hint}"], err=True)


def error_text(error: RewriterError) -> str:
    """An error in the form in which all of them are shown."""
    if isinstance(error, LanguageError):
        count = len(error.diagnostics)
        return f"{error}\n\n{count} error{'s' * (count != 1)}"
    hint = f"\n  = try: {error.hint}" if error.hint else ""
    return f"{_marked()} {error.message}{hint}"


def _marked() -> str:
    return click.style("error:", fg="red", bold=True)


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as `check --json` gives it."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "file": span.text.name,
        "line": span.line,
        "column": span.column,
        "message": diagnostic.message,
        "try": diagnostic.hint,
    }

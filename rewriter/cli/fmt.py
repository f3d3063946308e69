"""`rewriter fmt`."""

from __future__ import annotations

import sys

import click
from attrs import define, field

from rewriter.cli import complete
from rewriter.cli.output import common, diagnostic_json, error_text, print_json
from rewriter.errors import LanguageError, RewriterError, UsageError
from rewriter.language.format import format_text

_STANDARD_INPUT = "-"


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, metavar="FILE.pat...", shell_complete=complete.files(".pat"))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
@common
def command(files: tuple[str, ...], check: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Give FILEs the one layout, in place; comments are kept.

    FILE may be - for standard input, which is formatted to standard output. A file with mistakes is left as it is.

    \b
    rewriter fmt my.pat
    rewriter fmt --check *.pat
    rewriter fmt - < my.pat
    """
    run = _Run(check, silent=as_json)
    for name in files:
        run.format(name)
    if as_json:
        print_json(run.document(files))
    elif not quiet:
        run.tell(len(files), verbose)
    if run.errors:
        return 2
    return 1 if check and run.changed else 0


@define
class _Run:
    """One call of the command."""

    check: bool
    silent: bool
    changed: list[str] = field(factory=list[str])
    errors: list[dict[str, object]] = field(factory=list[dict[str, object]])
    texts: dict[str, str] = field(factory=dict[str, str])
    """What standard input became; files hold it themselves."""

    def format(self, name: str) -> None:
        """Format one file, or say why it cannot be."""
        try:
            before = _read(name)
            after = format_text(before, "standard input" if name == _STANDARD_INPUT else name)
            if not self.check:
                self._write(name, before, after)
            if after.encode() != before:
                self.changed.append(name)
        except LanguageError as error:
            self.errors += map(diagnostic_json, error.diagnostics)
            self._complain(error)
        except RewriterError as error:
            nowhere: dict[str, object] = {"code": None, "file": name, "line": None, "column": None}
            self.errors.append(nowhere | {"message": error.message, "try": error.hint})
            self._complain(error)

    def _write(self, name: str, before: bytes, after: str) -> None:
        if name == _STANDARD_INPUT:
            self.texts[name] = after
            if not self.silent:
                click.echo(after.encode(), nl=False)
        elif after.encode() != before:
            from rewriter.model import write_file

            write_file(name, after.encode())

    def _complain(self, error: RewriterError) -> None:
        if not self.silent:
            click.echo(error_text(error) + "\n", err=True)

    def tell(self, count: int, verbose: bool) -> None:
        """Say which files changed; on standard error, where standard output takes a text."""
        aside = bool(self.texts)
        verb = "would change" if self.check else "changed"
        for name in self.changed:
            if name not in self.texts:
                click.echo(f"{verb}: {name}", err=aside)
        if verbose:
            click.echo(f"{verb}: {len(self.changed)} of {count}", err=True)

    def document(self, files: tuple[str, ...]) -> dict[str, object]:
        """What `--json` prints; `text` is there where standard input was formatted."""
        document: dict[str, object] = {"files": list(files), "changed": self.changed, "errors": self.errors}
        return document | ({"text": self.texts[_STANDARD_INPUT]} if self.texts else {})


def _read(name: str) -> bytes:
    if name == _STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None

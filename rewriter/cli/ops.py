"""`rewriter ops`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

import click

from rewriter import packs
from rewriter.cli import complete
from rewriter.cli.output import common, print_json, terminal_width
from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.errors import UsageError
from rewriter.report.declaration import declaration_json, describe_declaration, list_declarations

_CUSTOM = re.compile(r"""CUSTOM\[(["']?)(.*)\1\]""")
_PLACEHOLDERS = {"CUSTOM", "PLACEHOLDER_FOR_GREATER_OP_CODES"}


@click.command("ops")
@click.argument("name", required=False, shell_complete=complete.operators)
@common
def command(name: str | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Show an operator's declaration, or list all operators.

    NAME is a builtin operator's name in the schema, or the code of a custom operator that an installed pack declares:
    CUSTOM[code], or the code alone.

    \b
    rewriter ops
    rewriter ops CONV_2D
    rewriter ops "CUSTOM[Convolution2DTransposeBias]"
    """
    if name is None:
        every = [*_builtin(), *_custom()]
        if as_json:
            print_json({"operators": [declaration_json(each) for each in every]})
        elif not quiet:
            click.echo("\n".join(list_declarations(every, terminal_width())))
        return 0
    found = _find(name)
    if as_json:
        print_json(declaration_json(found))
    elif not quiet:
        click.echo("\n".join(describe_declaration(found, terminal_width())))
    return 0


def _builtin() -> Sequence[Declaration]:
    dialect = Dialect()
    found = [dialect.find(name, None) for name in sorted(dialect.names) if name not in _PLACEHOLDERS]
    return [each for each in found if each is not None]


def _custom() -> Sequence[Declaration]:
    """The custom operators that installed packs declare; a pack that does not load has none to show."""
    found: dict[str, Declaration] = {}
    for rules in packs.load_all(shown=True)[0].values():
        found |= rules.declarations
    return [found[code] for code in sorted(found)]


def _find(name: str) -> Declaration:
    """The declaration that a user means.

    Raises:
        UsageError: There is none.
    """
    custom = _CUSTOM.fullmatch(name)
    code = custom[2] if custom else name
    dialect = Dialect()
    builtin = None if custom or name.upper() in _PLACEHOLDERS else dialect.find(name.upper(), None)
    found = builtin or packs.find_declaration(code)
    if found is not None:
        return found
    codes = {each.code or "": each.name for each in _custom()}
    known = {each.casefold(): each for each in dialect.names if each not in _PLACEHOLDERS}
    known |= {code.casefold(): name for code, name in codes.items()}
    close = [known[each] for each in get_close_matches(code.casefold(), known, n=3)]
    raise UsageError(
        f"there is no operator {name!r}" + (" in the installed packs" if custom else ""),
        hint=", ".join(close) or "rewriter ops lists all of them",
    )

"""`rewriter lsp`."""

from __future__ import annotations

import click

from rewriter.errors import UsageError


@click.command("lsp")
@click.option("--stdio", is_flag=True, expose_value=False, help="What the server does anyway; some editors add it.")
def command() -> int:
    """Serve an editor: the language server for .pat files, on standard input and output.

    Editors start it; see "Editors" in the documentation.

    \b
    rewriter lsp
    """
    try:
        from rewriter.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("the language server needs pygls", hint="pip install rewriter[lsp]") from None
    return serve()

"""`rewriter diff`."""

from __future__ import annotations

import click

from rewriter.cli import complete
from rewriter.cli.output import common, print_json, terminal_width
from rewriter.report.difference import compare_models, describe_difference, difference_json
from rewriter.run import load


@click.command("diff")
@click.argument("first", metavar="A", shell_complete=complete.files(*complete.MODELS))
@click.argument("second", metavar="B", shell_complete=complete.files(*complete.MODELS))
@common
def command(first: str, second: str, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Show what changed from model A to model B, operator by operator.

    Tensors are told by their names. Nothing is run: `rewriter verify` says whether the two give the same results.

    \b
    rewriter diff original.tflite rewritten.tflite
    """
    found = compare_models(load(first), load(second))
    if as_json:
        print_json(difference_json(found))
    elif not quiet:
        for line in describe_difference(found, terminal_width(), verbose=verbose):
            click.echo(line)
    return 0

"""`rewriter diff`."""

from __future__ import annotations

import click

from rewriter.cli import complete
from rewriter.cli.output import common, print_json, terminal_width
from rewriter.cli.report_file import ReportFile
from rewriter.language.rules import RuleSet
from rewriter.report.difference import compare_models, describe_difference, difference_json
from rewriter.run import load


@click.command("diff")
@click.argument("first", metavar="A", shell_complete=complete.files(*complete.MODELS))
@click.argument("second", metavar="B", shell_complete=complete.files(*complete.MODELS))
@click.option(
    "--report", "reports", multiple=True, metavar="FILE.html|FILE.json", help="Show both graphs, in a file; repeatable."
)
@click.option("--target", "targets", multiple=True, metavar="NAME|all", help="With --report: what this delegate takes.")
@click.option("--time", "timed", is_flag=True, help="With --report: how long each operator takes in both.")
@common
def command(
    first: str,
    second: str,
    reports: tuple[str, ...],
    targets: tuple[str, ...],
    timed: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Show what changed from model A to model B, operator by operator.

    Tensors are told by their names. Nothing is run: `rewriter verify` says whether the two give the same results.

    \b
    rewriter diff original.tflite rewritten.tflite
    rewriter diff original.tflite rewritten.tflite --report difference.html
    """
    report = ReportFile(reports, targets, timed=timed, quiet=quiet or as_json)
    report.choose(RuleSet())
    models = load(first), load(second)
    found = compare_models(*models)
    report.write_difference((first, second), models)
    if as_json:
        print_json(difference_json(found))
    elif not quiet:
        for line in describe_difference(found, terminal_width(), verbose=verbose):
            click.echo(line)
    return 0

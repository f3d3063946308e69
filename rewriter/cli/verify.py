"""`rewriter verify`."""

from __future__ import annotations

import click

from rewriter.cli.output import common, print_json, progress_line
from rewriter.run import verify


@click.command("verify")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--seeds", type=click.IntRange(1, 10000), default=5, show_default=True, help="On how many inputs.")
@common
def command(first: str, second: str, seeds: int, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Run models A and B on the same inputs: do they agree, output by output?

    \b
    rewriter verify original.tflite rewritten.tflite
    """
    result = verify(first, second, seeds=seeds, progress=progress_line(quiet or as_json))
    if as_json:
        print_json(result.to_json())
    elif not quiet or not result.equal:
        from rewriter.report.text import describe_outputs

        click.echo("equal" if result.equal else "different")
        for line in describe_outputs(result.outputs, result.failures, result.warnings):
            click.echo(line)
    return 0 if result.equal else 1

"""`rewriter demo`."""

from __future__ import annotations

from pathlib import Path

import click

from rewriter import run, selection
from rewriter.cli.output import common, print_json, print_lines
from rewriter.cli.progress import waiting
from rewriter.demo import demo_model

RULE = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)"


@click.command("demo")
@click.option("--save", type=click.Path(path_type=Path), help="Only write the model to this file, to try things on.")
@common
def command(save: Path | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Show the main job on a model that the program makes itself: no file and no network needed.

    \b
    rewriter demo
    rewriter demo --save model.tflite
    """
    model = demo_model()
    if save is not None:
        model.save(save)
        if as_json:
            print_json({"output": str(save)})
        elif not quiet:
            click.echo(f"written: {save}")
        return 0
    rules = selection.compile_rules(RULE, "demo.pat")
    if not quiet and not as_json:
        click.echo("a model with a custom operator that only MediaPipe's runtime knows:")
        _show(model)
        click.echo(f"\nthe rule:\n  {RULE}\n")
    with waiting("checking", quiet=quiet or as_json) as progress:
        result = run.apply(model, rules=[rules], progress=progress)
    if as_json:
        print_json({"input": None, "output": None} | result.report.to_json())
    elif not quiet:
        click.echo("the model after it:")
        _show(result.model)
        print_lines(["", *str(result.report).splitlines()])
    return 0


def _show(model: run.Model) -> None:
    for operator in model.operators():
        (result,) = operator.outputs
        click.echo(f"  {result.name} = {operator.name}({', '.join(each.name for each in operator.inputs if each)})")

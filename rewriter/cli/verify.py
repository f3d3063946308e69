"""`rewriter verify`."""

from __future__ import annotations

import click

from rewriter.cli import complete, many
from rewriter.cli.output import common, print_json, print_lines
from rewriter.cli.progress import waiting
from rewriter.run import verify


@click.command("verify")
@click.argument("models", nargs=-1, required=True, metavar="A... B", shell_complete=complete.files(*complete.MODELS))
@click.option("--seeds", type=click.IntRange(1, 10000), default=5, show_default=True, help="On how many inputs.")
@many.options
@common
@click.pass_context
def command(
    context: click.Context,
    models: tuple[str, ...],
    seeds: int,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Run models A and B on the same inputs: do they agree, output by output?

    Where A is a folder, or there are several, B is a folder: each model is compared with the one that is called alike
    there.

    Integers, 8-bit values and strings have to be the same. Floats may differ by 1e-5, of the output's magnitude where
    that is more than 1, and by what rounding inside the model alone was seen to do. Models that the runtime cannot run
    are equal where they hold the same bytes, and otherwise not compared.

    Exit code: 0 equal; 1 different, or not compared; 2 a model cannot be read, or they have other inputs or outputs.

    \b
    rewriter verify original.tflite rewritten.tflite
    rewriter verify models/ out/ --jobs 4
    """
    *first, second = models
    if not first:
        raise click.UsageError("Missing argument 'B'", context)
    if many.are_many(first, scheduler):
        return many.verify_models(
            first,
            second,
            seeds,
            jobs=jobs,
            scheduler=scheduler,
            as_json=as_json,
            quiet=quiet,
            verbose=verbose,
        )
    with waiting("comparing", quiet=quiet or as_json) as progress:
        result = verify(first[0], second, seeds=seeds, progress=progress)
    if as_json:
        print_json(result.to_json())
    elif not quiet or not result.equal:
        from rewriter.report.text import describe_outputs

        click.echo(result.word)
        print_lines(describe_outputs(result.outputs, result.failures, result.warnings))
    return 0 if result.equal else 1

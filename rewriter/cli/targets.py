"""`rewriter targets`."""

from __future__ import annotations

import click

from rewriter import run, selection
from rewriter.cli import complete, many
from rewriter.cli.output import (
    check_kinds,
    choosing_rules,
    common,
    print_json,
    print_lines,
    show_left_out,
    terminal_width,
)
from rewriter.cli.progress import waiting
from rewriter.many.studies import Choice
from rewriter.report.targets import detail, overview, to_json


@click.command("targets")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=complete.files(*complete.MODELS))
@click.option(
    "--target",
    "names",
    multiple=True,
    shell_complete=complete.targets,
    metavar="NAME",
    help="Say all about this target.",
)
@choosing_rules(
    "Try the rules of this pack, and no others.", "Targets and rules of a file.", "Try this rule, and no others."
)
@many.options
@common
def command(
    models: tuple[str, ...],
    names: tuple[str, ...],
    packs: tuple[str, ...],
    files: tuple[str, ...],
    only: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Say what delegates take of MODEL: the partitions, what stays outside and why, the rules that would change it.

    Without --target there is a line for each target: those of the files that are given, or else all installed ones. The
    rules are those that installed packs use unasked, lossy ones and such as change the interface included; which
    allowance they need is said. --rule names others, too. Several models, and folders, are done in parallel, and there
    is a line for each model.

    Exit code: 0 whatever delegates take; 2 a model cannot be read, or a target or a pack is unknown.

    \b
    rewriter targets model.tflite
    rewriter targets model.tflite --target nnapi_1_2
    rewriter targets model.tflite -r my_delegate.pat
    rewriter targets model.tflite --target nnapi_1_2 --rule 'quant.uint8_*'
    rewriter targets models/ --target nnapi_1_2
    """
    check_kinds(models, files)
    choice = Choice(names, packs, tuple((path, selection.read_text(path)) for path in files), only)
    with waiting("reading packs", quiet=quiet or as_json):
        left_out = choice.left_out
    show_left_out(left_out)
    if many.are_many(models, scheduler):
        return many.study_models(
            models, choice, jobs=jobs, scheduler=scheduler, as_json=as_json, quiet=quiet, verbose=verbose
        )
    with waiting("studying", quiet=quiet or as_json):
        loaded = run.load(models[0])
        studies = choice.study(loaded)
    if as_json:
        documents = [to_json(each) for each in studies]
        print_json(documents[0] if len(documents) == 1 else {"targets": documents})
        return 0
    count = sum(1 for _ in loaded.operators())
    if names or len(choice.targets) == 1:
        for number, each in enumerate(studies):
            print_lines([*([""] if number else []), *detail(each, count, everything=verbose)])
    else:
        print_lines(overview(studies, count, terminal_width()))
    return 0

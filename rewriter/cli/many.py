"""What `apply`, `verify` and `targets` share where they are given more than one model."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rewriter.address import is_address, is_folder
from rewriter.cli.destination import check_output_folder
from rewriter.cli.output import print_json, terminal_width
from rewriter.cli.progress import Progress, waiting
from rewriter.errors import UsageError
from rewriter.report.file import is_page

if TYPE_CHECKING:
    from rewriter.many.result import ManyResult
    from rewriter.many.studies import Choice
    from rewriter.pipeline import Pipeline
    from rewriter.report.many import Table

Function = TypeVar("Function", bound=Callable[..., Any])

_INTERRUPTED = 130


def options(function: Function) -> Function:
    """Add the flags that say who does the work; they reach the command as `jobs` and `scheduler`."""
    scheduler = click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="With several models: have the workers of a Dask scheduler do it.",
    )
    jobs = click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="With several models: how many at a time.  [default: one a core]",
    )
    return jobs(scheduler(function))


def are_many(paths: Sequence[str], scheduler: str | None) -> bool:
    """Whether more than one model may be meant: several are named, or a folder is.

    Raises:
        UsageError: There is a scheduler for one model.
    """
    several = len(paths) > 1 or any(is_folder(path) if is_address(path) else os.path.isdir(path) for path in paths)
    if scheduler is not None and not several:
        raise UsageError("one model is done here; --scheduler is for several", hint="name a folder")
    return several


def apply_models(
    paths: Sequence[str],
    output: str | None,
    pipeline: Pipeline,
    *,
    record: bool,
    dry_run: bool,
    reports: Sequence[str],
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> ManyResult:
    """`rewriter apply` over many models."""
    from rewriter.many import apply_pipeline, sources_and_outputs
    from rewriter.report import many as report

    pairs, left_out = sources_and_outputs(paths, output)
    # The workers of a scheduler may see other folders.
    if scheduler is None and not dry_run:
        for folder in [output] if output is not None else dict.fromkeys(os.path.dirname(out) for _, out in pairs):
            check_output_folder(folder)
    if left_out and not quiet:
        first, more = left_out[0].path, len(left_out) - 1
        also = f" and {more} more" if more else ""
        click.echo(f"left out, as what an earlier run wrote: {first}{also}", err=True)
    with _running("rewriting", jobs, scheduler, quiet) as (executor, progress):
        result = _until_stopped(
            lambda: apply_pipeline(
                pipeline,
                paths,
                output,
                record=record,
                dry_run=dry_run,
                graphs=any(map(is_page, reports)),
                executor=executor,
                jobs=jobs,
                progress=progress,
            )
        )
    for path in reports:
        result.save(path)
    tables = [report.by_rule(result)]
    _say(result, report.applied(result), tables, as_json=as_json, quiet=quiet, verbose=verbose)
    if not as_json and not quiet and not any(row.get("rules_applied") for row in result.rows):
        click.echo("no rule fired in any model")
    written = sum(row["output"] is not None for row in result.rows)
    if not as_json and not quiet and not dry_run:
        where = f"to {output}" if output is not None else "beside the models"
        click.echo(f"written: {written} model{'s' * (written != 1)} {where}")
    return result


def verify_models(
    paths: Sequence[str],
    folder: str,
    seeds: int,
    *,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """`rewriter verify` over many models."""
    from rewriter.many import verify_many
    from rewriter.report import many as report

    with _running("comparing", jobs, scheduler, quiet) as (executor, progress):
        result = _until_stopped(
            lambda: verify_many(paths, folder, seeds=seeds, executor=executor, jobs=jobs, progress=progress)
        )
    _say(result, report.compared(result), [], as_json=as_json, quiet=quiet, verbose=verbose)
    return exit_code(result)


def study_models(
    paths: Sequence[str],
    choice: Choice,
    *,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """`rewriter targets` over many models."""
    from rewriter.many import study_many
    from rewriter.report import many as report

    with _running("studying", jobs, scheduler, quiet) as (executor, progress):
        result = _until_stopped(lambda: study_many(paths, choice, executor=executor, jobs=jobs, progress=progress))
    tables = [report.by_target(result), report.by_lifting_rule(result)]
    _say(result, report.studied(result), tables, as_json=as_json, quiet=quiet, verbose=verbose)
    return exit_code(result)


def exit_code(result: ManyResult) -> int:
    """The worst row's; that of a command which was stopped, where it was."""
    return _INTERRUPTED if result.stopped else result.exit_code


@contextmanager
def _running(
    doing: str, jobs: int | None, scheduler: str | None, quiet: bool
) -> Generator[tuple[Executor | None, Progress | None]]:
    if scheduler is None:
        with waiting(doing, quiet=quiet) as progress:
            yield None, progress
        return
    if jobs is not None:
        raise UsageError(
            "--jobs is for this machine, and a scheduler has workers of its own", hint="leave out one of them"
        )
    from rewriter.many.cluster import cluster

    with cluster(scheduler) as executor, waiting(doing, quiet=quiet) as progress:
        yield executor, progress


def _until_stopped(run: Callable[[], ManyResult]) -> ManyResult:
    """What a run gives; after Ctrl-C what it had by then."""
    from rewriter.many import ManyResult, Stopped

    try:
        return run()
    except Stopped as stopped:
        done = tuple(row for row in stopped.rows if row is not None)
        return ManyResult(done, stopped=len(stopped.rows) - len(done))


def _say(
    result: ManyResult,
    table: Table,
    others: Sequence[Table | None],
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    from rewriter.report import many as report
    from rewriter.report.words import wrapped

    width = terminal_width()
    failures = report.failures(result, width, verbose=verbose)
    if as_json:
        print_json(result.to_json())
    elif not quiet:
        rows, others_left = report.shown_rows(result, width, verbose=verbose)
        whole, right, droppable = table
        if rows:
            folder = report.common_folder(result)
            if folder:
                click.secho("\n".join(wrapped(f"in {folder}", width, hang=2)), bold=True)
            bad = [report.is_bad(result.rows[number]["result"]) for number in rows]
            _show(([whole[0], *(whole[number + 1] for number in rows)], right, droppable), width, bad)
        if others_left:
            click.echo(f"{'and ' if rows else ''}{others_left} (-v)")
        for each in others:
            if each is not None:
                click.echo()
                _show(each, width, [])
        click.echo()
        for line in report.summary(result):
            click.echo(line)
    if failures:
        if not as_json and not quiet:
            click.echo()
        for line in failures:
            click.echo(line, err=as_json or quiet)


def _show(table: Table, width: int | None, bad: Sequence[bool]) -> None:
    from rewriter.report.many import GAP, fitted

    heading, *rows = fitted(table, width)
    click.secho((" " * GAP).join(heading).rstrip(), bold=True)
    for number, cells in enumerate(rows):
        line = (" " * GAP).join(cells).rstrip()
        click.echo(click.style(line, fg="red") if bad[number : number + 1] == [True] else line)

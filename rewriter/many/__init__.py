"""Many models at once, in parallel, by any executor: one that fails stops no other.

import rewriter

result = rewriter.apply_many(["models/"], "out/", packs=["toco"], jobs=4)
print(result.exit_code, result.rules())
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from rewriter.address import is_address
from rewriter.errors import UsageError
from rewriter.many import naming
from rewriter.many.result import ManyResult
from rewriter.many.running import Progress, Stopped, run_tasks
from rewriter.many.studies import Choice
from rewriter.many.tasks import Apply, Study, Task, Verify
from rewriter.many.workers import WorkerDied, Workers, cores
from rewriter.pipeline import Phase, Pipeline
from rewriter.selection import CheckLevel, check_choices, check_list

__all__ = [
    "ManyResult",
    "Stopped",
    "WorkerDied",
    "Workers",
    "apply_many",
    "apply_pipeline",
    "cores",
    "study_many",
    "verify_many",
]

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def apply_many(
    models: Paths,
    output: str | os.PathLike[str] | None = None,
    packs: Iterable[str] = (),
    rules: Iterable[str | os.PathLike[str]] = (),
    *,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
    check: CheckLevel = "model",
    allow: Sequence[str] = (),
    require: str | None = None,
    max_steps: int | None = None,
    seeds: int = 5,
    record: bool = False,
    dry_run: bool = False,
    graphs: bool = False,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ManyResult:
    """Rewrite models as `rewriter.apply` does, check them and write them.

    What a folder holds goes below `output` to where it stood below the folder. Each file is there whole, or as it was
    before. A model that fails, or that takes its process down, is a row that says so, and no other model suffers.

    Args:
        models: Files, folders, and addresses that fsspec knows (`s3://...`).
        output: A folder, or the address of one; None for beside each model, with `.rewritten` before its ending.
        packs, only, without, check, allow, require, max_steps, seeds: As for `rewriter.apply`.
        rules: `.pat` files.
        record: Whether each model's metadata is to say what was done to it.
        dry_run: Whether to write nothing.
        graphs: Whether `ManyResult.save` is to draw the graphs of the models that rules changed.
        executor: Any of `concurrent.futures`, or what Dask's `Client.get_executor` gives; the caller closes it. None
            for processes of our own.
        jobs: How many processes, where there is no executor; one a core where None.
        progress: Called with models done, models in all, and which was done last.

    Raises:
        UsageError, ModelError, PackError, LanguageError: Something given is at fault, so that nothing was begun: two
            models would be written to one place, a file does not exist, a rule has mistakes.
        Stopped: Ctrl-C came.
    """
    for argument, names in (("packs", packs), ("only", only), ("without", without)):
        check_list(argument, names)
    check_list("rules", rules, of="files")
    check_choices(allow, check)
    files = tuple(_path(each) for each in rules)
    phase = Phase(tuple(packs), files, tuple(only), tuple(without))
    pipeline = Pipeline((phase,), tuple(allow), check, require, max_steps)
    return apply_pipeline(
        pipeline,
        models,
        output,
        seeds=seeds,
        record=record,
        dry_run=dry_run,
        graphs=graphs,
        executor=executor,
        jobs=jobs,
        progress=progress,
    )


def apply_pipeline(
    pipeline: Pipeline,
    models: Paths,
    output: str | os.PathLike[str] | None = None,
    *,
    seeds: int = 5,
    record: bool = False,
    dry_run: bool = False,
    graphs: bool = False,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ManyResult:
    """Do to models what a pipeline says; everything else is as for `apply_many`."""
    pairs, _ = sources_and_outputs(models, output)
    carried = pipeline.carried()
    carried.rules()  # mistakes in rules are found here, once
    data = pickle.dumps(carried)
    tasks = [
        Apply(
            source.path,
            _whole(source.path),
            None if dry_run else _whole(out),
            None if dry_run else out,
            data,
            record,
            seeds,
            graphs,
        )
        for source, out in pairs
    ]
    return _run(tasks, executor, jobs, progress)


def sources_and_outputs(
    models: Paths, output: str | os.PathLike[str] | None
) -> tuple[list[tuple[naming.Source, str]], list[naming.Source]]:
    """Which models are read and where each is written; and those that are results of an earlier run.

    Raises:
        UsageError, ModelError: As for `apply_many`.
    """
    folder = None if output is None else os.fspath(output)
    if folder is not None:
        naming.check_folder(folder)
    return naming.targets_of(naming.sources(_listed(models), besides=folder), folder)


def verify_many(
    models: Paths,
    others: str | os.PathLike[str],
    *,
    seeds: int = 5,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ManyResult:
    """Compare models with those in a folder that are called alike: with what `apply_many` wrote there.

    Args:
        models: Files, folders, addresses.
        others: The folder, or its address.
        seeds: On how many inputs.
        executor, jobs, progress: As for `apply_many`.

    Raises:
        UsageError, ModelError: As for `apply_many`.
        Stopped: Ctrl-C came.
    """
    folder = os.fspath(others)
    naming.check_others(folder)
    pairs, _ = naming.targets_of(naming.sources(_listed(models), besides=folder), folder)
    tasks = [Verify(source.path, _whole(source.path), _whole(other), other, seeds) for source, other in pairs]
    return _run(tasks, executor, jobs, progress)


def study_many(
    models: Paths,
    choice: Choice,
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ManyResult:
    """Say of models what delegates take of them.

    Args:
        models: Files, folders, addresses.
        choice: Which targets, and which rules are tried.
        executor, jobs, progress: As for `apply_many`.

    Raises:
        UsageError, ModelError, PackError, LanguageError: As for `apply_many`.
        Stopped: Ctrl-C came.
    """
    data = pickle.dumps(choice)
    tasks = [Study(each.path, _whole(each.path), data) for each in naming.sources(_listed(models))]
    return _run(tasks, executor, jobs, progress)


def _run(tasks: Sequence[Task], executor: Executor | None, jobs: int | None, progress: Progress | None) -> ManyResult:
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs takes 1 or more, not {jobs}")
    start = time.perf_counter()
    with _executing(executor, min(jobs or cores(), len(tasks))) as running:
        rows = run_tasks(tasks, running, progress)
    return ManyResult(tuple(rows), time.perf_counter() - start)


@contextmanager
def _executing(executor: Executor | None, jobs: int) -> Generator[Executor]:
    if executor is not None:
        yield executor
        return
    with Workers(jobs) as workers:
        yield workers


def _listed(models: Paths) -> list[str | os.PathLike[str]]:
    return [models] if isinstance(models, str | os.PathLike) else list(models)


def _path(rules: Any) -> str:
    if not isinstance(rules, str | os.PathLike):
        raise UsageError(
            f"rules takes .pat files, not {type(rules).__name__}: what is compiled cannot travel to other processes",
            hint="write them to a file, or put them into a pack",
        )
    return os.fspath(rules)


def _whole(path: str) -> str:
    """A path that holds wherever the process stands that uses it."""
    return path if is_address(path) else os.path.abspath(path)

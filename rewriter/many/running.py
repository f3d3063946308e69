"""Tasks, run by an executor: each gives a row, whatever becomes of the process that it ran in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed

from rewriter.errors import RewriterError
from rewriter.many.tasks import Row, Task, fail, perform
from rewriter.many.workers import WorkerDied, Workers

Progress = Callable[[int, int, str], None]
_DIED = ("WorkerDied", "KilledWorker")  # the second is Dask's, which is not imported for its name


class Stopped(KeyboardInterrupt):
    """Ctrl-C came; `rows` holds what was done by then, None for the others."""

    def __init__(self, rows: Sequence[Row | None]) -> None:
        super().__init__()
        self.rows = tuple(rows)


def run_tasks(tasks: Sequence[Task], executor: Executor, progress: Progress | None = None) -> list[Row]:
    """Run tasks, in any order, and go on after those that fail.

    Where one process of an executor dies and takes it along, what it leaves undone is done once more, in processes of
    our own, in which just the task that is to blame fails.

    Args:
        tasks: What to do.
        executor: Of `concurrent.futures`, or like one of these. It stays open.
        progress: Called with tasks done, tasks in all, and what was done last.

    Returns:
        A row for each task, in their order.

    Raises:
        Stopped: Ctrl-C came. What had not begun is cancelled.
    """
    rows: list[Row | None] = [None] * len(tasks)
    try:
        left = _collect(tasks, range(len(tasks)), executor, rows, progress)
        if left:
            with Workers(1) as workers:
                _collect(tasks, left, workers, rows, progress)
    except KeyboardInterrupt:
        raise Stopped(rows) from None
    return [row for row in rows if row is not None]


def _collect(
    tasks: Sequence[Task], numbers: Sequence[int], executor: Executor, rows: list[Row | None], progress: Progress | None
) -> list[int]:
    """Fill in the rows of some tasks; those that a broken executor left undone are returned."""
    left: list[int] = []
    futures: dict[Future[Row], int] = {}
    try:
        for number in numbers:
            try:
                futures[executor.submit(perform, tasks[number])] = number
            except BrokenExecutor:
                left.append(number)
        for future in as_completed(futures):
            number = futures[future]
            row = _row(tasks[number], future)
            if row is None:
                left.append(number)
                continue
            rows[number] = row
            if progress is not None:
                progress(sum(each is not None for each in rows), len(tasks), tasks[number].name)
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        raise
    return sorted(left)


def _row(task: Task, future: Future[Row]) -> Row | None:
    """The row of a task that ended; None where it has to run once more."""
    try:
        error = future.exception()
    except CancelledError:
        error = RewriterError("it was cancelled before it was done")
    if error is None:
        return future.result()
    if isinstance(error, BrokenExecutor):
        return None
    row: Row = {"input": task.name, "output": None, "result": "error", "exit": 0, "error": None}
    if isinstance(error, RewriterError):
        return fail(row, error)
    if isinstance(error, WorkerDied) or type(error).__name__ in _DIED:
        row["result"] = "crashed"
        message, _, detail = str(error).partition("\n")
        hint = "fewer --jobs if memory ran out; otherwise this model alone, with --check none"
        fail(row, RewriterError(message, hint=hint))
    else:
        detail = "".join(getattr(error, "__notes__", ()))
        message = f"a mistake of the program: {type(error).__name__}: {error}"
        fail(row, RewriterError(message, hint="report it, with what -v says"))
    row["error"]["detail"] = detail
    return row

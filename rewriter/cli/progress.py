"""How far something has come, for a person who waits longer than a second at a terminal."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Progress = Callable[[int, int, str], None]

_PATIENCE = 1.0  # seconds in which nothing is shown
_NARROW = 60  # columns below which there is no room for a bar


class Waiting:
    """Shows nothing for a second, then what is being done and how far it is, until it is closed."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._state = (0, 0, "")
        self._bar: Bar | None = None
        self._changing = threading.Lock()
        self._closed = False
        self._begun = time.monotonic()
        self._timer = threading.Timer(_PATIENCE, self._show)
        self._timer.daemon = True
        self._timer.start()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Tell how far it has come."""
        with self._changing:
            self._state = (done, total, what)
            self._update()

    def close(self) -> None:
        """Take away what is shown."""
        self._timer.cancel()
        with self._changing:
            self._closed = True
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def _show(self) -> None:
        # Takes a tenth of a second to import, which nobody who waits this long already notices.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.table import Column

        with self._changing:
            if self._closed:
                return
            console = Console(stderr=True)
            text = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1))
            parts: list[ProgressColumn] = [SpinnerColumn("line"), text]
            if shutil.get_terminal_size().columns >= _NARROW:
                parts.append(BarColumn(20))
            self._bar = Progress(
                *parts,
                TextColumn("{task.fields[count]}"),
                TimeElapsedColumn(),
                console=console,
                transient=True,
                expand=True,
            )
            task = self._bar.add_task(self._doing, total=None, count="")
            self._bar.tasks[task].start_time = self._bar.get_time() - (time.monotonic() - self._begun)
            self._update()
            self._bar.start()

    def _update(self) -> None:
        if self._bar is None:
            return
        done, total, what = self._state
        doing = f"{self._doing} {what}" if what else self._doing
        self._bar.update(
            self._bar.tasks[0].id,
            completed=done,
            total=total or None,
            description=_plain(doing),
            count=f"{done}/{total}" if total else "",
        )


def _plain(text: str) -> str:
    """What rich would take for markup is part of a name."""
    from rich.markup import escape

    return escape(text)


@contextmanager
def waiting(doing: str, *, quiet: bool = False) -> Generator[Progress | None]:
    """Say on standard error, where that is a terminal, that something goes on, once it takes longer than a second.

    Args:
        doing: What is being done: `checking`.
        quiet: Whether nothing is said at all.

    Yields:
        What to call with steps done, steps in all, and what the step was; None where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    shown = Waiting(doing)
    try:
        yield shown
    finally:
        shown.close()

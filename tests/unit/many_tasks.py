"""Tasks that end their own process, or fail in ways that no user can cause; they travel to workers by name."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter import __version__

if TYPE_CHECKING:
    from rewriter.many.tasks import Row


@frozen
class Good:
    name: str
    source: str = ""
    version: str = __version__

    def run(self, row: Row) -> None:
        row["result"] = "unchanged"


@frozen
class Crashing(Good):
    def run(self, row: Row) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


@frozen
class Mistaken(Good):
    def run(self, row: Row) -> None:
        raise ZeroDivisionError("of nothing")


@frozen
class Greedy(Good):
    def run(self, row: Row) -> None:
        raise MemoryError


@frozen
class Slow(Good):
    def run(self, row: Row) -> None:
        time.sleep(60)

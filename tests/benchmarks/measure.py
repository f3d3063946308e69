"""What a command costs, and what a benchmark says of it."""

from __future__ import annotations

import os
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class CommandFailedError(Exception):
    """A command that was to be measured ended with an error; the message is what it said."""


@frozen
class Cost:
    """Seconds of wall and of CPU time, and the peak of resident memory in bytes, of one command or a part of it."""

    wall: float
    cpu: float
    peak: int = 0


def cost_of(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and return what it cost.

    The peak includes what this process held when it started the command, which Linux counts too: keep it small.

    Args:
        command: The program and its arguments.
        environment: Variables to set beside those of this process.

    Raises:
        CommandFailedError: The command ended with another status than 0.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailedError(f"{' '.join(command)}: exit {process.returncode}\n{said.decode(errors='replace')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def median_cost(costs: Iterable[Cost]) -> Cost:
    """Take the median of each quantity on its own."""
    costs = list(costs)
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        round(median(cost.peak for cost in costs)),
    )


@frozen
class Row:
    """One line of the table: a figure, and the target that it must not pass."""

    what: str
    figure: float
    unit: str
    target: float | None = None
    detail: str = ""

    @property
    def missed(self) -> bool:
        """Whether there is a target, and the figure is beyond it."""
        return self.target is not None and not self.figure <= self.target

    def __str__(self) -> str:
        target = "" if self.target is None else f"<= {self.target:g}"
        verdict = "" if self.target is None else "MISSED" if self.missed else "ok"
        return f"{self.what:<60}{target:>9}{self.figure:>10.2f} {self.unit:<8}{verdict:<8}{self.detail}".rstrip()


HEADER = f"{'':<60}{'target':>9}{'figure':>10}"


@frozen
class Skipped:
    """A line of the table for what could not be measured here."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what:<60}{'skipped':>9}  {self.reason}"

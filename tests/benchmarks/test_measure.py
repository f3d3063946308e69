"""Costs are those of the command that was run, and a line of the table says what its figure says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks.measure import CommandFailedError, Cost, Row, cost_of, median_cost


def python(program: str) -> Cost:
    return cost_of([sys.executable, "-S", "-c", program])


def test_cpu_time_is_told_from_waiting() -> None:
    waiting = python("import time; time.sleep(0.3)")
    assert waiting.wall >= 0.3
    assert waiting.cpu < 0.2
    working = python("import time\nwhile time.process_time() < 0.3: pass")
    assert 0.3 <= working.cpu <= working.wall + 0.05


def test_peak_is_of_what_was_held_at_once() -> None:
    def peak(program: str) -> int:
        # From a small process: this one may have grown to more than what is to be measured.
        command = [sys.executable, "-S", "-c", program]
        measure = f"from tests.benchmarks.measure import cost_of; print(cost_of({command!r}).peak)"
        return int(subprocess.run([sys.executable, "-c", measure], check=True, capture_output=True).stdout)

    nothing = peak("pass")
    held = peak("block = bytes(range(256)) * 800_000")  # 205 MB
    reused = peak("for _ in range(100): block = bytes(range(256)) * 8_000")  # 2 MB, a hundred times
    assert 190e6 < held - nothing < 210e6
    assert reused - nothing < 10e6


def test_a_command_that_fails_is_not_measured_but_says_why() -> None:
    with pytest.raises(CommandFailedError, match=r"(?s)exit 3.*no such thing"):
        python("import sys; print('no such thing', file=sys.stderr); sys.exit(3)")


def test_medians_are_taken_of_each_quantity() -> None:
    assert median_cost([Cost(1, 9, 5), Cost(2, 7, 4), Cost(9, 8, 6)]) == Cost(2, 8, 5)


@pytest.mark.parametrize(
    ("figure", "target", "verdict"),
    [(1.5, 1.5, "ok"), (1.51, 1.5, "MISSED"), (float("nan"), 1.5, "MISSED"), (1.0, None, "")],
)
def test_a_figure_beyond_its_target_is_missed(figure: float, target: float | None, verdict: str) -> None:
    row = Row("what", figure, "x cp", target)
    assert row.missed == (verdict == "MISSED")
    assert ("ok" in str(row), "MISSED" in str(row)) == (verdict == "ok", verdict == "MISSED")

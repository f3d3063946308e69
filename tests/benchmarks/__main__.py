"""Print what reading, rewriting and writing models costs, against a plain copy made in the same run.

    python -m tests.benchmarks [--dir FOLDER] [--only PART ...] [--scale FRACTION]

Every measured command and its copy take turns, and medians are compared, so that what else the machine does meets both.
Nothing is synced. Peak memory is that of the whole command, above what the same command needs for a model of a few
kilobytes. The exit status is 1 where a target was missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measure import HEADER, CommandFailedError, Row
from tests.benchmarks.suite import Bench, against_copy, chains, dialect, many_rules, process, prove, report, trial

PARTS = {
    "process": lambda bench, scale: process(bench, repeats=9),
    "dialect": lambda bench, scale: dialect(bench, repeats=5),
    "chains": lambda bench, scale: chains(bench, round(10_000 * scale), repeats=3),
    "rules": lambda bench, scale: many_rules(bench, round(999 * scale), round(1000 * scale), repeats=5),
    "trial": lambda bench, scale: trial(bench, repeats=5),
    "prove": lambda bench, scale: prove(bench, repeats=5),
    "report": lambda bench, scale: report(bench, repeats=5),
    "100MB": lambda bench, scale: against_copy(bench, "fc", 100 * scale, limit=1.5, repeats=10),
    "1GB": lambda bench, scale: against_copy(bench, "fc", 1000 * scale, limit=1.5, repeats=8),
    "external": lambda bench, scale: against_copy(bench, "external", 2500 * scale, limit=2, repeats=4),
}


def main() -> int:
    """Print the table, line by line as figures come in."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dir", type=Path, help="where models are written (and removed again)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="leave out the other parts")
    parser.add_argument("--scale", type=float, default=1, help="run at this fraction of the full sizes")
    arguments = parser.parse_args()
    bad = False
    print(HEADER)
    with tempfile.TemporaryDirectory(prefix="rewriter-bench-", dir=arguments.dir) as folder:
        for name in arguments.only:
            try:
                for row in PARTS[name](Bench(Path(folder)), arguments.scale):
                    print(row, flush=True)
                    bad |= isinstance(row, Row) and row.missed
            except CommandFailedError as error:
                print(f"{name}: FAILED\n{error}", flush=True)
                bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())

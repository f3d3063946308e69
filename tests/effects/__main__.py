"""Measure what the stock packs do to the models at hand, and write the record and the page that show it.

    python -m tests.effects [--model TEXT]

Only files that came out otherwise than last time are checked. The exit status is 1 where a check did not pass.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

from rewriter.errors import RewriterError
from tests.effects.jobs import JOBS, PAGE, RECORD, models
from tests.effects.measure import FINE, UNCHECKED, Effect, check, measure
from tests.effects.page import page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.effects.measure import Job
    from tests.effects.page import Record


def main() -> int:
    """Measure, say what is being done, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.effects", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="", help="only models with this in their names; the others stay")
    chosen = parser.parse_args().model
    paths = models()
    record = load()
    # What models and jobs are gone by now says nothing any more.
    record = {
        job.name: {name: each for name, each in record.get(job.name, {}).items() if name in paths} for job in JOBS
    }
    with ProcessPoolExecutor(int(os.environ.get("EFFECTS_WORKERS") or os.cpu_count() or 1)) as pool:
        started = {
            pool.submit(effect_of, job, path, record[job.name].get(name)): (job, name)
            for name, path in sorted(paths.items(), key=lambda each: each[1].stat().st_size)
            for job in JOBS
            if chosen in name
        }
        for number, future in enumerate(as_completed(started), start=1):
            job, name = started[future]
            effect, seconds = future.result()
            before = record[job.name].pop(name, None)
            if effect is not None:
                record[job.name][name] = effect
                print(f"{number}/{len(started)} {job.name}: {name}: {effect.check} ({seconds:.0f} s)", flush=True)
            if effect != before:
                write(record)  # a check may take minutes, and none is lost where the run is stopped
    write(record)
    PAGE.write_text(page(record, paths), "utf-8")
    return int(any(each.check not in FINE for effects in record.values() for each in effects.values()))


def effect_of(job: Job, path: Path, known: Effect | None) -> tuple[Effect | None, float]:
    """What a job does to a model, checked, and how long that took in seconds."""
    start = time.perf_counter()
    try:
        effect = measure(job, path)
    except RewriterError:
        return None, 0.0  # a file that no rule may touch; the tests of reading say which these are
    if effect is not None:
        effect = effect.checked_as(known)
        if effect.check == UNCHECKED:
            effect = effect.with_check(check(job, path))
    return effect, time.perf_counter() - start


def load() -> Record:
    """The record as it was written last."""
    if not RECORD.exists():
        return {}
    whole = json.loads(RECORD.read_text("utf-8"))
    return {job: {name: Effect.from_json(each) for name, each in effects.items()} for job, effects in whole.items()}


def write(record: Record) -> None:
    """Write the record, one line for each model."""
    parts = []
    for job, effects in record.items():
        lines = [f"  {json.dumps(name)}: {json.dumps(each.to_json())}" for name, each in sorted(effects.items())]
        parts.append(f" {json.dumps(job)}: {{\n" + ",\n".join(lines) + "\n }")
    RECORD.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

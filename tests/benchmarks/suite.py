"""The benchmarks: what is measured, how often, and against which target."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from attrs import frozen

from tests.benchmarks.measure import CommandFailedError, Cost, Row, Skipped, cost_of, median_cost
from tests.docs.browser import find_browser, opened, started
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEGABYTE = 1_000_000
_WORKER = (sys.executable, "-m", "tests.benchmarks.worker")
_REWRITER = str(Path(sys.executable).with_name("rewriter"))

ONE_RULE = "TANH(x) -> CUSTOM[Tanh](x)"
"""Changes one operator of a generated model: its last."""
MANY_RULE = "ADD(MUL(x, c1), c2) -> CUSTOM[MulAdd](x, c1, c2)"
"""Changes two of every three operators of a chain."""
REAL_RULE = "CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)"


@frozen
class Bench:
    """A folder for what the benchmarks write; whoever makes it removes it."""

    folder: Path

    def path(self, name: str) -> Path:
        """A file of this run."""
        return self.folder / name

    def rule(self, name: str, text: str) -> Path:
        """A rule, as a file."""
        path = self.path(f"{name}.pat")
        path.write_text(text + "\n")
        return path

    def model(self, kind: str, size: float) -> Path:
        """A generated model; made by another process, whose memory is not counted as that of the measured ones."""
        path = self.path(f"{kind}_{size:g}.tflite")
        if not path.exists():
            subprocess.run([*_WORKER, "generate", kind, str(size), str(path)], check=True)
        return path

    def apply(self, model: Path, rule: Path, *, cache: Path | None = None) -> Cost:
        """What the whole command costs, from its start to its end."""
        out = self.path("out.tflite")
        command = [_REWRITER, "apply", str(model), "-r", str(rule), "-o", str(out), "--check", "none"]
        cost = cost_of(command, environment={"REWRITER_CACHE_DIR": str(cache)} if cache else None)
        out.unlink()
        return cost

    def copy(self, model: Path) -> Cost:
        """What `cp` costs."""
        out = self.path("copy.tflite")
        cost = cost_of(["cp", str(model), str(out)])
        out.unlink()
        return cost

    def work(self, *arguments: object) -> dict[str, Cost]:
        """What the steps of a worker's job cost; the job's output is the last argument."""
        done = subprocess.run([*_WORKER, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandFailedError(f"{' '.join(done.args)}\n{done.stderr}")
        Path(str(arguments[-1])).unlink()
        return {step: Cost(*cost) for step, cost in json.loads(done.stdout).items()}


def against_copy(bench: Bench, kind: str, megabytes: float, *, limit: float, repeats: int) -> Iterator[Row | Skipped]:
    """Read, rewrite one operator of, and write a model that is nearly all constants, against a copy of the file."""
    what = f"{kind} {megabytes:g} MB"
    # The model, and one file more: the output and the copy take turns.
    needed = round(2.2 * megabytes * _MEGABYTE)
    if (free := shutil.disk_usage(bench.folder).free) < needed:
        yield Skipped(what, f"needs {needed / _MEGABYTE:.0f} MB in {bench.folder}, {free / _MEGABYTE:.0f} MB are free")
        return
    model, small, rule = bench.model(kind, megabytes), bench.model("fc", 0.004), bench.rule("one", ONE_RULE)

    def job() -> Cost:
        steps = bench.work("rewrite", rule, small, model, bench.path("out.tflite")).values()
        return Cost(sum(step.wall for step in steps), sum(step.cpu for step in steps))

    # Who comes first in a round finds other pages free than who comes second: they change places. The first round, in
    # which the file comes into the page cache, does not count.
    copies: list[Cost] = []
    jobs: list[Cost] = []
    turns = [(lambda: bench.copy(model), copies), (job, jobs)]
    for _ in range(1 + repeats):
        for measure, costs in turns:
            costs.append(measure())
        turns.reverse()
    copied, worked = median_cost(copies[1:]), median_cost(jobs[1:])
    for kind_of_time, ours, theirs in (("wall", worked.wall, copied.wall), ("CPU", worked.cpu, copied.cpu)):
        what_done = f"{what}: read, rewrite, write; {kind_of_time} time"
        yield Row(what_done, ours / theirs, "x cp", limit, f"{ours:.3f} s, cp {theirs:.3f} s")
    peaks = [(bench.apply(model, rule).peak, bench.apply(small, rule).peak) for _ in range(3)]
    above = median(large - little for large, little in peaks)
    in_all = f"{peaks[0][0] / _MEGABYTE:.0f} MB in all"
    yield Row(f"{what}: peak memory above a small model's", above / _MEGABYTE, "MB", 64, in_all)
    model.unlink()


def chains(bench: Bench, short: int, *, repeats: int) -> Iterator[Row | Skipped]:
    """Time per operator, for a short chain and for one of ten times its length."""
    lengths = [short, 10 * short]
    one, many, warm_up = bench.rule("one", ONE_RULE), bench.rule("many", MANY_RULE), bench.model("chain", 31)
    models = [bench.model("chain", length) for length in lengths]
    runs: list[list[dict[str, Cost]]] = [[], []]
    for _ in range(repeats):
        for model, of_model in zip(models, runs, strict=True):
            of_model.append(bench.work("chain", one, many, warm_up, model, bench.path("out.tflite")))
    for step, target, aim in (("read", 40, 25), ("write", 40, 25), ("rewrite", 10, 5)):
        figures = [
            1e6 * median(run[step].cpu for run in of_model) / length
            for length, of_model in zip(lengths, runs, strict=True)
        ]
        for length, figure in zip(lengths, figures, strict=True):
            yield Row(f"chain of {length}: {step}; CPU time per operator", figure, "µs", target, f"aim {aim}")
        # A long chain leaves the caches of the processor, which costs something; a quadratic step would cost tenfold.
        yield Row(f"chain: {step} per operator, long against short", figures[1] / figures[0], "x", 1.3)


def dialect(bench: Bench, *, repeats: int) -> Iterator[Row | Skipped]:
    """What the declarations of builtin operators add to start-up, with what is kept between runs, and without."""
    cache = bench.path("dialect cache")
    runs: dict[str, list[dict[str, list[float]]]] = {"cold": [], "warm": []}
    for _ in range(repeats):
        shutil.rmtree(cache, ignore_errors=True)
        # The first run makes what every start needs, the parser and the schema; then only the declarations go.
        for temperature in ("", "cold", "warm"):
            if temperature == "cold":
                for path in cache.glob("op-*"):
                    path.unlink()
            command = [*_WORKER, "dialect"]
            environment = {**os.environ, "REWRITER_CACHE_DIR": str(cache)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise CommandFailedError(f"{' '.join(command)}\n{done.stderr}")
            if temperature:
                runs[temperature].append(json.loads(done.stdout))
    for temperature, of_runs in runs.items():
        for step in ("ten", "all others"):
            figure = 1e3 * median(run[step][1] for run in of_runs)
            limit = 60 if temperature == "warm" else None
            yield Row(f"declarations, {step}, {temperature} cache; CPU time", figure, "ms", limit)


def many_rules(bench: Bench, operators: int, count: int, *, repeats: int) -> Iterator[Row | Skipped]:
    """Loading many rules with one kind of root, and matching them, against one of them alone."""
    kinds = (
        "ADD(MUL(x, {n}.0), y) -> CUSTOM[R{n}](x, y)",
        "ADD(CUSTOM[Op{n}](x), y) -> CUSTOM[R{n}](x, y)",
        "ADD(MUL(CUSTOM[Op{n}](x), c: const), d: const) -> CUSTOM[R{n}](x, c, d)",
        "ADD(x, {n}.5) -> CUSTOM[R{n}](x)",
        "ADD(MUL(x, c: const f32[{n}]), y: f32[n, m]) where n == m -> CUSTOM[R{n}](x, c, y)",
    )
    text = "\n".join(kinds[n % len(kinds)].format(n=n + 10) for n in range(count))
    rules, model = bench.rule("rules", text), bench.model("chain", operators)
    runs: list[dict[str, Cost]] = []
    for _ in range(repeats):
        done = subprocess.run([*_WORKER, "rules", str(rules), str(model)], capture_output=True, text=True, check=True)
        runs.append({step: Cost(*cost) for step, cost in json.loads(done.stdout).items()})
    load, one, many, first = (median(run[step].cpu for run in runs) for step in ("load", "one", "all", "first"))
    yield Row(f"{count} rules: load; CPU time", load, "s", 0.5)
    each = f"{1e6 * many / operators:.1f} µs an operator, {1e6 * one / operators:.1f} µs with one rule"
    yield Row(f"{count} rules on a chain of {operators}: match, against one rule", many / one, "x", 2, each)
    yield Row(f"{count} rules: laid over each other once; CPU time", first - many, "s", None)


def trial(bench: Bench, *, repeats: int) -> Iterator[Row | Skipped]:
    """What one example of a property test costs in the runtime, and what it costs that a model brings it down."""
    model = bench.model("chain", 2)
    runs: list[dict[str, Cost]] = []
    for _ in range(repeats):
        done = subprocess.run([*_WORKER, "trial", str(model)], capture_output=True, text=True, check=True)
        runs.append({step: Cost(*cost) for step, cost in json.loads(done.stdout).items()})
    example, crash = (1e3 * median(run[step].wall for run in runs) for step in ("example", "crash"))
    each = f"{1e3 * example / 4:.0f} µs to load, run twice and drop one"
    yield Row("two operators, both sides, two kernel sets; wall time", example, "ms", 1.2, each)
    yield Row("a model that crashes, and the next one; wall time", crash, "ms", 30)


def prove(bench: Bench, *, repeats: int) -> Iterator[Row | Skipped]:
    """How long the property tests of a small rule take for each example, from nothing to the verdict."""
    runs: list[dict[str, float]] = []
    for _ in range(repeats):
        done = subprocess.run([*_WORKER, "prove"], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    each = 1e3 * median(run["seconds"] / run["examples"] for run in runs)
    yield Row("a rule of two operators: an example; wall time", each, "ms", 5, f"{1e3 / each:.0f} examples a second")


def process(bench: Bench, *, repeats: int) -> Iterator[Row | Skipped]:
    """The whole command on a real model, with what it keeps between runs in place, and without."""
    what = "selfie_segmentation: apply --check none"
    model = SHARED / "models" / "mediapipe" / "selfie_segmentation.tflite"
    if not model.exists():
        yield Skipped(what, f"{model.name} is not at hand in {SHARED}")
        return
    rule, cache = bench.rule("real", REAL_RULE), bench.path("cache")
    cold: list[Cost] = []
    warm: list[Cost] = []
    for _ in range(repeats):
        shutil.rmtree(cache, ignore_errors=True)
        cold.append(bench.apply(model, rule, cache=cache))
        warm.append(bench.apply(model, rule, cache=cache))
    cost = median_cost(warm)
    yield Row(f"{what}; CPU time", cost.cpu, "s", 0.4, f"{cost.wall:.2f} s wall")
    cost = median_cost(cold)
    yield Row(f"{what}, cold cache; CPU time", cost.cpu, "s", None, f"{cost.wall:.2f} s wall")


def report(bench: Bench, *, repeats: int) -> Iterator[Row | Skipped]:
    """The page that shows a real model of a thousand operators: its size, and how long a browser takes to draw it."""
    what = "face_landmark_with_attention: the report"
    model = SHARED / "models" / "mediapipe" / "face_landmark_with_attention.tflite"
    if not model.exists():
        yield Skipped(what, f"{model.name} is not at hand in {SHARED}")
        return
    page, out = bench.path("report.html"), bench.path("out.tflite")
    command = [_REWRITER, "apply", str(model), "-p", "mediapipe", "--check", "none", "-o", str(out)]
    costs = [(cost_of(command).cpu, cost_of([*command, "--report", str(page)]).cpu) for _ in range(repeats)]
    yield Row(f"{what}, added CPU time", median(with_it - without for without, with_it in costs), "s")
    yield Row(f"{what}, its size", page.stat().st_size / _MEGABYTE, "MB", 5)
    if find_browser() is None:
        yield Skipped(f"{what}, opened and drawn", "there is no Chromium")
        return
    times: list[float] = []
    with started() as browser:
        for _ in range(repeats):
            start = time.perf_counter()
            with opened(browser, page):
                times.append(time.perf_counter() - start)
    yield Row(f"{what}, opened and drawn; wall time", median(times), "s", 2)

"""The work that is measured, in a process of its own, so that neither imports nor the memory of other work count.

    python -m tests.benchmarks.worker generate fc|external MEGABYTES PATH
    python -m tests.benchmarks.worker generate chain OPERATORS PATH
    python -m tests.benchmarks.worker rewrite RULES WARM_UP MODEL OUT
    python -m tests.benchmarks.worker chain ONE_RULE MANY_RULE WARM_UP MODEL OUT
    python -m tests.benchmarks.worker dialect
    python -m tests.benchmarks.worker rules RULES MODEL
    python -m tests.benchmarks.worker trial MODEL
    python -m tests.benchmarks.worker prove

The last five print the cost of each step as a JSON object, `{"read": [wall seconds, CPU seconds], ...}`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.generate import chain_model, external_model, fc_model

if TYPE_CHECKING:
    from collections.abc import Iterator

Steps = dict[str, tuple[float, float]]

USED = (
    *("ADD", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "MUL", "PAD", "RELU", "RESHAPE", "STRIDED_SLICE"),
    "TRANSPOSE_CONV",
)
"""Ten operators that a file of rules may well use."""


@contextmanager
def timed(steps: Steps, name: str, *, collect: bool = True) -> Iterator[None]:
    """Add to `steps` what the block costs, under `name`."""
    if collect:
        gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    steps[name] = time.perf_counter() - wall, time.process_time() - cpu


def generate(kind: str, size: str, path: str) -> None:
    """Write a model, and see it onto the disk, so that writing it back does not disturb what is measured next."""
    match kind:
        case "fc":
            fc_model(Path(path), megabytes=float(size))
        case "external":
            external_model(Path(path), gigabytes=float(size) / 1000)
        case _:
            chain_model(Path(path), operators=int(size))
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())


def rewrite(rules: str, model: str, out: str) -> Steps:
    """Read a model, rewrite it, and write it."""
    from rewriter import compile_rules, driver, load

    compiled = compile_rules(Path(rules).read_text(), filename=rules)
    steps: Steps = {}
    with timed(steps, "read"):
        loaded = load(model)
    with timed(steps, "rewrite"):
        report = driver.rewrite(loaded, compiled)
    with timed(steps, "write"):
        loaded.save(out)
    assert report.applications, f"no rule of {rules} applied to {model}"
    return steps


def rewrite_chain(one_rule: str, many_rule: str, model: str, out: str) -> Steps:
    """Read and write a chain of which one operator changed, and, apart from that, rewrite all of it."""
    one = rewrite(one_rule, model, out)
    many = rewrite(many_rule, model, out)
    return {"read": one["read"], "write": one["write"], "rewrite": many["rewrite"]}


def declare() -> Steps:
    """Make the declarations that a file of rules uses, and then all others that there are."""
    from rewriter.dialect.dialect import builtin_declarations
    from rewriter.language.declare import declare  # noqa: F401 - what every file of rules needs does not count
    from rewriter.language.parse import parse
    from rewriter.model import schema

    parse(f"{' '.join(f'{name}(x) -> x' for name in USED)}", "rules.pat")
    schema()
    steps: Steps = {}
    with timed(steps, "ten"):
        for name in USED:
            builtin_declarations()[name]
    with timed(steps, "all others"):
        assert len([each for each in builtin_declarations().values() if each.operands is not None]) > len(USED)
    return steps


def match_rules(rules: str, model: str) -> Steps:
    """Compile many rules; then try them, and the first one alone, at every operator of a model, in turn."""
    from rewriter import compile_rules, load
    from rewriter.matcher import Matcher

    text, loaded = Path(rules).read_text(), load(model)
    compile_rules(text.partition("\n")[0], filename="first.pat")  # the grammar and the declarations come into memory
    steps: Steps = {}
    with timed(steps, "load"):
        compiled = compile_rules(text, filename=rules)
    matchers = {"all": Matcher(compiled), "one": Matcher([compiled.rules[0]])}
    operators = list(loaded.operators())
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in matchers}
    for _ in range(9):
        for name, matcher in matchers.items():
            with timed(steps, name):
                for operator in operators:
                    matcher.match(operator)
            costs[name].append(steps[name])
    # The first round, in which the rules are laid over each other, counts apart.
    steps["first"] = costs["all"][0]
    for name, every in costs.items():
        steps[name] = sorted(every[1:], key=lambda cost: cost[1])[len(every) // 2]
    return steps


def run_models(model: str) -> Steps:
    """Load and run a small model as the property tests do both sides of a rule; and survive one that crashes."""
    import numpy as np

    from rewriter.verify import Runtime, RuntimeFailure
    from tests.unit import verify_child

    data = Path(model).read_bytes()
    series = [[np.full((1, 8), value, np.float32)] for value in (1, 2)]
    deadly = [[np.full((1, 8), verify_child.Do.ABORT, np.float32)]]
    costs: dict[str, list[tuple[float, float]]] = {"example": [], "crash": []}
    steps: Steps = {}
    with Runtime(threads=1, command=(sys.executable, str(Path(verify_child.__file__)))) as runtime:
        for _ in range(300):
            with timed(steps, "example", collect=False):
                for _side in "before", "after":
                    runtime.run_once(data, "reference", series)
                    runtime.run_once(data, "default", series)
            costs["example"].append(steps["example"])
        for _ in range(30):
            # All that it costs more to meet a model that crashes: to find that it does so alone, too, is part of it.
            with timed(steps, "crash", collect=False):
                with suppress(RuntimeFailure):
                    runtime.run_once(data, "reference", deadly)
                runtime.run_once(data, "reference", series)
            costs["crash"].append(steps["crash"])
    return {name: sorted(every)[len(every) // 2] for name, every in costs.items()}


def prove() -> dict[str, float]:
    """Test a small rule, in a runtime that is warm."""
    from rewriter import compile_rules
    from rewriter.proof.profile import Profile
    from rewriter.proof.prover import Prover

    text = "rule fused RELU(ADD(x: f32, y: f32)) -> ADD[fused_activation_function=RELU](x, y)"
    (rule,) = compile_rules(text, "fused.pat")
    with Prover(Profile("bench", 1000, 60.0)) as prover:
        prover.prove(rule)
        verdict = prover.prove(rule)
    return {"examples": verdict.examples, "seconds": verdict.seconds}


def main() -> None:
    """Do what the arguments say; measure only after the same has been done to a small model."""
    match sys.argv[1:]:
        case ["generate", kind, size, path]:
            generate(kind, size, path)
        case ["rewrite", rules, warm_up, model, out]:
            rewrite(rules, warm_up, out)
            Path(out).unlink()
            print(json.dumps(rewrite(rules, model, out)))
        case ["chain", one_rule, many_rule, warm_up, model, out]:
            rewrite_chain(one_rule, many_rule, warm_up, out)
            Path(out).unlink()
            print(json.dumps(rewrite_chain(one_rule, many_rule, model, out)))
        case ["dialect"]:
            print(json.dumps(declare()))
        case ["rules", rules, model]:
            print(json.dumps(match_rules(rules, model)))
        case ["trial", model]:
            print(json.dumps(run_models(model)))
        case ["prove"]:
            print(json.dumps(prove()))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()

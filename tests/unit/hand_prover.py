"""Verdicts made by hand, and a prover that gives them: for the tests of what is done with verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from attrs import define, field

from rewriter.driver import rewrite
from rewriter.language.rules import Equality
from rewriter.model import read
from rewriter.proof.verdict import Badge, Counterexample, Verdict
from rewriter.verify.compare import compare
from tests.unit.networks import Network, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from rewriter.language.rules import Rule
    from rewriter.proof.regressions import Regressions

RULES = """\
rule right
  NEG(NEG(x)) -> x
rule wrong
  SUB(x, y) -> ADD(x, y)
rule never
  MUL(x, 1.0) where x.rank == 9 -> x
"""
RIGHT = "rule right NEG(NEG(x)) -> x\nrule both ABS(x: f32) <-> SQRT(SQUARE(x: f32))\n"
VALUES = np.array([[1, 2], [3, 4]], np.float32), np.array([[0, 0], [5, 0]], np.float32)


def workplace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder and a cache that are a test's own, where rules are tested by hand; with two files of rules."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setattr("rewriter.proof.prover.Prover", HandProver)
    (folder / "my.pat").write_text(RULES)
    (folder / "right.pat").write_text(RIGHT)
    return folder


def refute(rule: Rule, *values: Any, condition: str | None = None) -> Counterexample:
    """What a rule that replaces SUB makes of a SUB of these values."""
    operands = values or VALUES
    net = Network()
    names = [
        net.input(name, value.shape, "f32" if value.dtype == np.float32 else "i32")
        for name, value in zip("xy", operands, strict=False)
    ]
    attributes = {"fused_activation_function": "NONE", "pot_scale_int16": True}
    before = net.build(net.add("SUB", names, "result", attributes=attributes))
    after = read(before.to_bytes())
    assert rewrite(after, [rule]).applications
    (left,), (right,) = run(before, *operands), run(after, *operands)
    comparison = compare(left, right, Equality("exact"))
    return Counterexample(
        before.to_bytes(),
        after.to_bytes(),
        operands,
        "the results differ",
        "reference",
        "result",
        left,
        right,
        comparison,
        condition=condition,
    )


@define
class HandProver:
    """Refutes rules called `wrong`, finds no instance of those called `never`, and lets the others pass."""

    profile: Any
    seed: int = 0
    examples: int | None = None
    declarations: Any = None
    regressions: Regressions | None = None
    generators: Any = None
    closed: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def prove(self, rule: Rule, progress: Callable[[int, int, str], None] | None = None) -> Verdict:
        assert not self.closed
        if self.regressions is not None:
            self.regressions.load(rule.qualified)
        count = self.examples or self.profile.examples
        if progress is not None:
            progress(1, count, rule.qualified)
        match rule.plain_name:
            case "wrong":
                found = refute(rule, condition="x == y")
                return Verdict(rule.qualified, "refuted", 2, seed=self.seed, seconds=0.25, counterexample=found)
            case "never":
                why = "no shape has nine dimensions"
                return Verdict(rule.qualified, "no instance", seed=self.seed, reason=why, notes=("tried 3 forms",))
            case _:
                return Verdict(rule.qualified, "passed", count, Badge("tested", count), self.seed, 1.0)

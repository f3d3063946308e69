"""`evaluate`: what an operator computes from constants takes its place, and what cannot be computed stays."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import rewriter
from rewriter.driver import rewrite
from rewriter.errors import LanguageError
from rewriter.explain import explain
from rewriter.model import Sparsity
from rewriter.run import evaluator
from rewriter.selection import compile_rules
from rewriter.verify import RuntimeEvaluator, runtime
from rewriter.verify.runtime import Runtime
from rewriter.wellformed import complaints
from tests.unit.networks import Network, shown, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.driver import Report
    from rewriter.model import Model, Tensor

CRASHING = (sys.executable, "-m", "tests.unit.crashing_child")
ANY = "rule r y = ANY[fused_activation_function=_](_operands...: const) -> evaluate(y)"
STEPS: dict[str, Any] = {"scale": 0.5, "zero": 3}


@pytest.fixture(scope="module")
def warm() -> Iterator[Runtime]:
    with Runtime(threads=1) as running:
        yield running


def apply(model: Model, text: str, warm: Runtime | None) -> Report:
    report = rewrite(model, compile_rules(text), evaluator=RuntimeEvaluator(lambda _: None, warm))
    assert complaints(model) == []
    return report


def read_by(net: Network, folded: Tensor) -> Model:
    """A model in which something reads what is folded, and gives it away."""
    return net.build(net.add("SUB", [folded, net.input("x", folded.shape, folded.dtype)], "y"))


def folded(model: Model) -> Any:
    return value_of(next(model.operators()).inputs[0])


def added(*values: float, **attributes: object) -> Model:
    net = Network()
    operands = [net.constant("a", values), net.constant("b", [[10.0], [-20.0]])]
    return read_by(net, net.add("ADD", operands, "t", (2, len(values)), attributes=attributes or None))


def test_the_constant_is_what_the_operator_computes_with_its_attributes(warm: Runtime) -> None:
    model = added(1, 2, 3, fused_activation_function="RELU")
    report = apply(model, ANY, warm)
    assert len(report.applications) == 1
    assert shown(model) == ["y = SUB(t/1, x)"]
    np.testing.assert_array_equal(folded(model), [[11, 12, 13], [0, 0, 0]])


def test_a_quantised_result_keeps_its_steps(warm: Runtime) -> None:
    net = Network()
    a = net.constant("a", [[1, 2, 3], [-4, 5, 6]], "i8", **STEPS)
    t = net.add("RESHAPE", [a, net.constant("s", [3, 2], "i32")], net.tensor("t", (3, 2), "i8", **STEPS))
    x = net.input("x", (3, 2), "i8", **STEPS)
    model = net.build(net.add("ADD", [t, x], net.tensor("y", (3, 2), "i8", **STEPS), version=2))
    assert apply(model, ANY, warm).applications
    constant = next(model.operators()).inputs[0]
    assert constant is not None
    assert constant.quantization is not None
    assert (constant.quantization.scale, constant.quantization.zero_point) == ((0.5,), (3,))
    np.testing.assert_array_equal(value_of(constant), [[1, 2], [3, -4], [5, 6]])


def test_a_sparse_constant_is_unpacked(warm: Runtime) -> None:
    net = Network()
    a = net.constant("a", [1.5, -2.5, 0.25])
    a.shape, a.sparsity = (2, 3), Sparsity((2, ((0, 1, 3), (2, 0, 1))))
    model = read_by(net, net.add("DENSIFY", [a], "t", (2, 3)))
    assert apply(model, "y = DENSIFY(_: const) -> evaluate(y)", warm).applications
    np.testing.assert_array_equal(folded(model), [[0, 0, 1.5], [-2.5, 0.25, 0]])


def test_what_is_computed_can_be_computed_with(warm: Runtime) -> None:
    model = added(1, 2)
    assert apply(model, "y = ADD(_: const, _: const) -> evaluate(y) * 2.0 - evaluate(y)", warm).applications
    np.testing.assert_array_equal(folded(model), [[11, 12], [-19, -18]])


def test_whichever_alternative_matched_is_evaluated(warm: Runtime) -> None:
    text = "z = RELU(y = (NEG(_: const) | ABS(_: const))) -> evaluate(y)"
    for name, value in (("NEG", [2, -3]), ("ABS", [2, 3])):
        net = Network()
        inner = net.add(name, [net.constant("a", [-2.0, 3.0])], "i")
        model = read_by(net, net.add("RELU", [inner], "t"))
        assert apply(model, text, warm).applications
        np.testing.assert_array_equal(folded(model), value)


def test_each_result_of_an_operator_is_evaluated(warm: Runtime) -> None:
    net = Network()
    results = [net.tensor("p", (2,)), net.tensor("q", (2,))]
    operands = [net.constant("d", 0, "i32"), net.constant("a", [1.0, 2.0, 3.0, 4.0])]
    net.add("SPLIT", operands, results, attributes={"num_splits": 2})
    x = net.input("x", (2,))
    model = net.build(net.add("MUL", [net.add("SUB", [results[0], x], "u"), results[1]], "y"))
    text = "(a, b) = SPLIT[num_splits=2](_: const, _: const) -> a = evaluate(a); b = evaluate(b)"
    assert apply(model, text, warm).applications
    assert shown(model) == ["u = SUB(p/1, x)", "y = MUL(u, q/1)"]
    sub, mul = model.operators()
    np.testing.assert_array_equal(value_of(sub.inputs[0]), [1, 2])
    np.testing.assert_array_equal(value_of(mul.inputs[1]), [3, 4])


def test_a_custom_operator_is_computed_by_its_declared_kernel() -> None:
    net = Network()
    x = net.constant("a", np.arange(8).reshape(1, 2, 2, 2))
    w = net.constant("w", np.ones((3, 2, 2, 2)))
    options = np.array([1, 2, 2], "<i4").tobytes()
    operands = [x, w, net.constant("b", [0.5, 1.5, 2.5])]
    name = "CUSTOM[Convolution2DTransposeBias]"
    model = read_by(net, net.add(name, operands, "t", (1, 4, 4, 3), "f32", custom=options))
    rules = compile_rules(f"y = {name}(_: const, _: const, _: const) -> evaluate(y)")
    with evaluator(rules) as evaluating:
        assert rewrite(model, rules, evaluator=evaluating).applications
    assert folded(model)[0, 0, 0].tolist() == [1.5, 2.5, 3.5]


def test_what_the_runtime_refuses_stays_and_the_reason_is_told(warm: Runtime) -> None:
    net = Network()
    # Of a plain constant.
    model = read_by(net, net.add("DENSIFY", [net.constant("a", [1.0, 2.0])], "t"))
    text = "rule r y = DENSIFY(_: const) -> evaluate(y)"
    report = apply(model, text, warm)
    assert report.applications == []
    assert [miss.reason.startswith("DENSIFY at 't': the runtime's reference kernels") for miss in report.misses] == [
        True
    ]
    (rule,) = compile_rules(text)
    (attempt,) = explain(model, rule, None, RuntimeEvaluator(lambda _: None, warm)).attempts
    assert attempt.reason == report.misses[0].reason


def test_a_crash_costs_no_more_than_the_place() -> None:
    net = Network()
    scalar = net.add("EXP", [net.constant("a", [1.0, 2.0])], "t")
    flat = net.add("NEG", [net.constant("b", [[1.0, 2.0]])], "u")
    model = net.build(net.add("MUL", [net.add("ADD", [scalar, net.input("x", (1, 2))], "v", (1, 2)), flat], "y"))
    # This one ends itself at results with an odd number of dimensions.
    with Runtime(threads=1, command=CRASHING) as crashing:
        report = apply(model, ANY, crashing)
    assert [each.root.name for each in report.applications] == ["u"]
    assert [miss.root for miss in report.misses] == ["t"]
    assert "crash on it" in report.misses[0].reason


def test_a_refusal_is_not_asked_for_twice(warm: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run_once = Runtime.run_once

    def counted(self: Runtime, model: Any, kernels: Any, series: Any, *, side: str = "") -> Any:
        asked.append(kernels)
        return run_once(self, model, kernels, series, side=side)

    monkeypatch.setattr(Runtime, "run_once", counted)
    net = Network()
    refused = net.add("DENSIFY", [net.constant("a", [1.0, 2.0])], "t")
    other = net.add("NEG", [net.constant("b", [1.0, 2.0])], "u")
    model = net.build(net.add("MUL", [net.add("ADD", [refused, net.input("x", (2,))], "v"), other], "y"))
    # The second rule's match makes another sweep necessary.
    apply(model, f"{ANY}\nrule s y = DENSIFY(_: const) -> evaluate(y)", warm)
    assert asked == ["reference", "builtin", "reference"]


def test_nothing_is_started_where_no_rule_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(runtime, "Runtime", started)
    net = Network()
    model = net.build(net.add("NEG", [net.input()], "y"))
    assert rewriter.apply(model, rules=[compile_rules(ANY)]).report.rewriting.applications == []


def test_without_an_interpreter_the_rule_matches_nowhere() -> None:
    report = rewrite(added(1, 2), compile_rules(ANY))
    assert [miss.reason for miss in report.misses] == ["ADD cannot be evaluated here: no interpreter is at hand"]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((-1, 3), "'t' has an open dimension, which no constant can have"),
        ((1 << 15, 1 << 14), "evaluate: it would have more than 268,435,456 elements"),
        ((2, 2), "the replacement is f32[2, 3], the root f32[2, 2]"),
    ],
    ids=["open", "large", "other"],
)
def test_a_result_of_another_size_than_a_constant_can_have_stays(
    warm: Runtime, shape: tuple[int, ...], reason: str
) -> None:
    net = Network()
    operands = [net.constant("a", [1.0, 2.0, 3.0]), net.constant("b", [[10.0], [-20.0]])]
    t = net.add("ADD", operands, "t", shape)
    model = net.build(net.add("NEG", [t], "y"))
    report = rewrite(model, compile_rules(ANY), evaluator=RuntimeEvaluator(lambda _: None, warm))
    assert [miss.reason for miss in report.misses] == [reason]


def test_an_operand_that_the_pattern_leaves_out_has_to_be_constant_too(warm: Runtime) -> None:
    net = Network()
    t = net.add("RESHAPE", [net.constant("a", [1.0, 2.0]), net.input("s", (2,), "i32")], "t", (1, 2))
    report = apply(net.build(net.add("NEG", [t], "y")), "y = RESHAPE(_: const) -> evaluate(y)", warm)
    assert [miss.reason for miss in report.misses] == ["RESHAPE cannot be evaluated: its operand 's' is not a constant"]


def test_growth_counts_what_loses_its_reader() -> None:
    net = Network()
    a, b = net.constant("a", [1.0, 2.0, 3.0]), net.constant("b", [[10.0], [-20.0]])
    t = net.add("ADD", [a, b], "t", (2, 3))
    model = net.build(net.add("MUL", [t, b], "y", (2, 3)))
    for limit, fires in ((24 - 12, True), (24 - 12 - 1, False)):
        (rule,) = compile_rules(f"rule r y = ADD(a, b) where y.growth <= {limit} -> SUB(a, b)")
        (attempt,) = explain(model, rule).attempts
        assert attempt.matched is fires


def test_a_condition_cannot_evaluate() -> None:
    with pytest.raises(LanguageError, match="unknown function 'evaluate'"):
        compile_rules("y = NEG(x: const) where all(evaluate(y) > 0) -> evaluate(y)")


def test_what_was_folded_is_a_constant_for_what_reads_it(warm: Runtime) -> None:
    net = Network()
    inner = net.add("NEG", [net.constant("a", [1.0, 2.0])], "i")
    outer = net.add("ADD", [inner, net.add("ABS", [net.constant("b", [-3.0, 4.0])], "j")], "o")
    model = read_by(net, net.add("SQUARE", [outer], "t"))
    assert [each.root.name for each in apply(model, ANY, warm).applications] == ["i", "j", "o", "t"]
    np.testing.assert_array_equal(folded(model), [4, 4])

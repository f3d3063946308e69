"""A replacement stands where its match stood, nothing else changes, and what may not be replaced stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.driver import rewrite
from rewriter.language.check import compile_rules
from rewriter.model import Signature, read
from rewriter.wellformed import complaints
from tests.unit.networks import Network, apply_rules, edited, run, shown, value_of

if TYPE_CHECKING:
    from rewriter.model import Model

FUSE = "RELU(a = ADD(x, c)) -> ADD[fused_activation_function=RELU](x, c)"


def chain(*names: str) -> Model:
    """x -> t0 -> t1 ... , one operator of each name."""
    network = Network()
    tensor = network.input()
    for place, name in enumerate(names):
        operands = (
            [tensor, network.constant(f"c{place}", [1.0, -2.0, 3.0])] if name in ("ADD", "MUL", "SUB") else [tensor]
        )
        tensor = network.add(name, operands, f"t{place}")
    return network.build(tensor)


def test_the_new_root_takes_over_the_old_tensor() -> None:
    model = chain("ADD", "RELU", "NEG")
    x = np.array([[1, 2, 3], [-4, -5, -6]], np.float32)
    (before,) = run(model, x)
    apply_rules(model, FUSE)
    assert shown(model) == ["t1 = ADD(x, c0)", "t2 = NEG(t1)"]
    assert [each.name for each in model.subgraphs[0].tensors] == ["x", "c0", "t1", "t2"]
    (after,) = run(model, x)
    assert np.array_equal(before, after)
    assert np.ptp(after) > 1


def test_an_output_keeps_its_name_and_place() -> None:
    network = Network()
    x = network.input()
    first = network.add("NEG", [x], "first")
    second = network.add("RELU", [network.add("ADD", [x, x], "inner")], "second")
    model = network.build(first, second)
    apply_rules(model, FUSE)
    assert [each.name for each in model.subgraphs[0].outputs] == ["first", "second"]
    assert shown(model) == ["first = NEG(x)", "second = ADD(x, x)"]


def test_another_reader_of_an_inner_result_forbids_the_match() -> None:
    network = Network()
    inner = network.add("ADD", [network.input(), network.constant("c", 1.0)], "inner")
    model = network.build(network.add("RELU", [inner]), network.add("NEG", [inner], "z"))
    assert not apply_rules(model, FUSE).applications
    assert model.to_bytes() == read(model.to_bytes()).to_bytes()


def test_with_shared_the_old_operators_stay_for_their_other_readers() -> None:
    network = Network()
    inner = network.add("ADD", [network.input(), network.constant("c", 1.0)], "inner")
    model = network.build(network.add("RELU", [inner]), network.add("NEG", [inner], "z"))
    apply_rules(model, f"{FUSE} shared")
    assert shown(model) == ["inner = ADD(x, c)", "y = ADD(x, c)", "z = NEG(inner)"]


def test_two_readings_by_the_root_are_no_other_reader() -> None:
    network = Network()
    inner = network.add("NEG", [network.input()], "inner")
    model = network.build(network.add("ADD", [inner, inner]))
    apply_rules(model, "ADD(n = NEG(x), n) -> SUB(x, RELU(x))")
    assert shown(model) == ["y/1 = RELU(x)", "y = SUB(x, y/1)"]


def test_an_inner_result_that_is_an_output_forbids_the_match() -> None:
    network = Network()
    inner = network.add("ADD", [network.input(), network.constant("c", 1.0)], "inner")
    model = network.build(network.add("RELU", [inner]), inner)
    assert not apply_rules(model, FUSE).applications


def test_what_the_replacement_uses_may_have_other_readers() -> None:
    network = Network()
    inner = network.add("NEG", [network.input()], "inner")
    model = network.build(network.add("ABS", [inner]), network.add("RELU", [inner], "z"))
    apply_rules(model, "ABS(n = NEG(x)) -> SQUARE(n)")
    assert shown(model) == ["inner = NEG(x)", "y = SQUARE(inner)", "z = RELU(inner)"]


def test_a_variable_tensor_forbids_the_match() -> None:
    network = Network()
    x = network.input()
    state = network.tensor("state")
    model = network.build(network.add("RELU", [network.add("ADD", [x, state], "inner")]))

    def make_variable(unpacked: Any) -> None:
        unpacked.subgraphs[0].tensors[1].isVariable = True

    model = edited(model, make_variable)
    assert model.subgraphs[0].tensors[1].is_variable
    assert not apply_rules(model, FUSE).applications


def test_operators_with_side_effects_are_never_swallowed() -> None:
    network = Network()
    x = network.input("x", (2,), "i32")
    random = network.add("RANDOM_UNIFORM", [x], "r", (2, 3), "f32")
    model = network.build(network.add("RELU", [random]))
    assert not apply_rules(model, "RELU(ANY(x)) -> CUSTOM[Gone](x)").applications
    assert not apply_rules(model, "ANY(s: i32) where s.name != '' -> CUSTOM[Gone](s)").applications


def test_rules_run_in_the_bodies_of_control_flow_and_leave_their_interface_alone() -> None:
    outer, body, other = Network(), Network(), Network()
    flag, x = outer.input("flag", (1,), "bool"), outer.input()
    y = outer.add("IF", [flag, x], "y", (2, 3), "f32", attributes={"then_subgraph_index": 1, "else_subgraph_index": 2})
    inside = body.input("a")
    then = body.add("RELU", [body.add("ADD", [inside, body.constant("one", 1.0)], "b")], "c")
    negative = other.add("NEG", [other.add("NEG", [other.input("a")], "b")], "c")
    model = outer.build(y, others=[(body, [then]), (other, [negative])])
    values = np.array([[1, -2, 3], [-4, 5, -6]], np.float32)
    before = [run(model, np.array([flag]), values)[0] for flag in (True, False)]
    report = apply_rules(model, f"{FUSE}\nNEG(NEG(x)) -> x\nANY(f: bool, x) -> x")
    assert [each.subgraph for each in report.applications] == [1]
    # A body's input cannot become its output, so NEG(NEG(x)) stays; and IF is nobody's to replace.
    assert [each.reason for each in report.misses] == [
        "the root is the output 'c', and what replaces it cannot take its name"
    ]
    assert [[t.name for t in (*s.inputs, *s.outputs)] for s in model.subgraphs] == [
        ["flag", "x", "y"],
        ["a", "c"],
        ["a", "c"],
    ]
    after = [run(model, np.array([flag]), values)[0] for flag in (True, False)]
    assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))


def test_the_order_of_execution_stays_topological() -> None:
    network = Network()
    x = network.input()
    early = network.add("NEG", [x], "early")
    late = network.add("ABS", [early], "late")
    root = network.add("ADD", [early, late], "root")
    model = network.build(network.add("RELU", [root]))
    apply_rules(model, "ADD(a, b) -> SUB(MUL(a, b), MUL(b, a))")
    assert shown(model)[2:5] == ["root/1 = MUL(early, late)", "root/2 = MUL(late, early)", "root = SUB(root/1, root/2)"]


def test_a_capture_takes_the_place_of_the_root() -> None:
    model = chain("NEG", "RELU", "ABS")
    apply_rules(model, "RELU(x) -> x")
    assert shown(model) == ["t0 = NEG(x)", "t2 = ABS(t0)"]


def test_a_capture_takes_name_and_place_of_an_output() -> None:
    network = Network()
    x = network.input()
    inner = network.add("NEG", [x], "inner")
    model = network.build(network.add("RELU", [inner], "y"), network.add("ABS", [inner], "z"))
    subgraph = model.subgraphs[0]
    model.signatures.append(Signature("serve", subgraph, [("x", subgraph.inputs[0])], [("out", subgraph.outputs[0])]))
    model.modified = True
    model = read(model.to_bytes())
    apply_rules(model, "RELU(x) -> x")
    assert shown(model) == ["y = NEG(x)", "z = ABS(y)"]
    assert [each.name for each in model.subgraphs[0].outputs] == ["y", "z"]
    (signature,) = read(model.to_bytes()).signatures
    assert [(name, tensor.name) for name, tensor in signature.outputs] == [("out", "y")]


@pytest.mark.parametrize(
    ("operand", "rule"), [("x", "RELU(x) -> x"), ("c", "RELU(x) -> 0.0"), ("other", "RELU(x) -> x")]
)
def test_an_input_a_constant_or_another_output_cannot_become_an_output(operand: str, rule: str) -> None:
    network = Network()
    tensors = {"x": network.input("x", ()), "c": network.constant("c", 1.0)}
    tensors["other"] = network.add("NEG", [tensors["x"]], "other")
    model = network.build(tensors["other"], network.add("RELU", [tensors[operand]]))
    report = apply_rules(model, rule)
    assert shown(model)[1] == f"y = RELU({operand})"
    assert [each.reason for each in report.misses] == [
        "the root is the output 'y', and what replaces it cannot take its name"
    ]


def test_a_capture_of_another_type_or_shape_does_not_match() -> None:
    network = Network()
    x = network.input("x", (1, 3))
    y = network.add("ABS", [network.add("ADD", [x, network.constant("c", [[1.0], [2.0]])], "sum", (2, 3))], "y")
    model = network.build(y)
    report = apply_rules(model, "ADD(x, c) -> x\nADD(x, c) where x.rank == 2 -> c")
    assert [each.reason for each in report.misses] == [
        "the replacement is f32[1, 3], the root f32[2, 3]",
        "the replacement is f32[2, 1], the root f32[2, 3]",
    ]


def test_a_constant_takes_the_place_of_the_root() -> None:
    network = Network()
    half = network.constant("h", [1.0, 2.0], "f16")
    wide = network.add("DEQUANTIZE", [half], "wide", (2,), "f32")
    model = network.build(network.add("ADD", [network.input("x", (2,)), wide]))
    apply_rules(model, 'DEQUANTIZE(w: const f16) -> cast(w, "f32")')
    assert shown(model) == ["y = ADD(x, wide/1)"]
    assert value_of(model.subgraphs[0].operators[0].inputs[1]).tolist() == [1.0, 2.0]
    assert [each.name for each in model.subgraphs[0].tensors] == ["x", "y", "wide/1"]
    assert len(model.buffers) == 2, "the half-precision constant is gone"


def test_a_root_that_nobody_reads_leaves_nothing_behind() -> None:
    network = Network()
    x = network.input("x", (2,))
    network.add("DEQUANTIZE", [network.constant("h", [1.0, 2.0], "f16")], "unread", (2,), "f32")
    model = network.build(network.add("NEG", [x]))
    apply_rules(model, 'DEQUANTIZE(w: const f16) -> cast(w, "f32")')
    assert [each.name for each in model.subgraphs[0].tensors] == ["x", "y"]


def test_operators_that_lose_their_last_reader_go_and_custom_ones_stay() -> None:
    network = Network()
    x = network.input()
    dead = network.add("NEG", [network.add("CUSTOM[Maybe]", [x], "kept")], "dead")
    model = network.build(network.add("ADD", [x, dead]))
    apply_rules(model, "ADD(x, y) -> RELU(x)")
    assert shown(model) == ["kept = CUSTOM[Maybe](x)", "y = RELU(x)"]
    assert {code.name for code in model.operator_codes} == {"CUSTOM[Maybe]", "RELU"}


def test_unread_constants_are_dropped_and_shared_ones_are_not() -> None:
    network = Network()
    x = network.input()
    mine = network.constant("mine", [1.0, 2.0, 3.0])
    twin = network.constant("twin", [1.0, 2.0, 3.0], buffer=mine.buffer)
    lonely = network.constant("lonely", [4.0, 5.0, 6.0])
    first = network.add("ADD", [network.add("ADD", [x, mine], "a"), lonely], "b")
    model = network.build(network.add("SUB", [first, twin]))
    apply_rules(model, "ADD(x, c: const) -> RELU(x)")
    assert shown(model) == ["a = RELU(x)", "b = RELU(a)", "y = SUB(b, twin)"]
    assert len(model.buffers) == 2
    assert value_of(model.subgraphs[0].operators[2].inputs[1]).tolist() == [1.0, 2.0, 3.0]


def test_a_constant_is_never_changed_in_place() -> None:
    network = Network()
    x = network.input()
    c = network.constant("c", [1.0, 2.0, 3.0])
    model = network.build(network.add("SUB", [network.add("ADD", [x, c], "a"), c]))
    apply_rules(model, "ADD(x, c: const) -> MUL(x, c * 2.0 + 1.0)")
    first, second = model.subgraphs[0].operators
    assert value_of(first.inputs[1]).tolist() == [3.0, 5.0, 7.0]
    assert value_of(second.inputs[1]).tolist() == [1.0, 2.0, 3.0]


def test_an_old_operator_code_is_used_again_and_a_new_one_has_the_lowest_version() -> None:
    network = Network()
    x = network.input()
    inner = network.add("ADD", [x, x], "inner", version=1)
    model = network.build(network.add("MUL", [network.add("ADD", [inner, x], "other", version=2), x]))
    apply_rules(model, "MUL(x, y) -> ADD(x, y)")
    assert [each.code.version for each in model.operators()] == [1, 2, 1]
    assert sorted((code.name, code.version) for code in model.operator_codes) == [("ADD", 1), ("ADD", 2)]


@pytest.mark.parametrize(("dtype", "version"), [("f32", 1), ("i8", 2), ("i64", 4), ("i16", 5)])
def test_the_version_covers_the_operands(dtype: str, version: int) -> None:
    network = Network()
    quantized: dict[str, Any] = {"scale": 0.5} if dtype == "i8" else {}
    x = network.input("x", (2,), dtype, **quantized)
    result = network.tensor("y", (2,), dtype, **quantized)
    model = network.build(network.add("SUB", [x, x], result))
    apply_rules(model, "SUB(x, y) -> ADD(x, y)")
    assert [each.code.version for each in model.operators()] == [version]


def test_both_fields_of_the_operator_code_are_written() -> None:
    from ai_edge_litert import schema_py_generated as schema

    model = chain("RELU")
    apply_rules(model, "RELU(x) -> GELU(x)")
    code = (schema.ModelT.InitFromPackedBuf(model.to_bytes(), 0).operatorCodes or [])[0]
    assert (code.builtinCode, code.deprecatedBuiltinCode) == (schema.BuiltinOperator.GELU, 127)
    apply_rules(model, "GELU(x) -> NEG(x)")
    code = (schema.ModelT.InitFromPackedBuf(model.to_bytes(), 0).operatorCodes or [])[0]
    assert (code.builtinCode, code.deprecatedBuiltinCode) == (schema.BuiltinOperator.NEG,) * 2


def test_fresh_names_avoid_those_that_are_there() -> None:
    network = Network()
    x = network.input()
    network.add("NEG", [x], "y/1")
    model = network.build(network.add("ADD", [x, x], "y"), network.tensors[1])
    apply_rules(model, "ADD(x, y) -> SUB(RELU(x), RELU(y))")
    assert sorted(tensor.name for tensor in model.subgraphs[0].tensors) == ["x", "y", "y/1", "y/2", "y/3"]


def test_a_model_that_no_rule_matched_is_not_touched() -> None:
    model = chain("ADD", "NEG")
    before = model.to_bytes()
    assert not apply_rules(model, FUSE).applications
    assert model.to_bytes() == before
    assert not model.modified


def test_signature_tensors_are_never_dropped() -> None:
    model = chain("ADD", "RELU")
    subgraph = model.subgraphs[0]
    model.signatures.append(Signature("inner", subgraph, [("x", subgraph.inputs[0])], [("t", subgraph.tensors[2])]))
    model.modified = True
    model = read(model.to_bytes())
    apply_rules(model, FUSE)
    assert {each.rule for each in complaints(model)} == {"signature"}  # for `t0` is no output
    assert [tensor.name for _, tensor in model.signatures[0].outputs] == ["t0"]


def test_intermediates_of_an_operator_come_along_when_it_is_made_again() -> None:
    network = Network()
    x = network.input()
    made = network.add("CUSTOM[Cell]", [x], "c", custom=b"options")
    network.operators[-1].intermediates = [network.tensor("hidden")]
    model = network.build(network.add("NEG", [made]))
    apply_rules(model, "NEG(c = CUSTOM[Cell](x)) -> @c(RELU(x))")
    again = read(model.to_bytes()).subgraphs[0].operators[-1]
    assert (again.name, again.custom_options) == ("CUSTOM[Cell]", b"options")
    assert [each.name for each in again.intermediates if each is not None] == ["hidden"]


def test_a_replacement_that_could_not_stand_leaves_no_operator_code_behind() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("RELU", [x], "out"), network.add("NEG", [x], "negated"))
    text = "RELU(x) -> MUL(SUB(x, x), [1.0, 2.0, 3.0, 4.0, 5.0])\nNEG(x) -> ABS(x)"
    report = rewrite(model, compile_rules(text, "c.pat"))
    assert [each.rule.name for each in report.applications] == ["c:2"]
    assert len(report.misses) == 1
    assert sorted(code.name for code in read(model.to_bytes()).operator_codes) == ["ABS", "RELU"]


def test_a_list_without_elements_is_a_constant_although_it_has_no_bytes() -> None:
    network = Network()
    x = network.input("x", (1, 1))
    model = network.build(network.add("RESHAPE", [x, network.constant("s", [], "i32")], "y", ()))
    apply_rules(model, "RESHAPE(x: [1, 1], s: const) -> SQUEEZE(x)")
    assert shown(model) == ["y = SQUEEZE(x)"]

"""The checker compiles every rule of a file, names it, warns, and gives all mistakes at once."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.driver import rewrite
from rewriter.errors import LanguageError, LimitError
from rewriter.language.check import compile_rules
from rewriter.language.rules import Equality, Rule
from rewriter.model import read
from rewriter.wellformed import complaints
from tests.unit.networks import Network, run, shown

BOTH = """
op CUSTOM[Up](input, filter) -> output options struct { padding: i32 as Padding(SAME=1, VALID=2), size: i32 }
rule up
  CUSTOM[Up, padding=p](x: f32, w: const f32[_, _]) where x.rank == 2 <-> CUSTOM[Down](x, w)
"""


def warnings(text: str) -> list[tuple[int, int, str, str]]:
    return [
        (each.span.line, each.span.column, each.code, each.message) for each in compile_rules(text, "w.pat").warnings
    ]


def errors(text: str) -> list[tuple[str, str]]:
    with pytest.raises(LanguageError) as raised:
        compile_rules(text, "e.pat")
    return [(each.code, each.message) for each in raised.value.diagnostics]


def test_rules_are_named_by_the_text_or_after_file_and_line() -> None:
    rules = compile_rules(
        "rule first RELU(x) -> x\nNEG(x) -> x NEG(x) -> x\n\nABS(x) -> x", "some/folder/my.pat", pack="p"
    ).rules
    assert [rule.name for rule in rules] == ["first", "my:2", "my:2#2", "my:4"]
    assert [rule.qualified for rule in rules] == ["p.first", "p.my:2", "p.my:2#2", "p.my:4"]


def test_clauses_of_a_rule() -> None:
    (rule,) = compile_rules(
        'rule r "What it is for." RELU(x) -> x lossy within 1e-2 changes interface benefit -3 phase 2', "r.pat"
    ).rules
    assert (rule.doc, rule.benefit, rule.phase, rule.changes_interface) == ("What it is for.", -3, 2, True)
    assert rule.equality == Equality("within", 1e-2, True)
    written = {
        "": "equal",
        "equal exact": "equal exact",
        "equal within 1e-5": "equal within 1e-05",
        "equal within 4 ulp": "equal within 4 ulp",
        "equal within 1 step": "equal within 1 step",
        "lossy within 0.5": "lossy within 0.5",
    }
    for text, shown_as in written.items():
        (rule,) = compile_rules(f"RELU(x) -> x {text}", "r.pat").rules
        assert str(rule.equality) == shown_as


def test_both_directions_of_a_rule_hold_types_and_conditions() -> None:
    text = BOTH.replace("[Up, padding=p]", "[Up, padding=SAME, size=2]")
    forward, backward = compile_rules(text, "b.pat").rules
    assert (forward.name, forward.used) == ("up.forward", True)
    assert (backward.name, backward.used) == ("up.backward", False)
    network = Network()
    x = network.input()
    model = network.build(network.add("CUSTOM[Down]", [x, network.constant("w", [[1.0]])]))
    rewrite(model, [forward])
    assert shown(model) == ["y = CUSTOM[Down](x, w)"], "the forward direction has nothing to do"
    for constant, fits in (([[1.0]], True), ([1.0], False)):
        network = Network()
        model = network.build(network.add("CUSTOM[Down]", [network.input(), network.constant("w", constant)]))
        frame = backward.program.run(model.subgraphs[0].operators[0])
        assert (frame is not None) == fits


def test_a_name_that_one_side_alone_binds_is_an_error_whatever_was_warned_of() -> None:
    assert errors("CONV_2D(x, y, b) <-> RELU(x)")[0] == ("E301", "the left side binds no 'y'")


def test_a_warning_does_not_hide_the_other_direction() -> None:
    rules = compile_rules("LEAKY_RELU(x) <-> RELU(x)", "w.pat")
    assert [each.code for each in rules.warnings] == ["W402"]
    assert [rule.name for rule in rules] == ["w:1.forward", "w:1.backward"]


def test_a_mistake_of_both_directions_is_reported_once() -> None:
    assert errors("CONV_2D[stride=1](x, w) <-> CONV_2D(x, w)") == [("E203", "unknown attribute 'stride' of CONV_2D")]


def test_a_pack_chooses_what_it_uses() -> None:
    both = BOTH.replace("[Up, padding=p]", "[Up, padding=SAME, size=2]")
    text = f'pack mine "Doc."\n  uses up.backward\n{both}rule other RELU(x) -> x'
    rules = compile_rules(text, "m.pat", pack="mine")
    assert {rule.name: rule.used for rule in rules} == {"up.forward": False, "up.backward": True, "other": False}
    assert rules.doc == "Doc."


def test_a_rule_to_use_that_does_not_exist_is_an_error_beside_warnings() -> None:
    found = errors("pack mine uses bb ADD(x, y) -> x")
    assert found == [("E241", "there is no rule 'bb' to use")]


def test_captures_that_nobody_uses_are_warned_of() -> None:
    assert warnings("NEG(x) -> RELU(x)") == []
    assert warnings("MAXIMUM(x, y) -> RELU(x)") == [(1, 12, "W401", "'y' is captured and never used in w:1")]
    assert warnings("MAXIMUM(x, _y) -> RELU(x)") == []
    assert warnings("MAXIMUM(x, x) -> RELU(x)") == []


def test_attributes_that_are_dropped_are_warned_of() -> None:
    assert warnings("LEAKY_RELU(x) -> RELU(x)") == [(1, 1, "W402", "w:1 drops alpha of LEAKY_RELU")]
    assert warnings("LEAKY_RELU[alpha=_](x) -> RELU(x)") == []
    assert warnings("c = LEAKY_RELU(NEG(x)) -> @c(x)") == []
    assert warnings("MAX_POOL_2D(x) -> AVERAGE_POOL_2D(x)") == []
    (found,) = warnings("MAX_POOL_2D(LEAKY_RELU(x)) -> AVERAGE_POOL_2D(x)")
    assert found == (1, 13, "W402", "w:1 drops alpha of LEAKY_RELU")


def test_all_mistakes_of_a_file_come_in_the_order_of_the_text() -> None:
    text = "RELUU(x) -> x\nRELU(x) -> NEG(z)\nop CUSTOM[f](x) -> output\nADD(x: f33, y) where q > 1 -> ADD(x, y * 2)"
    with pytest.raises(LanguageError) as raised:
        compile_rules(text, "e.pat")
    found = [(each.span.line, each.span.column, each.code) for each in raised.value.diagnostics]
    assert found == [(1, 1, "E201"), (2, 16, "E301"), (3, 14, "E221"), (4, 8, "E207"), (4, 22, "E301"), (4, 38, "E304")]
    assert all(each.hint for each in raised.value.diagnostics)


def test_a_name_lost_to_another_mistake_is_not_reported_as_unbound() -> None:
    assert errors("ADD(unknown(x), y) where x.rank == 2 -> ADD(x, y)") == [("E251", "there is no pattern 'unknown'")]


def test_declarations_may_stand_behind_their_use() -> None:
    text = "CUSTOM[f, size=s](x) -> x\nop CUSTOM[f](aa) -> output options struct { size: i32 }"
    assert len(compile_rules(text, "d.pat")) == 1


def test_an_operator_is_looked_up_elsewhere_where_the_file_does_not_declare_it() -> None:
    declared = compile_rules("op CUSTOM[f](aa) -> output options struct { size: i32 }", "d.pat").declarations
    assert len(compile_rules("CUSTOM[f, size=s](x) -> x", "u.pat", elsewhere=declared.get)) == 1
    with pytest.raises(LanguageError):
        compile_rules("CUSTOM[g, size=s](x) -> x", "u.pat", elsewhere=declared.get)


OPERANDS = st.recursive(
    st.sampled_from(["x", "y", "x", "_", "2.0", "x: f32", "y: const", "c: const f32[n]", "x: [..., n]", "0.0"]),
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(["RELU", "NEG", "RELU6", "r = RELU"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["ADD", "MUL", "SUB", "MAXIMUM", "(ADD|SUB)"]), inner, inner),
    ),
    max_leaves=3,
)
LEFT = st.one_of(
    st.builds("{}({})".format, st.sampled_from(["RELU", "NEG", "ANY"]), OPERANDS),
    st.builds("{}({}, {})".format, st.sampled_from(["ADD", "MUL", "SUB", "s = ADD", "(ADD|MUL)"]), OPERANDS, OPERANDS),
)
VALUES = st.sampled_from(
    ["x", "y", "x", "c", "2.0", "c * 2", "x.shape", "n", "0.0", "[1, 2, 3]", "sum(c)", "[1]:i32", "2:f16"]
)
RIGHT = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(["RELU", "RELU6", "@r"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["ADD", "MUL", "SUB", "@s"]), inner, inner),
    ),
    max_leaves=4,
)
RULES = st.builds(
    "{} {} -> {}{}".format,
    LEFT,
    st.sampled_from(["", "where x.rank == 2", "where x.uses == 1"]),
    RIGHT,
    st.sampled_from(["", "", " shared"]),
)


def _model(choices: list[int]) -> Network:
    network = Network()
    tensors = [network.input(), network.constant("c", [1.0, 2.0, 3.0]), network.constant("z", 0.0)]
    names = ["RELU", "ADD", "NEG", "SUB", "MUL"]
    for place, choice in enumerate(choices):
        name = names[choice % 5]
        first = tensors[0] if place == 0 else tensors[3 + choice % place]
        second = tensors[choice // 5 % len(tensors)]
        network.add(name, [first, second] if name in ("ADD", "SUB", "MUL") else [first], f"t{place}", (2, 3))
        tensors.append(network.operators[-1].outputs[0])
    return network


@given(
    st.lists(RULES, min_size=1, max_size=3), st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.integers(0, 5)
)
def test_any_rules_on_any_model_leave_one_that_loads(rules: list[str], choices: list[int], other: int) -> None:
    compiled: list[Rule] = []
    for text in rules:
        try:
            compiled += compile_rules(text, "r.pat").rules
        except LanguageError:
            continue
    network = _model(choices)
    results = {network.operators[-1].outputs[0], network.operators[other % len(network.operators)].outputs[0]}
    model = network.build(*sorted(results, key=lambda tensor: tensor.name))
    # At the limit the model is half rewritten, and still a graph.
    with suppress(LimitError):
        rewrite(model, compiled, max_steps=30)
    assert complaints(model) == []
    again = read(model.to_bytes())
    assert complaints(again) == []
    # What the runtime's kernels take of types is not declared yet; shapes are.
    if all(tensor.dtype == "f32" for tensor in again.subgraphs[0].tensors):
        assert [each.shape for each in run(again, np.ones((2, 3), np.float32))] == [
            each.shape for each in again.subgraphs[0].outputs
        ]

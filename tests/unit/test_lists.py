"""Operands of any number: lists, patterns that all of them match, and what is made of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.driver import rewrite
from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from tests.unit.networks import Network, apply_rules, run, shown, value_of
from tests.unit.test_matcher import matches

if TYPE_CHECKING:
    from rewriter.model import Model


def nested() -> Model:
    """out = CONCATENATION(inner, z), inner = CONCATENATION(x, y)."""
    network = Network()
    x, y, z = network.input(), network.input("y"), network.input("z")
    inner = network.add("CONCATENATION", [x, y], "inner", (4, 3), attributes={"axis": 0})
    return network.build(network.add("CONCATENATION", [inner, z], "out", (6, 3), attributes={"axis": 0}))


def mapped(*kinds: str, result: str = "CONCATENATION") -> Model:
    """out = CONCATENATION(r0, ..), where r0 is what the first operator makes of the input x0; ADD adds a constant."""
    network = Network()
    operands = [network.input(f"x{place}") for place in range(len(kinds))]
    made = [
        network.add(
            kind, [operand, network.constant(f"k{place}", float(place))] if kind == "ADD" else [operand], f"r{place}"
        )
        for place, (kind, operand) in enumerate(zip(kinds, operands, strict=True))
        if kind
    ]
    attributes = {"axis": 0} if result == "CONCATENATION" else None
    return network.build(network.add(result, made, "out", (2 * len(made), 3), "f32", attributes=attributes))


def rewritten(model: Model, rule: str) -> list[str]:
    """The operators after one application."""
    assert len(apply_rules(model, rule).applications) == 1
    return shown(model)


def reason(model: Model, rule: str) -> str:
    """Why a replacement cannot stand."""
    before = shown(model)
    (miss,) = apply_rules(model, rule).misses
    assert shown(model) == before
    return miss.reason


FLAT = "CONCATENATION[axis=a](CONCATENATION[axis=a](xs...), ys...)"


def test_a_list_is_spread_into_the_operands() -> None:
    model = nested()
    operands = [np.full((2, 3), value, np.float32) for value in (1, 2, 3)]
    (before,) = run(model, *operands)
    assert rewritten(model, f"{FLAT} -> CONCATENATION[axis=a](xs..., ys...)") == ["out = CONCATENATION(x, y, z)"]
    assert np.array_equal(before, run(model, *operands)[0])


@pytest.mark.parametrize(
    ("operands", "made"),
    [
        ("xs...", "x, y"),
        ("ys..., xs...", "z, x, y"),
        ("xs[1:]..., xs[0], ys[0]", "y, x, z"),
        ("xs[-1], ys...", "y, z"),
        ("xs[:1]..., xs[:1]...", "x, x"),
        ("ys[1:]..., xs[0]", "x"),
        ("xs[5:]..., xs[0:9]...", "x, y"),
        ("xs[:-1]...", "x"),
        ("xs[len(ys)]", "y"),
    ],
)
def test_parts_of_lists(operands: str, made: str) -> None:
    assert rewritten(nested(), f"{FLAT} -> CUSTOM[M]({operands})") == [f"out = CUSTOM[M]({made})"]


@pytest.mark.parametrize(
    ("operands", "why"),
    [
        ("xs[2], ys...", "the list has 2 elements, and none at 2"),
        ("xs[-3], ys...", "the list has 2 elements, and none at -3"),
        ("xs[0.5], ys...", "the list has 2 elements, and none at 0.5"),
        ("ADD(xs, ys)...", "lists of 1 and 2 elements cannot be gone through together"),
        ("xs..., CONCATENATION[axis=9](ys...)", "CONCATENATION: axis 9 is not one of 2"),
    ],
)
def test_a_part_that_is_not_there_is_a_reason(operands: str, why: str) -> None:
    assert reason(nested(), f"{FLAT} -> CUSTOM[M]({operands})") == why


@pytest.mark.parametrize(
    ("condition", "matched"),
    [
        ("len(xs) == 2, len(ys) == 1", True),
        ("len(xs) == 1", False),
        ('xs[0].name == "x", xs[-1].name == "y", ys[0].name == "z"', True),
        ('xs[1:].name == ["y"], xs.name == ["x", "y"]', True),
        ("xs.shape == [[2, 3], [2, 3]], xs[0].shape[1] == 3", True),
        ("all(xs.is_input)", True),
        ("any(xs.is_const)", False),
        ("sum(xs.rank) == 4, max(xs.rank) == min(xs.rank)", True),
        ("xs[2].rank == 2", False),
        ("xs[2:].rank == []", True),
        ("len(xs[1:]) == 1", True),
        ("xs.dtype == ys.dtype", False),
        ("xs[0].dtype == ys[0].dtype", True),
        ("xs[a].rank == 2", True),
        ("xs[a + 0.5].rank == 2", False),
        ("xs[a:a + 0.5].rank == [2]", False),
        ("xs[xs[0].rank].rank == 2", False),
    ],
)
def test_what_can_be_asked_of_a_list(condition: str, matched: bool) -> None:
    assert matches(nested(), f"{FLAT} where {condition}") == ["out"] * matched


@pytest.mark.parametrize(
    ("pattern", "condition"),
    [
        ("xs...", "len(xs) == 3"),
        ("a, xs...", 'a.name == "r0", len(xs) == 2'),
        ("xs..., a", 'a.name == "r2", len(xs) == 2'),
        ("a, xs..., b, c", "len(xs) == 0"),
        ("a, b, c", "a.rank == 2"),
        ("xs..., ys...", "len(xs) == 0, len(ys) == 3"),
        ("xs..., NEG(a), ys...", 'a.name == "x1", len(xs) == 1, len(ys) == 1'),
        ("xs..., RELU(a), ys...", "len(xs) == 0, len(ys) == 2"),
        ("xs..., RELU(a), ys...", "len(xs) == 2, len(ys) == 0"),
        ("(RELU(xs) | NEG(xs))...", 'xs.name == ["x0", "x1", "x2"]'),
        ("(RELU|NEG)(xs)...", "len(xs) == 3"),
        ("RELU(xs)..., ys...", 'xs.name == ["x0"], len(ys) == 2'),
        ("ys..., RELU(xs)...", 'len(ys) == 2, xs.name == ["x2"]'),
        ("_, xs...: f32[2, n]", "n == 3, len(xs) == 2"),
        ("rs = ANY(xs)...", 'rs.name == ["r0", "r1", "r2"], rs[1].op == NEG'),
        ("rs = ANY(xs)...: [n, _]", "n == 2, rs.uses == [1, 1, 1]"),
        ("ANY(xs: [n, _])...", "n == [2, 2, 2]"),
    ],
)
def test_operands_are_divided_in_any_way_that_matches(pattern: str, condition: str) -> None:
    assert matches(mapped("RELU", "NEG", "RELU"), f"CONCATENATION({pattern}) where {condition}") == ["out"]


@pytest.mark.parametrize(
    "pattern",
    [
        "RELU(xs)...",
        "a, b, c, d, xs...",
        "a, b",
        "xs...: f32[2, 4]",
        "xs...: const",
        "xs..., RELU(a), b, c, d",
        "a",
        "RELU(xs)..., NEG(ys)...",
        "xs..., NEG(a), NEG(b), ys...",
        "ANY(xs: [3, _])...",
        "RELU(a), xs..., RELU(xs)...",
    ],
)
def test_operands_that_do_not_fit_are_no_match(pattern: str) -> None:
    assert matches(mapped("RELU", "NEG", "RELU"), f"CONCATENATION({pattern})") == []


def test_a_mapped_list_has_at_least_one_element_and_a_plain_one_may_have_none() -> None:
    model = mapped(result="CUSTOM[V]")
    assert matches(model, "CUSTOM[V](xs...) where len(xs) == 0, xs.rank == [], all(xs.is_const)") == ["out"]
    assert matches(model, "CUSTOM[V](xs...) where xs[0].rank == 2") == []
    assert matches(model, "CUSTOM[V](ANY(xs)...)") == []
    assert matches(model, "CUSTOM[V](x)") == []
    assert rewritten(model, "CUSTOM[V](xs...) -> CUSTOM[W](xs..., xs...)") == ["out = CUSTOM[W]()"]
    assert reason(model, "CUSTOM[W](xs...) -> CONCATENATION(xs...)")


def test_one_element_is_a_list_too() -> None:
    assert rewritten(mapped("RELU"), "CONCATENATION(xs...) where len(xs) == 1 -> xs[0]") == ["out = RELU(x0)"]
    assert rewritten(mapped("RELU"), "CONCATENATION(RELU(xs)...) -> NEG(xs[0])") == ["out = NEG(x0)"]
    assert rewritten(mapped("RELU"), "CONCATENATION(x) -> x") == ["out = RELU(x0)"]


def test_absent_operands_are_elements_of_a_plain_list_only() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("CUSTOM[V]", [x, None, x], "out"))
    assert matches(model, "CUSTOM[V](xs...) where len(xs) == 3") == ["out"]
    assert matches(model, "CUSTOM[V](xs...) where xs.rank == [2, 2, 2]") == []
    assert matches(model, "CUSTOM[V](xs...) where xs[0].rank == 2, xs[1:2].rank == [2]") == []
    assert matches(model, "CUSTOM[V](xs...: f32[n, 3]) where n == 2") == ["out"]
    assert matches(model, "CUSTOM[V](xs..., absent, y)") == ["out"]
    assert matches(model, "CUSTOM[V](xs..., y?, z) where y is absent") == ["out"]
    assert matches(model, "CUSTOM[V](xs..., y, z)") == []
    assert rewritten(model, "CUSTOM[V](xs...) -> CUSTOM[W](xs[1:]..., xs[1], xs[0])") == [
        "out = CUSTOM[W](absent, x, absent, x)"
    ]


def test_optional_operands_under_a_mapped_pattern_are_absent_one_by_one() -> None:
    network = Network()
    x, w, b = network.input("x", (1, 4)), network.constant("w", np.ones((3, 4))), network.constant("b", np.ones(3))
    layers = [
        network.add("FULLY_CONNECTED", [x, w, *bias], f"f{place}", (1, 3)) for place, bias in enumerate(([b], [], [b]))
    ]
    model = network.build(network.add("CONCATENATION", layers, "out", (3, 3), attributes={"axis": 0}))
    rule = "CONCATENATION[axis=a](fs = FULLY_CONNECTED(xs, ws, bs?: [n])...)"
    assert matches(model, f"{rule} where len(bs) == 3, n[0] == 3, n[2] == 3") == ["out"]
    assert matches(model, f"{rule} where n[1] == 3") == []
    assert matches(model, f"{rule} where bs[1].rank == 1") == []
    assert rewritten(model, f"{rule} -> CONCATENATION[axis=a](RELU(@fs(NEG(xs), ws, bs))...)") == [
        "out/1 = NEG(x)",
        "out/2 = FULLY_CONNECTED(out/1, w, b)",
        "out/3 = RELU(out/2)",
        "out/4 = NEG(x)",
        "out/5 = FULLY_CONNECTED(out/4, w)",
        "out/6 = RELU(out/5)",
        "out/7 = NEG(x)",
        "out/8 = FULLY_CONNECTED(out/7, w, b)",
        "out/9 = RELU(out/8)",
        "out = CONCATENATION(out/3, out/6, out/9)",
    ]


def test_every_way_of_every_element_is_tried() -> None:
    network = Network()
    x, y = network.input(), network.input("y")
    sums = [network.add("ADD", pair, f"s{place}") for place, pair in enumerate(([x, y], [y, x], [x, x]))]
    model = network.build(network.add("CUSTOM[V]", sums, "out"))
    pattern = "CUSTOM[V](ADD(xs, ys)...) where "
    assert matches(model, pattern + 'xs.name == ["x", "y", "x"], ys.name == ["y", "x", "x"]') == ["out"]
    assert matches(model, pattern + 'xs.name == ["y", "y", "x"]') == ["out"]
    assert matches(model, pattern + 'xs.name == ["y", "x", "x"], ys.name == ["x", "y", "x"]') == ["out"]
    assert matches(model, pattern + 'xs.name == ["y", "y", "y"]') == []
    assert matches(model, "CUSTOM[V](ADD(xs, ys)..., ADD(z, z))") == ["out"]


def test_lists_of_one_name_have_the_same_elements() -> None:
    network = Network()
    x, y, z = network.input(), network.input("y"), network.input("z")
    one = network.add("CUSTOM[V]", [x, y], "one")
    for name, operands in {"same": [x, y], "longer": [x, y, z], "other": [x, z], "turned": [y, x]}.items():
        network.add("CUSTOM[W]", [one, network.add("CUSTOM[V]", operands, f"v_{name}")], name)
    model = network.build(*(operator.outputs[0] for operator in network.operators))
    pattern = "CUSTOM[W](CUSTOM[V](xs...), CUSTOM[V](xs...))"
    (rule,) = compile_rules(f"{pattern} -> CUSTOM[M](xs...) shared", "l.pat").rules
    assert [
        each.outputs[0].name for each in model.operators() if each.name == "CUSTOM[W]" and rule.program.run(each)
    ] == ["same"]


def test_something_is_made_of_every_element() -> None:
    rule = "CONCATENATION[axis=a](RELU(xs)...) -> RELU(CONCATENATION[axis=a](xs...))"
    model = mapped("RELU", "RELU")
    operands = [np.array([[1, -2, 3], [-4, 5, -6]], np.float32), np.ones((2, 3), np.float32)]
    (before,) = run(model, *operands)
    assert rewritten(model, rule) == ["out/1 = CONCATENATION(x0, x1)", "out = RELU(out/1)"]
    assert np.array_equal(before, run(model, *operands)[0])
    assert not apply_rules(mapped("RELU", "NEG"), rule).applications
    back = "RELU(CONCATENATION[axis=a](xs...)) -> CONCATENATION[axis=a](RELU(xs)...)"
    assert rewritten(model, back) == ["out/2 = RELU(x0)", "out/3 = RELU(x1)", "out = CONCATENATION(out/2, out/3)"]


def test_constants_are_computed_for_every_element() -> None:
    model = mapped("ADD", "ADD")
    rule = "CONCATENATION[axis=a](ADD(xs, cs: const)...) -> CONCATENATION[axis=a](SUB(xs, cs * 2.0 + 1.0)...)"
    assert rewritten(model, rule)[-1] == "out = CONCATENATION(out/2, out/4)"
    subtractions = list(model.operators())[:2]
    assert [each.name for each in subtractions] == ["SUB", "SUB"]
    assert [float(value_of(each.inputs[1])) for each in subtractions] == [1.0, 3.0]


def test_attributes_under_a_mapped_pattern_are_lists_and_go_back_one_by_one() -> None:
    network = Network()
    slopes = [
        network.add("LEAKY_RELU", [network.input(f"x{place}")], f"r{place}", attributes={"alpha": alpha})
        for place, alpha in enumerate((0.5, 0.25))
    ]
    model = network.build(network.add("CONCATENATION", slopes, "out", (4, 3), attributes={"axis": 0}))
    pattern = "CONCATENATION[axis=a](rs = LEAKY_RELU[alpha=al](xs)...)"
    assert matches(model, f"{pattern} where al == [0.5, 0.25], rs.alpha == al, rs[1].alpha == 0.25") == ["out"]
    assert matches(model, f'{pattern} where al[0] == 0.25 or attr(rs, "alpha") == [0.25, 0.5]') == []
    rewritten(model, f"{pattern} -> CUSTOM[M](LEAKY_RELU[alpha=al * 2](NEG(xs))...)")
    made = [each for each in model.operators() if each.name == "LEAKY_RELU"]
    assert [(each.options or {})["alpha"] for each in made] == [1.0, 0.5]


def test_what_computes_a_list_can_be_made_again_whatever_it_turned_out_to_be() -> None:
    for pattern in ("(RELU(xs) | NEG(xs))", "(RELU|NEG)(xs)", "ANY(xs)"):
        rule = f"CONCATENATION[axis=a](rs = {pattern}...) where len(xs) == 2, rs[0].op != ABS"
        model = mapped("RELU", "NEG")
        assert rewritten(model, f"{rule} -> CUSTOM[M](@rs(ABS(xs))...)") == [
            "out/1 = ABS(x0)",
            "out/2 = RELU(out/1)",
            "out/3 = ABS(x1)",
            "out/4 = NEG(out/3)",
            "out = CUSTOM[M](out/2, out/4)",
        ]


def test_what_computes_a_list_stays_where_the_replacement_reads_it() -> None:
    model = mapped("RELU", "NEG")
    rule = "CONCATENATION(rs = (RELU(xs) | NEG(xs))...) -> CUSTOM[M](rs[1:]..., xs...)"
    assert rewritten(model, rule) == ["r1 = NEG(x1)", "out = CUSTOM[M](r1, x0, x1)"]


def test_shapes_that_a_file_keeps_as_attributes_are_constants_in_lists_too() -> None:
    def reshaped() -> Model:
        network = Network()
        results = [
            network.add("RESHAPE", [network.input(f"x{n}")], f"r{n}", (1, 6), attributes={"new_shape": [1, -1]})
            for n in range(2)
        ]
        return network.build(network.add("CONCATENATION", results, "out", (2, 6), attributes={"axis": 0}))

    for operands, made in {
        "ss..., xs...": "out/1, out/2, x0, x1",
        "ss[1], xs...": "out/1, x0, x1",
        "ss[:1]..., ss[0], xs...": "out/1, out/1, x0, x1",
    }.items():
        model = reshaped()
        rule = f"CONCATENATION(RESHAPE(xs, ss)...) where all(ss.is_const) -> CUSTOM[M]({operands})"
        assert rewritten(model, rule) == [f"out = CUSTOM[M]({made})"]
        shape = next(iter(model.operators())).inputs[0]
        assert value_of(shape).tolist() == [1, -1]


def test_an_item_given_a_name_before_is_the_same_for_every_element() -> None:
    rule = "CONCATENATION[axis=a](RELU(xs)...) -> s = xs[0]; CUSTOM[M](ADD(xs, s)...)"
    assert rewritten(mapped("RELU", "RELU"), rule) == [
        "out/1 = ADD(x0, x0)",
        "out/2 = ADD(x1, x0)",
        "out = CUSTOM[M](out/1, out/2)",
    ]
    rule = "CONCATENATION[axis=a](RELU(xs)...) -> s = ABS(xs[-1]); CUSTOM[M](ADD(xs, s)...)"
    assert rewritten(mapped("RELU", "RELU"), rule)[:2] == ["out/1 = ABS(x1)", "out/2 = ADD(x0, out/1)"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CONCATENATION(RELU(xs)...) -> xs", "E249"),
        ("CONCATENATION(RELU(xs)...) -> CUSTOM[M](xs)", "E249"),
        ("CONCATENATION(rs = RELU(xs)...) -> @rs(xs[0])", "E249"),
        ("CONCATENATION(RELU(xs)...) -> CUSTOM[M](ADD(xs, xs[0])...)", "E249"),
        ("CONCATENATION(RELU(xs)...) -> CUSTOM[M](xs[1:])", "E249"),
        ("CONCATENATION(RELU(x)..., x)  -> CUSTOM[M](x...)", "E214"),
        ("CONCATENATION(a, b) -> CUSTOM[M](RELU(a)...)", "E249"),
        ("CONCATENATION(CONCATENATION(xs...)...) -> CUSTOM[M]()", "E249"),
        ("CONCATENATION(xs...) where xs == 1 -> CUSTOM[M](xs...)", "E346"),
        ("CONCATENATION(xs...) where xs[0] == 1 -> CUSTOM[M](xs...)", "E346"),
        ("CONCATENATION(xs...) where xs.stride == 1 -> CUSTOM[M](xs...)", "E343"),
        ("CONCATENATION(xs...) -> xs + 1.0", "E304"),
    ],
)
def test_what_a_list_cannot_be_is_found_without_a_model(text: str, code: str) -> None:
    with pytest.raises(LanguageError) as caught:
        compile_rules(text, "l.pat")
    assert [each.code for each in caught.value.diagnostics] == [code]


def test_a_rule_of_lists_works_in_both_directions() -> None:
    both = "rule r CONCATENATION[axis=a](RELU(xs)...) <-> RELU(CONCATENATION[axis=a](xs...))"
    forward, backward = compile_rules(both, "l.pat").rules
    model = mapped("RELU", "RELU")
    assert len(rewrite(model, [forward]).applications) == 1
    assert shown(model) == ["out/1 = CONCATENATION(x0, x1)", "out = RELU(out/1)"]
    assert len(rewrite(model, [backward]).applications) == 1
    assert shown(model) == ["out/2 = RELU(x0)", "out/3 = RELU(x1)", "out = CONCATENATION(out/2, out/3)"]

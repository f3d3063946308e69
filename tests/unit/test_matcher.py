"""A pattern matches what the language says it matches, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rewriter.language.check import compile_rules
from rewriter.matcher import Matcher
from rewriter.model import Model, Tensor
from tests.unit.networks import Network


def matches(model: Model, pattern: str, *, declarations: str = "") -> list[str]:
    """The results of the operators at which a pattern matches; `->` what is behind it does not matter."""
    (rule,) = compile_rules(f"{declarations}\nrule r\n{pattern} -> CUSTOM[Matched]()", "m.pat").rules
    matcher = Matcher([rule])
    return [operator.outputs[0].name for operator in model.operators() if matcher.match(operator) is not None]


def binary(name: str = "ADD", *, left: Any = None, right: Any = None, **attributes: object) -> Model:
    """y = name(x, c); a side that is given is a constant."""
    network = Network()
    x = network.input() if left is None else network.constant("x", left)
    c = network.input("c") if right is None else network.constant("c", right)
    return network.build(network.add(name, [x, c], attributes=attributes or None))


def conv(*, bias: bool = True, version: int = 1, **attributes: object) -> Model:
    network = Network()
    x = network.input("x", (1, 8, 8, 2))
    w = network.constant("w", np.ones((4, 3, 3, 2)))
    b = network.constant("b", np.ones(4)) if bias else None
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 1, "fused_activation_function": "NONE"} | attributes
    return network.build(
        network.add("CONV_2D", [x, w, b] if bias else [x, w], "y", (1, 4, 8, 4), attributes=given, version=version)
    )


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("ADD(x, x)", True),
        ("ADD(x, _)", True),
        ("ADD(..)", True),
        ("ADD(_, _)", True),
        ("RELU(_)", False),
        ("r = ANY(..) where r.op != 'CUSTOM[Matched]'", True),
        ("ANY(x, y)", True),
        ("ANY(x)", False),
        ("ANY(x, y, z?)", True),
        ("(ADD|SUB)(x, y)", True),
        ("(SUB|MUL)(x, y)", False),
    ],
)
def test_an_operator_and_its_operands(pattern: str, matched: bool) -> None:
    network = Network()
    x = network.input()
    assert matches(network.build(network.add("ADD", [x, x])), pattern) == ["y"] * matched


def test_a_name_written_twice_is_one_tensor_or_equal_constants() -> None:
    network = Network()
    x, z = network.input(), network.input("z")
    one = network.constant("one", [1.0, 2.0, 3.0])
    same = network.constant("same", [1.0, 2.0, 3.0])
    other = network.constant("other", [1.0, 2.0, 4.0])
    integers = network.constant("integers", np.array([1, 2, 3], np.float32).view(np.int32), "i32")
    shaped = network.constant("shaped", [[1.0, 2.0, 3.0]])
    quantized = network.constant("quantized", [1.0, 2.0, 3.0], scale=0.5)
    pairs = {"y1": (one, same), "y2": (one, other), "y3": (one, integers), "y4": (one, shaped), "y5": (one, quantized)}
    results = [network.add("MUL", list(pair), name) for name, pair in pairs.items()]
    results += [network.add("MUL", [x, z], "y6"), network.add("MUL", [x, x], "y7")]
    assert matches(network.build(*results), "MUL(a, a)") == ["y1", "y7"]


@pytest.mark.parametrize(("name", "swapped"), [("ADD", True), ("MUL", True), ("SUB", False)])
def test_only_commutative_operands_match_in_either_order(name: str, swapped: bool) -> None:
    model = binary(name, left=[1.0, 2.0, 3.0])
    assert matches(model, f"{name}(c: const, x)") == ["y"]
    assert matches(model, f"{name}(x, c: const)") == ["y"] * swapped
    assert matches(model, f"{name}(lhs=x, rhs=c: const)") == []
    assert matches(model, f"{name}(rhs=x, lhs=c: const)") == ["y"]


def test_in_a_set_only_the_commutative_operators_match_in_either_order() -> None:
    assert matches(binary("SUB", left=[1.0, 2.0, 3.0]), "(ADD|SUB)(x, c: const)") == []
    assert matches(binary("ADD", left=[1.0, 2.0, 3.0]), "(SUB|ADD)(x, c: const)") == ["y"]


def test_every_order_is_tried_before_a_match_is_given_up() -> None:
    network = Network()
    x, z = network.input(), network.input("z")
    inner = network.add("MUL", [z, x], "inner")
    first = network.add("ADD", [x, inner], "first")
    second = network.add("ADD", [network.add("MUL", [x, z], "other"), first], "second")
    # Outer and inner orders have to be turned both, and the condition decides at the very end.
    assert matches(network.build(second), 'ADD(ADD(MUL(a, b), a), _) where a.name == "x", b.name == "z"') == ["second"]
    assert matches(network.build(second), 'ADD(ADD(MUL(a, b), a), _) where a.name == "z"') == []


def test_of_several_matches_the_written_order_counts() -> None:
    network = Network()
    x, z = network.input(), network.input("z")
    model = network.build(network.add("ADD", [x, z]))
    (rule,) = compile_rules("ADD(a, b) -> CUSTOM[M](a)", "m.pat").rules
    found = Matcher([rule]).match(model.subgraphs[0].operators[0])
    assert found is not None
    frame = rule.program.run(model.subgraphs[0].operators[0])
    assert found[1] == frame
    assert frame is not None
    assert [each.name for each in frame if isinstance(each, Tensor)] == ["y", "x", "z"]


def test_a_trailing_optional_operand_that_is_not_written_must_be_absent() -> None:
    assert matches(conv(bias=True), "CONV_2D(x, w)") == []
    assert matches(conv(bias=False), "CONV_2D(x, w)") == ["y"]
    assert matches(conv(bias=True), "CONV_2D(x, w, b)") == ["y"]
    assert matches(conv(bias=False), "CONV_2D(x, w, b)") == []
    for bias in (True, False):
        assert matches(conv(bias=bias), "CONV_2D(x, w, b?)") == ["y"]
        assert matches(conv(bias=bias), "CONV_2D(x, w, absent)") == ["y"] * (not bias)
        assert matches(conv(bias=bias), "CONV_2D(x, w, b?) where b is absent") == ["y"] * (not bias)
        assert matches(conv(bias=bias), "CONV_2D(x, w, b?) where b is not absent") == ["y"] * bias
        assert matches(conv(bias=bias), "CONV_2D(x, filter=w, bias=b?: f32)") == ["y"]


def test_an_optional_operand_that_is_absent_binds_no_dimension() -> None:
    assert matches(conv(bias=False), "CONV_2D(bias=b?: f32[o], input=x, filter=w: [o, _, _, _])") == ["y"]
    assert matches(conv(bias=True), "CONV_2D(bias=b?: f32[o], input=x, filter=w: [o, _, _, _])") == ["y"]
    assert matches(conv(bias=True), "CONV_2D(bias=b?: f32[o], input=x, filter=w: [_, _, _, o])") == []


def test_operands_stand_in_logical_order_and_implied_ones_match_anything() -> None:
    network = Network()
    x, w = network.input("x", (1, 2, 2, 3)), network.constant("w", np.ones((4, 2, 2, 3)))
    shape = network.constant("s", [1, 4, 4, 4], "i32")
    given = {"padding": "SAME", "stride_h": 2, "stride_w": 2}
    model = network.build(network.add("TRANSPOSE_CONV", [shape, w, x], "y", (1, 4, 4, 4), "f32", attributes=given))
    assert matches(model, "TRANSPOSE_CONV(x: [_, 2, 2, _], w: const)") == ["y"]
    assert matches(model, "TRANSPOSE_CONV(x, w, output_shape=[1, 4, 4, 4])") == ["y"]
    assert matches(model, "TRANSPOSE_CONV(x, w, output_shape=[1, 4, 4, 5])") == []
    assert matches(model, "TRANSPOSE_CONV(x, w, output_shape=[n, h, h, n])") == []
    assert matches(model, "TRANSPOSE_CONV(x: [n, _, _, _], w, output_shape=[n, h, h, h])") == ["y"]


@pytest.mark.parametrize(
    ("brackets", "matched"),
    [
        ("[padding=SAME]", True),
        ("[padding=VALID]", False),
        ("[padding=SAME|VALID, stride_h=1|2]", True),
        ("[stride_h=s, stride_w=s]", False),
        ("[stride_h=s, stride_w=t]", True),
        ("[stride_h=_]", True),
        ("[fused_activation_function=NONE]", True),
        ("[custom_options=absent]", True),
        ("@<=2", True),
        ("[padding=SAME]@==3", False),
        ("@>=2", False),
    ],
)
def test_attributes_and_versions(brackets: str, matched: bool) -> None:
    assert matches(conv(), f"CONV_2D{brackets}(x, w, b?)") == ["y"] * matched


def test_a_dimension_and_an_attribute_of_one_name_agree() -> None:
    assert matches(conv(stride_h=3), "CONV_2D[stride_h=k](x, w: [_, k, k, _], b)") == ["y"]
    assert matches(conv(stride_h=2), "CONV_2D[stride_h=k](x, w: [_, k, k, _], b)") == []


def test_an_activation_that_is_not_mentioned_means_none() -> None:
    fused = conv(fused_activation_function="RELU")
    assert matches(fused, "CONV_2D(x, w, b)") == []
    assert matches(fused, "ANY(x, w, b)") == []
    assert matches(fused, "CONV_2D[fused_activation_function=RELU](x, w, b)") == ["y"]
    assert matches(fused, "CONV_2D[fused_activation_function=a](x, w, b)") == ["y"]
    assert matches(conv(), "CONV_2D[fused_activation_function=a](x, w, b) where a == NONE") == ["y"]


def test_an_activation_that_the_schema_has_no_word_for_is_not_none() -> None:
    fused = conv(fused_activation_function=77)
    assert matches(fused, "CONV_2D(x, w, b)") == []
    assert matches(fused, "CONV_2D[fused_activation_function=a](x, w, b)") == []


def test_a_float_attribute_is_compared_in_the_precision_of_the_file() -> None:
    network = Network()
    model = network.build(network.add("LEAKY_RELU", [network.input()], attributes={"alpha": 0.1}))
    assert matches(model, "LEAKY_RELU[alpha=0.1](x)") == ["y"]
    assert matches(model, "LEAKY_RELU[alpha=0.1001](x)") == []


def test_list_attributes() -> None:
    network = Network()
    x = network.input("x", (2, 1, 1, 3))
    model = network.build(network.add("SQUEEZE", [x], "y", (2, 3), attributes={"squeeze_dims": [1, 2]}))
    assert matches(model, "SQUEEZE[squeeze_dims=[1, 2]](x)") == ["y"]
    assert matches(model, "SQUEEZE[squeeze_dims=[2, 1]](x)") == []
    assert matches(model, "SQUEEZE[squeeze_dims=d](x) where len(d) == 2") == ["y"]


@pytest.mark.parametrize(
    ("kind", "matched"),
    [
        ("f32", True),
        ("i8", False),
        ("i8|f32", True),
        ("const", False),
        ("[2, 3]", True),
        ("[2]", False),
        ("[2, 3, 1]", False),
        ("[_, c]", True),
        ("[n, n]", False),
        ("[...]", True),
        ("[..., 3]", True),
        ("[2, ..., 3]", True),
        ("[2, 3, ..., 3]", False),
        ("[]", False),
    ],
)
def test_types_and_shapes(kind: str, matched: bool) -> None:
    assert matches(binary(), f"SUB(x: {kind}, _)") == []
    assert matches(binary("SUB"), f"SUB(x: {kind}, _)") == ["y"] * matched


def test_a_scalar_has_the_shape_of_nothing() -> None:
    assert matches(binary("SUB", right=2.0), "SUB(_, c: [])") == ["y"]
    assert matches(binary("SUB", right=2.0), "SUB(_, c: [_])") == []


def test_the_root_can_be_given_a_type() -> None:
    assert matches(binary(), "ADD(x, c): f32[2, n]") == ["y"]
    assert matches(binary(), "ADD(x, c): f32[n, n]") == []


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("SUB(x: [_, 3], z)", True),
        ("SUB(x: [n, 3], z)", True),
        ("SUB(x: [..., 3], z)", True),
        ("SUB(x: [1, 3], z)", False),
        ("SUB(x: [n, 3], z: [n, _])", True),
        ("SUB(x: [_, n], z: [n, _])", False),
        ("SUB(x: [n, 3], z) where n == 1", False),
        ("SUB(x: [n, 3], z) where n != 1", False),
        ("SUB(x, z) where not (x.shape[0] == 1)", False),
        ("SUB(x, z) where x.shape == z.shape", True),
        ("SUB(x, z) where x.shape != [1, 4]", True),
        ("SUB(x, z) where x.shape != [1, 3]", False),
        ("SUB(x, z) where x.rank == 2, x.shape[1] == 3", True),
        ("SUB(x, z) where prod(x.shape) > 0", False),
    ],
)
def test_an_open_dimension_has_no_size(pattern: str, matched: bool) -> None:
    network = Network()
    x, z = network.input("x", (-1, 3)), network.input("z", (-1, 3))
    assert matches(network.build(network.add("SUB", [x, z], "y", (-1, 3))), pattern) == ["y"] * matched


@pytest.mark.parametrize(
    ("values", "pattern", "matched"),
    [
        (2.0, "2.0", True),
        ([2.0, 2.0], "2", True),
        ([[2.0], [2.0]], "2", True),
        ([2.0, 2.5], "2", False),
        ([0.1, 0.2, 0.3], "[0.1, 0.2, 0.3]", True),
        ([0.1, 0.2, 0.3], "[0.1, 0.2]", False),
        ([0.1, 0.2, 0.3], "[0.1, _, 0.3]", True),
        ([1.0, 2.0, 1.0], "[a, b, a]", True),
        ([1.0, 2.0, 3.0], "[a, b, a]", False),
        ([1.0, 2.0, 3.0], "[2, 1, 3]", False),
        (-1.5, "-1.5", True),
        ([], "0", False),
    ],
)
def test_constant_values(values: Any, pattern: str, matched: bool) -> None:
    network = Network()
    x = network.input("x", (1,))
    model = network.build(network.add("SUB", [x, network.constant("c", values)]))
    assert matches(model, f"SUB(x, {pattern})") == ["y"] * matched


def test_integer_constants_are_not_rounded_to_what_is_written() -> None:
    network = Network()
    x = network.input("x", (2,), "i32")
    model = network.build(network.add("SUB", [x, network.constant("c", [2, 3], "i32")]))
    assert matches(model, "SUB(x, [2, 3])") == ["y"]
    assert matches(model, "SUB(x, [2.5, 3])") == []


def test_a_quantized_constant_is_compared_by_its_real_values() -> None:
    network = Network()
    x = network.input("x", (2,), "i8", scale=0.5)
    c = network.constant("c", [6, 10], "i8", scale=0.5, zero=2)
    model = network.build(network.add("SUB", [x, c]))
    assert matches(model, "SUB(x, [2.0, 4.0])") == ["y"]
    assert matches(model, "SUB(x, [6, 10])") == []


def test_a_computed_tensor_is_no_constant_whatever_is_asked() -> None:
    assert matches(binary("SUB"), "SUB(x, 2.0)") == []
    assert matches(binary("SUB"), "SUB(x, c) where all(c.value == 2.0)") == []


def test_undeclared_operators_match_with_operands_as_the_file_has_them() -> None:
    network = Network()
    x = network.input()
    network.add("CUSTOM[a.b]", [x, None, x], "z")
    model = network.build(network.add("CUSTOM[Max]", [x, network.constant("c", 0.0)]), network.tensors[1])
    assert matches(model, "CUSTOM[Max](x, 0.0)") == ["y"]
    assert matches(model, "CUSTOM[Max](x)") == []
    assert matches(model, "CUSTOM[Max](x, _, w?)") == ["y"]
    assert matches(model, 'CUSTOM["a.b"](x, absent, x)') == ["z"]
    assert matches(model, 'CUSTOM["a.b"](x, y, x)') == []
    assert matches(model, 'CUSTOM["a.b"](x, y?, z)') == ["z"]
    assert matches(model, "CUSTOM[a](x, y?, z)") == []


def test_declared_custom_options_are_read_and_padding_without_a_word_never_matches() -> None:
    declarations = "op CUSTOM[Up](xx) -> output options struct { padding: i32 as Padding(SAME=1, VALID=2), size: i32 }"
    network = Network()
    x = network.input()
    results = [
        network.add("CUSTOM[Up]", [x], f"y{padding}", custom=bytes([padding, 0, 0, 0, 7, 0, 0, 0, 99]))
        for padding in (0, 1, 2)
    ]
    results.append(network.add("CUSTOM[Up]", [x], "short", custom=b"\1\0\0\0"))
    results.append(network.add("CUSTOM[Up]", [x], "none"))
    model = network.build(*results)
    assert matches(model, "CUSTOM[Up, padding=p](x)", declarations=declarations) == ["y1", "y2"]
    assert matches(model, "CUSTOM[Up, padding=VALID, size=7](x)", declarations=declarations) == ["y2"]
    assert matches(model, "CUSTOM[Up, size=7](x)", declarations=declarations) == ["y0", "y1", "y2"]
    assert matches(model, "CUSTOM[Up, custom_options=absent](x)", declarations=declarations) == ["none"]


def test_an_operator_of_several_results_is_no_root_and_no_operand() -> None:
    network = Network()
    axis, x = network.constant("axis", 0, "i32"), network.input()
    halves = [network.tensor("a", (1, 3)), network.tensor("b", (1, 3))]
    network.add("SPLIT", [axis, x], halves, attributes={"num_splits": 2})
    model = network.build(network.add("NEG", [halves[0]]), halves[1])
    assert matches(model, "SPLIT(axis, x)") == []
    assert matches(model, "r = ANY(..) where r.op != 'CUSTOM[Matched]'") == ["y"]
    assert matches(model, "NEG(ANY(axis, x))") == []
    assert matches(model, "NEG(ANY(..))") == []


@pytest.mark.parametrize(
    ("paddings", "matched"),
    [
        ("[[0, 0], [1, 1], [2, 2], [0, 0]]", True),
        ("[[0, 0], [a, a], [b, b], [_, 0]]", True),
        ("[[0, 0], [a, a], [a, b], [0, 0]]", False),
        ("[[0, 0, 1, 1], [2, 2, 0, 0]]", False),
        ("[0, 0, 1, 1, 2, 2, 0, 0]", False),
    ],
)
def test_lists_in_a_list_match_a_constant_of_their_shape(paddings: str, matched: bool) -> None:
    network = Network()
    x = network.input("x", (1, 2, 2, 1))
    p = network.constant("p", [[0, 0], [1, 1], [2, 2], [0, 0]], "i32")
    model = network.build(network.add("CUSTOM[Pad]", [x, p], "y", (1, 4, 6, 1)))
    assert matches(model, f"CUSTOM[Pad](x, {paddings})") == ["y"] * matched


def joined(*sizes: int, bias: int | None = None) -> Model:
    """y = CUSTOM[Join](x.., c) with one operand of each size, and z = FULLY_CONNECTED(y, w, bias?)."""
    network = Network()
    operands = [network.input(f"x{size}", (size,)) for size in sizes]
    y = network.add("CONCATENATION", operands, "y", (4,))
    w = network.constant("w", np.ones((3, 4)))
    rest = [] if bias is None else [network.constant("b", np.ones(bias))]
    return network.build(network.add("FULLY_CONNECTED", [y, w, *rest], "z", (3,)))


def test_sizes_of_an_empty_list_stand_for_nothing_whatever_was_tried_before() -> None:
    assert matches(joined(2, 3), "CONCATENATION(xs..., ys...: [n]) where n == 2") == []
    assert matches(joined(2, 3), "CONCATENATION(xs..., ys...: [n]) where n == 3, len(xs) == 1") == ["y"]
    assert matches(joined(2, 3), "CONCATENATION(xs..., ys...: [n]) where n is absent, len(xs) == 2") == ["y"]
    assert matches(joined(2, 3), "CONCATENATION(xs...: [n], ys...: [m]) where n is absent, m == 2") == []


def test_a_size_that_an_operand_leaves_out_is_that_of_the_next_one_with_its_name() -> None:
    for order in ("ys...: [n], x: [n], z", "ys...: [n], zs...: [n], x: [n], z", "ys...: [n], x, z: [n]"):
        found = f"CONCATENATION({order}) where n == {3 if order.endswith('z: [n]') else 2}"
        assert matches(joined(2, 3), found) == ["y"], found
    assert matches(joined(2, 3), "CONCATENATION(x: [n], ys...: [n], z) where n == 2, len(ys) == 0") == ["y"]
    assert matches(joined(2, 3), "CONCATENATION(ws...: [n], xs...: [n]) where len(ws) == 1") == []
    assert matches(joined(2, 2), "CONCATENATION(ws...: [n], xs...: [n]) where len(ws) == 1, n == 2") == ["y"]
    assert matches(joined(2, 3), "CONCATENATION(ws...: [n], xs...: [n], y, z) where n is absent") == ["y"]


@pytest.mark.parametrize(("bias", "size"), [(3, "n == 3"), (None, "n is absent")])
def test_the_size_of_an_optional_operand_is_absent_where_that_is(bias: int | None, size: str) -> None:
    model = joined(2, 3, bias=bias)
    pattern = "FULLY_CONNECTED(CONCATENATION(xs...), w, b?: [n])"
    assert matches(model, f"{pattern} where {size}") == ["z"]
    assert matches(model, f"{pattern} where n == 4 or n != 3 and n is not absent") == []
    assert matches(model, f"(FULLY_CONNECTED(_, w, b?: [n]) | FULLY_CONNECTED(w, _, b?: [n])) where {size}") == ["z"]

"""The cleanups of the stock packs: what they find, what they leave, and that no output changes by a bit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from rewriter import packs
from rewriter.driver import Report, rewrite
from rewriter.language.check import compile_rules
from rewriter.model import Metadata, Model, Operator, Quantization, Signature, Tensor, read
from rewriter.wellformed import new_complaints
from tests.rules.models import KERNELS
from tests.unit.networks import Network, shown

if TYPE_CHECKING:
    from collections.abc import Callable

CLEANUPS = [each for pack in ("toco", "quant", "tflm") for each in packs.load(pack).cleanups]
NAMES = [each.name for each in CLEANUPS]


def clean(model: Model, *names: str) -> Report:
    """Run cleanups; what comes out is well formed, survives being written, and leaves nothing for a second run."""
    before = read(model.to_bytes())
    chosen = [each for each in CLEANUPS if each.name in names]
    assert len(chosen) == len(names)
    report = rewrite(model, chosen, declaration=packs.find_declaration)
    data = model.to_bytes()
    again = read(data)
    assert new_complaints(before, again, packs.find_declaration) == []
    assert shown(again) == shown(model)
    assert rewrite(again, chosen, declaration=packs.find_declaration).applications == []
    assert again.to_bytes() == data
    return report


def changed(model: Model, *names: str) -> list[str]:
    """What cleanups changed, by name."""
    return [each.place for each in clean(model, *names).applications]


# -- operators that nobody reads ---------------------------------------------------------------------------------------


def test_a_chain_that_ends_nowhere_goes_with_its_constants_and_codes() -> None:
    network = Network()
    x = network.input()
    network.add("NEG", [network.add("ADD", [x, network.constant("c", [1.0, 2.0, 3.0])], "a")], "b")
    model = network.build(network.add("RELU", [x], "y"))
    assert changed(model, "remove_dead_operators") == ["b", "a"]
    assert shown(model) == ["y = RELU(x)"]
    assert [tensor.name for tensor in model.subgraphs[0].tensors] == ["x", "y"]
    assert (len(model.buffers), [code.name for code in model.operator_codes]) == (1, ["RELU"])


def _random(network: Network, x: Tensor, name: str) -> Tensor:
    shape = network.constant(f"{name}_shape", [2, 3], "i32")
    return network.add("RANDOM_UNIFORM", [shape], name, (2, 3), "f32")


def _custom(network: Network, x: Tensor, name: str) -> Tensor:
    return network.add("CUSTOM[Unknown]", [x], name)


def _variable(network: Network, x: Tensor, name: str) -> Tensor:
    handle = network.add("VAR_HANDLE", [], network.tensor(f"{name}_handle", (), "resource"))
    return network.add("READ_VARIABLE", [handle], name, (2, 3), "f32")


@pytest.mark.parametrize("make", [_random, _custom, _variable], ids=["random", "custom", "variable"])
def test_what_does_more_than_compute_stays_and_is_never_the_same_as_another(
    make: Callable[[Network, Tensor, str], Tensor],
) -> None:
    network = Network()
    x = network.input()
    make(network, x, "dead")
    one, other = make(network, x, "a"), make(network, x, "b")
    model = network.build(network.add("ADD", [one, other], "y"))
    before = shown(model)
    assert changed(model, "remove_dead_operators", "common_subexpression_elimination") == []
    assert shown(model) == before


def test_a_custom_operator_goes_where_its_declaration_has_a_kernel_and_no_side_effects() -> None:
    network = Network()
    x = network.input()
    network.add("CUSTOM[Known]", [x], "dead")
    model = network.build(network.add("RELU", [x], "y"))
    text = "op CUSTOM[Known](input) -> output kernel mine.f"
    declared = compile_rules(text, "d.pat", resolve=lambda _: np.abs).declarations
    dead = [each for each in CLEANUPS if each.name == "remove_dead_operators"]
    silent = {code: evolve(each, side_effects=True) for code, each in declared.items()}
    assert rewrite(model, dead, declaration=silent.get).applications == []
    assert len(rewrite(model, dead, declaration=declared.get).applications) == 1
    assert shown(model) == ["y = RELU(x)"]


@pytest.mark.parametrize(("inside", "goes"), [("NEG", True), ("CUSTOM[Unknown]", False)])
def test_a_condition_that_nobody_reads_goes_where_its_bodies_only_compute(inside: str, goes: bool) -> None:
    network, one, other = Network(), Network(), Network()
    x, which = network.input(), network.input("which", (), "bool")
    bodies = [(each, [each.add(kind, [each.input()], "y")]) for each, kind in ((one, "ABS"), (other, inside))]
    attributes = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    network.add("IF", [which, x], "dead", (2, 3), "f32", attributes=attributes)
    model = network.build(network.add("RELU", [x], "y"), others=bodies)
    assert changed(model, "remove_dead_operators") == ["dead"] * goes
    assert changed(model, "eliminate_dead_subgraph") == ["subgraph s1", "subgraph s2"] * goes


# -- operators that are there twice ------------------------------------------------------------------------------------


def twice(
    *,
    fast: float = 0.5,
    shape: tuple[int, ...] = (2, 3),
    outputs: str = "y",
    constants: tuple[float, float] = (2.0, 2.0),
) -> Model:
    """Two operators that read x and a constant, and what differs in the second."""
    network = Network()
    x = network.input()
    made: dict[str, Tensor] = {}
    for name, alpha, size, factor in (("a", 0.5, (2, 3), constants[0]), ("b", fast, shape, constants[1])):
        product = network.add("MUL", [x, network.constant(f"{name}_c", [factor])], f"{name}_m", size)
        made[name] = network.add("LEAKY_RELU", [product], name, attributes={"alpha": alpha})
    made["y"] = network.add("CONCATENATION", [made["a"], made["b"]], "y", (4, 3))
    return network.build(*(made[name] for name in outputs))


def test_equal_operators_and_what_reads_only_them_become_one() -> None:
    model = twice()
    assert changed(model, "common_subexpression_elimination") == ["b_m", "b"]
    assert shown(model) == ["a_m = MUL(x, a_c)", "a = LEAKY_RELU(a_m)", "y = CONCATENATION(a, a)"]


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (twice(fast=0.25), ["b_m"]),
        (twice(fast=-0.0), ["b_m"]),
        (twice(constants=(2.0, 3.0)), []),
        (twice(constants=(0.0, -0.0)), []),
    ],
    ids=["attribute", "attribute zero", "constant", "negative zero"],
)
def test_what_differs_in_an_attribute_or_a_constant_stays(model: Model, found: list[str]) -> None:
    assert changed(model, "common_subexpression_elimination") == found


def test_an_output_keeps_its_name_and_place_and_two_outputs_stay_two() -> None:
    model = twice(outputs="yb")
    assert changed(model, "common_subexpression_elimination") == ["b_m", "b"]
    assert [tensor.name for tensor in model.subgraphs[0].outputs] == ["y", "b"]
    assert shown(model) == ["a_m = MUL(x, a_c)", "b = LEAKY_RELU(a_m)", "y = CONCATENATION(b, b)"]
    model = twice(outputs="ab")
    assert changed(model, "common_subexpression_elimination") == ["b_m"]
    assert [tensor.name for tensor in model.subgraphs[0].outputs] == ["a", "b"]


def test_many_readers_that_differ_in_a_constant_are_told_apart_without_comparing_all() -> None:
    network = Network()
    x = network.input("x", (600, 2))
    size = network.constant("size", [1, 2], "i32")
    rows = [
        network.add("SLICE", [x, network.constant(f"c{row}", [row // 2, 0], "i32"), size], f"r{row}", (1, 2))
        for row in range(600)
    ]
    model = network.build(network.add("CONCATENATION", rows, "y", (600, 2)))
    assert changed(model, "common_subexpression_elimination") == [f"r{row}" for row in range(1, 600, 2)]


# -- what a file carries -----------------------------------------------------------------------------------------------


def test_equal_constants_become_one_and_other_types_share_their_bytes() -> None:
    network = Network()
    x = network.input()
    one, same, other = (
        network.constant(name, values) for name, values in zip("abc", ([1.5], [1.5], [2.5]), strict=True)
    )
    whole = network.constant("d", np.array([1.5], np.float32).view(np.int32), "i32")
    made = network.add("ADD", [network.add("MUL", [x, one], "m"), same], "n")
    indices = network.add("ADD", [network.input("i", (1,), "i32"), whole], "k")
    model = network.build(network.add("SUB", [made, other], "y"), indices)
    assert changed(model, "remove_duplicate_constants") == ["b", "buffer 4"]
    assert shown(model)[:2] == ["m = MUL(x, a)", "n = ADD(m, a)"]
    tensors = {tensor.name: tensor for tensor in model.subgraphs[0].tensors}
    assert tensors["a"].buffer is tensors["d"].buffer
    assert tensors["c"].buffer is not tensors["a"].buffer
    assert len(model.buffers) == 3


def test_a_rule_that_changes_one_of_two_constants_with_one_buffer_leaves_the_other() -> None:
    network = Network()
    x = network.input()
    made = network.add("MUL", [x, network.constant("a", [1.5])], "m")
    model = network.build(network.add("ADD", [made, network.constant("b", [[1.5]])], "y", (2, 3)))
    assert changed(model, "remove_duplicate_constants") == ["buffer 2"]
    model = read(model.to_bytes())
    rewrite(
        model, compile_rules("rule more MUL(x, c: const f32[1]) where max(c.value) < 2 -> MUL(x, c * 2.0)", "r.pat")
    )
    values = {each.name: np.frombuffer(each.data, "f4").tolist() for each in model.subgraphs[0].tensors if each.data}
    assert sorted(values.values()) == [[1.5], [3.0]]


def test_constants_that_users_or_metadata_refer_to_stay() -> None:
    network = Network()
    x = network.input()
    one, other = network.constant("a", [1.5]), network.constant("b", [1.5])
    made = network.add("ADD", [network.add("MUL", [x, one], "m"), other], "y")
    model = network.build(made, other)
    model.metadata.append(Metadata("mine", model.new_buffer(b"\0\0\xc0\x3f")))
    model.modified = True
    model = read(model.to_bytes())
    assert changed(model, "remove_duplicate_constants", "remove_unused_parts") == ["buffer 2"]
    assert [each.name for each in model.subgraphs[0].outputs] == ["y", "b"]
    assert bytes(model.metadata[0].buffer.content(model.file)) == b"\0\0\xc0\x3f"


def with_unused_parts() -> Model:
    network = Network()
    x = network.input()
    network.tensor("nothing")
    network.constant("c", [1.0, 2.0])
    model = network.build(network.add("RELU", [x], "y"))
    model.new_buffer(b"nobody's")
    model.operator_codes.append(evolve(model.operator_codes[0], builtin="TANH", at=0))
    model.modified = True
    return read(model.to_bytes())


def test_tensors_codes_and_buffers_that_nothing_refers_to_go() -> None:
    model = with_unused_parts()
    assert changed(model, "remove_unused_parts") == ["nothing", "c", "operator code TANH", "buffer 2"]
    assert [each.name for each in model.subgraphs[0].tensors] == ["x", "y"]
    assert (len(model.buffers), [each.name for each in model.operator_codes]) == (1, ["RELU"])


def planned(model: Model) -> Model:
    """A model with a memory plan; what it plans, nobody here reads."""
    model.metadata.append(Metadata("OfflineMemoryAllocation", model.new_buffer(b"plan")))
    model.modified = True
    return read(model.to_bytes())


STAY = "the model's memory plan (metadata OfflineMemoryAllocation) finds tensors by their numbers: all of them stay"


def test_where_a_memory_plan_counts_tensors_they_stay_and_the_report_says_why() -> None:
    report = clean(planned(with_unused_parts()), "remove_unused_parts")
    assert [each.place for each in report.applications] == ["operator code TANH", "buffer 2"]
    assert [each.reason for each in report.misses] == [STAY]


def test_no_cleanup_moves_tensors_under_a_memory_plan() -> None:
    network = Network()
    x = network.input()
    network.add("NEG", [x], "nobody")
    twice = [network.add("ADD", [network.add("ABS", [x], f"{name}_m"), x], name) for name in "ab"]
    model = planned(network.build(*twice))
    report = clean(model, *(each for each in NAMES if not each.startswith(("strip", "shorten", "remove_memory"))))
    assert report.applications == []
    assert {each.reason for each in report.misses} == {STAY}


def test_the_memory_plan_goes_with_its_buffer() -> None:
    network = Network()
    model = planned(network.build(network.add("RELU", [network.input()], "y")))
    buffers = len(model.buffers)
    assert changed(model, "remove_memory_plan") == ["metadata OfflineMemoryAllocation", f"buffer {buffers - 1}"]
    assert (model.metadata, len(model.buffers)) == ([], buffers - 1)


def test_the_memory_plan_stays_where_an_operator_may_know_of_it() -> None:
    network = Network()
    model = planned(network.build(network.add("CUSTOM[ethos-u]", [network.input()], "y")))
    report = clean(model, "remove_memory_plan")
    assert report.applications == []
    assert [each.reason for each in report.misses] == ["CUSTOM[ethos-u] may need it: nobody declares what it does"]


def test_dead_subgraphs_go_and_what_stays_is_referred_to_by_its_new_number() -> None:
    network = Network()
    x, which = network.input(), network.input("which", (), "bool")
    bodies = [Network() for _ in range(5)]
    results = [(each, [each.add(kind, [each.input()], "y")]) for each, kind in zip(bodies, KINDS, strict=True)]
    attributes = {"then_subgraph_index": 2, "else_subgraph_index": 4}
    made = network.add("IF", [which, x], "y", (2, 3), "f32", attributes=attributes)
    model = network.build(made, others=results)
    called = model.subgraphs[5]
    model.signatures.append(Signature("other", called, [("x", called.inputs[0])], [("y", called.outputs[0])]))
    model.modified = True
    model = read(model.to_bytes())
    before = outputs(model)
    assert changed(model, "eliminate_dead_subgraph") == ["subgraph s1", "subgraph s3"]
    again = read(model.to_bytes())
    (operator,) = again.subgraphs[0].operators
    assert [operator.attribute(f"{which}_subgraph_index") for which in ("then", "else")] == [1, 2]
    assert [each.name for each in again.subgraphs] == ["s0", "s2", "s4", "s5"]
    assert [each.code.name for body in again.subgraphs[1:] for each in body.operators] == ["NEG", "SIN", "TANH"]
    assert again.signatures[0].subgraph is again.subgraphs[3]
    assert {each.name for each in again.operator_codes} == {"IF", "NEG", "SIN", "TANH"}
    assert outputs(again) == before


KINDS = ("ABS", "NEG", "EXP", "SIN", "TANH")


def test_a_custom_operator_that_nobody_declares_may_run_any_subgraph() -> None:
    network, body = Network(), Network()
    made = network.add("CUSTOM[Unknown]", [network.input()], "y")
    model = network.build(made, others=[(body, [body.add("ABS", [body.input()], "y")])])
    report = clean(model, "eliminate_dead_subgraph")
    assert report.applications == []
    assert [each.reason for each in report.misses] == [
        "CUSTOM[Unknown] may run subgraphs: nobody declares what it does"
    ]


def test_names_go_where_no_user_sees_them() -> None:
    model = twice()
    assert set(changed(model, "strip_names")) == {"a_c", "b_c", "a_m", "b_m", "a", "b"}
    assert [each.name for each in read(model.to_bytes()).subgraphs[0].tensors if each.name] == ["x", "y"]


def test_variables_get_short_names_that_keep_them_apart() -> None:
    network = Network()
    x = network.input()
    handles = [
        network.add("VAR_HANDLE", [], network.tensor(f"h{place}", (), "resource"), attributes={"shared_name": name})
        for place, name in enumerate(("model/first", "model/second", "0", "model/first"))
    ]
    made = [network.add("READ_VARIABLE", [handle], f"y{n}", (2, 3), "f32") for n, handle in enumerate(handles)]
    model = network.build(network.add("ADD_N", [x, *made], "y"))
    assert changed(model, "shorten_variable_names") == ["h0", "h1", "h3"]
    handled = [each for each in read(model.to_bytes()).operators() if each.name == "VAR_HANDLE"]
    assert [each.attribute("shared_name") for each in handled] == ["1", "2", "0", "1"]


def test_the_range_goes_and_the_steps_stay() -> None:
    network = Network()
    x = network.input(dtype="i8", scale=0.5, zero=3)
    c = network.constant("c", np.ones((3,)), "i8", scale=0.25)
    seen = network.tensor("seen")
    for tensor in (x, c, seen):
        steps = tensor.quantization or Quantization()
        tensor.quantization = evolve(steps, minimum=(-1.0,), maximum=(1.0,))
    network.add("DEQUANTIZE", [x], seen)
    model = network.build(seen)
    assert changed(model, "strip_min_max") == ["c"]
    assert changed(model, "strip_activation_min_max") == ["x", "seen"]
    tensors = {each.name: each.quantization for each in read(model.to_bytes()).subgraphs[0].tensors}
    assert tensors == {"x": Quantization((0.5,), (3,)), "c": Quantization((0.25,), (0,)), "seen": None}


# -- any graph ---------------------------------------------------------------------------------------------------------


@define
class _Drawer:
    """Draws a graph that runs: few kinds of operators and values, so that much of it is there twice or dead."""

    data: st.DataObject
    network: Network = field(factory=Network)
    bodies: list[tuple[Network, list[Tensor]]] = field(factory=list)
    tensors: list[Tensor] = field(factory=list)

    def number(self, most: int) -> int:
        return self.data.draw(st.integers(0, most))

    def one(self, tensors: list[Tensor]) -> Tensor:
        return tensors[self.number(len(tensors) - 1)]

    def constant(self) -> Tensor:
        network = self.network
        value = [[2.0], [-0.0], [0.0], [1.0, 2.0]][self.number(3)]
        known = [each for each in network.buffers if each.data == np.asarray(value, np.float32).tobytes()]
        buffer = known[0] if known and self.number(1) else None
        return network.constant(f"c{len(network.tensors)}", value, buffer=buffer)

    def operator(self) -> None:
        network, name = self.network, f"t{len(self.network.tensors)}"
        x = self.one(self.tensors)
        match self.number(6):
            case 0 | 1:
                kind = ("ADD", "MUL", "SUB", "MAXIMUM")[self.number(3)]
                other = self.constant() if self.number(1) else self.one(self.tensors)
                self.tensors.append(network.add(kind, [x, other], name))
            case 2 | 3:
                self.tensors.append(network.add(("NEG", "ABS", "RELU")[self.number(2)], [x], name))
            case 4:
                attributes = {"alpha": (0.5, 0.25, -0.0)[self.number(2)]}
                self.tensors.append(network.add("LEAKY_RELU", [x], name, attributes=attributes))
            case 5:
                axis = network.constant(f"axis{name}", 1, "i32")
                parts = [network.tensor(f"{name}{side}", (2, 1)) for side in "lr"]
                network.add("SPLIT", [axis, x], parts, attributes={"num_splits": 2})
                pair = [parts[self.number(1)], parts[self.number(1)]]
                self.tensors.append(network.add("CONCATENATION", pair, name, (2, 2), attributes={"axis": 1}))
            case _:
                self.condition(x, name)

    def condition(self, x: Tensor, name: str) -> None:
        first = len(self.bodies) + 1
        for _ in range(2):
            body = Network()
            self.bodies.append((body, [body.add(("NEG", "ABS")[self.number(1)], [body.input("x", (2, 2))], "y")]))
        which = self.network.inputs[1]
        then, other = (first, first + 1) if self.number(1) else (first, first)
        attributes = {"then_subgraph_index": then, "else_subgraph_index": other}
        self.tensors.append(self.network.add("IF", [which, x], name, (2, 2), "f32", attributes=attributes))

    def model(self) -> Model:
        self.tensors.append(self.network.input("x", (2, 2)))
        self.network.input("which", (), "bool")
        for _ in range(2 + self.number(10)):
            self.operator()
        if self.number(1):
            self.network.tensor("unused")
        made = self.tensors[1:]
        chosen = {self.number(len(made) - 1) for _ in range(1 + self.number(2))}
        return self.network.build(*(made[place] for place in sorted(chosen)), others=self.bodies)


def outputs(model: Model) -> list[bytes]:
    """What the plain and the fast kernels compute, as bytes; every NaN counts as the same."""
    found: list[bytes] = []
    for kernels in ("reference", "builtin"):
        interpreter = Interpreter(model_content=model.to_bytes(), experimental_op_resolver_type=KERNELS[kernels])
        interpreter.allocate_tensors()
        for seed in range(2):
            for place, each in enumerate(interpreter.get_input_details()):
                interpreter.set_tensor(each["index"], _values(each, seed + place))
            interpreter.invoke()
            for each in interpreter.get_output_details():
                value = interpreter.get_tensor(each["index"])
                found.append(np.where(np.isnan(value), np.float32(np.nan), value).tobytes())
    return found


def _values(details: dict[str, Any], seed: int) -> Any:
    random = np.random.default_rng(seed)
    if details["dtype"] is np.bool_:
        return np.asarray(seed % 2, np.bool_)
    special = np.asarray([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-42], np.float32)
    values = random.normal(size=details["shape"]).astype(np.float32)
    return np.where(random.random(details["shape"]) < 0.3, random.choice(special, details["shape"]), values)


@cache
def by_default() -> tuple[str, ...]:
    return tuple(each.name for each in CLEANUPS if each.used)


@given(data=st.data(), chosen=st.sets(st.sampled_from(NAMES), min_size=1))
def test_no_output_of_any_graph_changes_by_a_bit(data: st.DataObject, chosen: set[str]) -> None:
    model = _Drawer(data).model()
    before, names = outputs(model), [each.name for each in model.subgraphs[0].outputs]
    count = len(list(model.operators()))
    clean(model, *sorted(chosen))
    assert outputs(model) == before
    assert [each.name for each in model.subgraphs[0].outputs] == names
    assert len(list(model.operators())) <= count


@given(data=st.data())
def test_after_a_run_nothing_is_dead_or_there_twice(data: st.DataObject) -> None:
    """What two plain loops say that share nothing with the cleanups."""
    model = _Drawer(data).model()
    clean(model, *by_default())
    for subgraph in model.subgraphs:
        seen: list[tuple[object, ...]] = []
        for operator in subgraph.operators:
            assert any(tensor.is_output or tensor.consumers for tensor in operator.outputs)
            if not any(tensor.is_output for tensor in operator.outputs):
                seen.append(_meaning(operator))
        repeated = [each for each in seen if seen.count(each) > 1]
        assert not repeated, repeated


def _meaning(operator: Operator) -> tuple[object, ...]:
    def operand(tensor: Tensor | None) -> object:
        if tensor is None or tensor.data is None:
            return tensor and tensor.name
        return tensor.dtype, tensor.shape, bytes(tensor.data)

    attributes = sorted((name, repr(value)) for name, value in operator.attributes().items())
    return operator.name, str(attributes), tuple(map(operand, operator.inputs))

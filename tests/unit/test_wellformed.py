"""The graph check finds each kind of damage that it names, where it is, and nothing in a graph that is whole."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.dialect.types import TensorType
from rewriter.model import Buffer, Quantization, Signature, read, reread
from rewriter.wellformed import RULES, Complaint, complaints, examine, new_complaints
from tests.corpus.bindings import pack
from tests.unit.graph_damage import DAMAGE
from tests.unit.networks import Network
from tests.unit.sample_model import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from rewriter.model import Model
    from tests.unit.graph_damage import Expected


def whole() -> Model:
    """A model of two subgraphs that is whole, with most of what can be damaged: quantized, with states and a loop."""
    main, body, condition = Network(), Network(), Network()
    x = main.input("x", (1, 4, 4, 2), "i8", scale=0.5, zero=3)
    weights = main.constant("w", [[[[1, 2]]], [[[3, 4]]], [[[5, 6]]]], "i8", scale=[0.25, 0.125, 0.5])
    bias = main.constant("b", [1, 2, 3], "i32", scale=[0.125, 0.0625, 0.25])
    made = main.add(
        "CONV_2D", [x, weights, bias], "c", (1, 4, 4, 3), version=3, attributes={"stride_w": 1, "stride_h": 1}
    )
    made.quantization = Quantization((0.75,), (0,))
    shape = main.constant("shape", [1, 48], "i32")
    flat = main.add("RESHAPE", [made, shape], "flat", (1, 48))
    flat.quantization = Quantization((0.75,), (0,))
    soft = main.add("SOFTMAX", [flat], "soft", version=2, attributes={"beta": 1.0})
    soft.quantization = Quantization((1 / 256,), (-128,))
    real = main.add("DEQUANTIZE", [soft], "real", dtype="f32", version=2)
    count = main.input("count", (1,), "f32")
    end = main.add("WHILE", [count], "end", attributes={"cond_subgraph_index": 1, "body_subgraph_index": 2})
    small = condition.input("n", (1,))
    less = condition.add("LESS", [small, condition.constant("ten", [10.0])], "less", dtype="bool")
    number = body.input("n", (1,))
    more_ = body.add("ADD", [number, body.constant("one", [1.0])], "next")
    model = main.build(real, end, others=[(condition, [less]), (body, [more_])])
    first = model.subgraphs[0]
    model.signatures = [
        Signature(
            "serve", first, [(each.name, each) for each in first.inputs], [(each.name, each) for each in first.outputs]
        )
    ]
    model.modified = True
    return read(model.to_bytes())


def says(complaint: Complaint, expected: Expected) -> bool:
    return (
        complaint.rule == expected.rule
        and expected.words in complaint.message
        and (expected.tensor is None or expected.tensor.name in complaint.tensors)
        and (expected.operator is None or complaint.operator == expected.operator.name)
    )


def test_a_whole_model_gives_no_cause_for_complaint() -> None:
    assert examine(whole()) == []


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_found(damage: Callable[[Model], Expected | None]) -> None:
    model = whole()
    before = reread(model)
    expected = damage(model)
    if expected is None:
        pytest.skip("this model has no place for it; tests/corpus/test_graph_damage.py does it to real ones")
    found = [each for each in examine(model) if says(each, expected)]
    assert found, [str(each) for each in examine(model)]
    assert [each for each in new_complaints(before, model) if says(each, expected)] == found


def test_most_damage_can_be_done_to_the_small_model() -> None:
    assert sum(damage(whole()) is not None for damage in DAMAGE) > 0.8 * len(DAMAGE)


def test_a_complaint_says_where_as_text_and_as_data() -> None:
    model = whole()
    model.subgraphs[0].operators[0].outputs[0].edit(shape=(1, 5, 4, 3))
    found = complaints(model)
    assert str(found[0]) == (
        "subgraph 0, operator 0, CONV_2D 'c': gives 'c' the shape [1, 5, 4, 3], it computes i8[1, 4, 4, 3]"
    )
    assert found[0].to_json() == {
        "rule": "shape",
        "severity": "error",
        "subgraph": 0,
        "operator": {"index": 0, "operator": "CONV_2D", "result": "c"},
        "tensors": ["c"],
        "place": "operator 0, CONV_2D 'c'",
        "message": "gives 'c' the shape [1, 5, 4, 3], it computes i8[1, 4, 4, 3]",
    }
    assert (found[1].rule, found[1].operator) == ("operands", "RESHAPE")


def test_damage_in_a_later_subgraph_names_that_subgraph() -> None:
    model = whole()
    model.subgraphs[2].inputs[0].edit(shape=(-1,))
    assert str(complaints(model)[0]) == "subgraph 2, tensor 'n': has a negative size in [-1]"


def test_a_signature_that_names_a_tensor_of_another_subgraph_is_found() -> None:
    model = whole()
    signature = model.signatures[0]
    signature.outputs = [("real", model.subgraphs[1].tensors[0]), *signature.outputs[1:]]
    assert [str(each) for each in complaints(model)] == ["subgraph 0, signature 'serve': 'real' is no tensor there"]


def test_what_was_wrong_before_is_no_new_complaint() -> None:
    before, after = whole(), whole()
    for model in (before, after):
        model.subgraphs[0].tensors[1].edit(shape=(3, 1, 1, 5))
    assert complaints(after) != []
    assert new_complaints(before, after) == []
    after.subgraphs[1].inputs[0].edit(shape=(-1,))
    assert [each.place for each in new_complaints(before, after)] == ["tensor 'n'"]


def transposing(version: int) -> Model:
    network = Network()
    x = network.input("x", (2,), "i16")
    return network.build(network.add("TRANSPOSE", [x, network.constant("p", [0], "i32")], "t", version=version))


def test_a_version_that_is_too_low_is_a_remark_and_counts_where_it_is_new() -> None:
    low = transposing(1)
    assert complaints(low) == []
    (remark,) = examine(low)
    assert (remark.rule, remark.severity, remark.operator) == ("version", "remark", "TRANSPOSE")
    assert remark.message == "has version 1, what it uses came with 5"
    assert [each.rule for each in new_complaints(transposing(5), low)] == ["version"]
    # An operator that is made again keeps its version and gives another result, and that is no news.
    again = reread(low)
    again.subgraphs[0].outputs[0].edit(name="other")
    assert new_complaints(low, again) == []


def test_the_size_of_a_sparse_constant_is_not_taken_for_that_of_its_shape() -> None:
    model: Model = read(pack(sample()))
    sparse = model.subgraphs[0].tensors[3]
    assert sparse.is_sparse
    assert sparse.buffer is not None
    assert sparse.buffer.size == 8
    assert [each for each in examine(model) if sparse.name in each.tensors] == []


@pytest.mark.parametrize(("dtype", "count", "size"), [("i4", 5, 3), ("i2", 5, 2), ("u4", 2, 1), ("c64", 2, 16)])
def test_small_types_are_packed(dtype: str, count: int, size: int) -> None:
    for held, fine in ((size, True), (size + 1, False), (size - 1 or 9, False)):
        network = Network()
        x = network.input()
        packed = network.tensor("packed", (count,), dtype)
        packed.buffer = Buffer(1, size=held, data=bytes(held))
        network.buffers.append(packed.buffer)
        model = network.build(network.add("CUSTOM[Some]", [x, packed]))
        assert ([each.rule for each in complaints(model)] == []) == fine


def strings(*values: bytes) -> bytes:
    start = 4 * (len(values) + 2)
    offsets = [start + sum(map(len, values[:end])) for end in range(len(values) + 1)]
    return struct.pack(f"<{len(offsets) + 1}i", len(values), *offsets) + b"".join(values)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (strings(b"one", b"", b"three"), None),
        (strings(b"one", b"two"), "holds 2 strings, its shape takes 3"),
        (b"\3\0", "holds 2 bytes, which say no number of strings"),
        (strings(b"one", b"two", b"three")[:16], "holds 16 bytes, which do not say where 3 strings are"),
        (strings(b"one", b"two", b"three")[:-1], "holds strings that overlap or leave its bytes"),
        (struct.pack("<5i", 3, 20, 19, 20, 20), "holds strings that overlap or leave its bytes"),
    ],
)
def test_text_is_laid_out_as_text(data: bytes, message: str | None) -> None:
    network = Network()
    text = network.tensor("text", (3,), "string")
    text.buffer = Buffer(1, size=len(data), data=data)
    model = network.build(network.add("CUSTOM[Some]", [network.input(), text]))
    assert [each.message for each in complaints(model)] == ([message] if message else [])


def custom(code: str) -> Declaration | None:
    def shape(x: TensorType, **_: object) -> TensorType:
        return TensorType(x.dtype, (*x.shape, 2))

    if code != "Mine":
        return None
    return Declaration("CUSTOM", code, operands=(OperandSpec("input"),), results=(OperandSpec("output"),), shape=shape)


def test_custom_operators_are_held_to_their_declarations_where_these_are_known() -> None:
    network = Network()
    x = network.input()
    model = network.build(network.add("CUSTOM[Mine]", [x]))
    assert complaints(model) == []
    assert [each.rule for each in complaints(model, custom)] == ["shape"]
    model.subgraphs[0].tensors[1].edit(shape=(2, 3, 2))
    assert complaints(model, custom) == []


def test_an_operator_that_the_schema_does_not_know_is_a_remark() -> None:
    found = [each for each in examine(read(pack(sample()))) if each.rule == "operator"]
    assert [(each.severity, each.operator) for each in found] == [("remark", "BUILTIN_30000")]


def test_rules_say_what_they_demand_in_a_sentence() -> None:
    assert all(text.endswith(".") and text[0].isupper() for text in RULES.values())


def test_the_buffer_of_a_tensor_that_was_made_counts_as_changed() -> None:
    model = whole()
    before = reread(model)
    weights = model.subgraphs[0].tensors[1]
    other = model.new_buffer(b"123")
    weights.edit(buffer=other)
    assert [(each.rule, each.tensors) for each in new_complaints(before, model)] == [("constant", ("w",))]


def test_an_operator_is_looked_at_again_where_an_operand_is_another_tensor() -> None:
    model = whole()
    before = reread(model)
    subgraph = model.subgraphs[0]
    subgraph.operators[1].inputs[0] = subgraph.inputs[1]
    found = new_complaints(before, model)
    assert {(each.rule, each.operator) for each in found} == {("operands", "RESHAPE")}


@pytest.mark.parametrize(("place", "name"), [(1, "filter 'w'"), (2, "bias 'b'")])
def test_a_quantized_input_asks_for_quantized_weights(place: int, name: str) -> None:
    model = whole()
    tensor = model.subgraphs[0].operators[0].inputs[place]
    assert tensor is not None
    tensor.edit(quantization=None)
    assert any(
        each.rule == "quantization" and f"its {name} has no parameters" in each.message for each in complaints(model)
    )


def test_what_a_declaration_demands_is_asked_of_the_models_operators() -> None:
    network = Network()
    model = network.build(network.add("CUSTOM[Own]", [network.input()], "y"))
    for holds, found in ((True, []), (False, ["the runtime demands xx.rank == 4"])):
        declared = Declaration(
            "CUSTOM", "Own", operands=(OperandSpec("xx"),), conditions=(("xx.rank == 4", lambda _, holds=holds: holds),)
        )
        assert [each.message for each in complaints(model, {"Own": declared}.get)] == found

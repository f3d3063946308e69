"""Random small patterns, more special ones of a pattern, and random small models in which a pattern may match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen
from hypothesis import HealthCheck
from hypothesis import strategies as st

from rewriter.language import syntax
from rewriter.language.parse import parse
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

    from rewriter.model import Model, Tensor

UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
"""Models are made for each example, and many patterns have none."""

UNARY = ("RELU", "RELU6")
BINARY = ("ADD", "MUL", "SUB")
COMMUTATIVE = ("ADD", "MUL")


@frozen
class Leaf:
    """`x: f32[n]`, `_` where `name` is None, or a number."""

    name: str | None = None
    type: str = ""
    number: float | None = None

    def __str__(self) -> str:
        if self.number is not None:
            return str(self.number)
        return f"{self.name}: {self.type}" if self.name and self.type else self.name or "_"


@frozen
class Node:
    """`a = (ADD|MUL)[fused_activation_function=RELU](x, y)`."""

    heads: tuple[str, ...]
    operands: tuple[Leaf | Node, ...]
    name: str | None = None
    activation: str | None = None
    ordered: bool = False

    def __str__(self) -> str:
        heads = self.heads[0] if len(self.heads) == 1 else f"({'|'.join(self.heads)})"
        attribute = f"[fused_activation_function={self.activation}]" if self.activation else ""
        names = ("lhs=", "rhs=") if self.ordered else ("", "")
        operands = ", ".join(f"{name}{each}" for name, each in zip(names, self.operands, strict=False))
        return (
            f"{self.name} = {self.text(heads, attribute, operands)}"
            if self.name
            else self.text(heads, attribute, operands)
        )

    @staticmethod
    def text(heads: str, attribute: str, operands: str) -> str:
        return f"{heads}{attribute}({operands})"

    def nodes(self) -> list[Node]:
        return [self, *(inner for each in self.operands if isinstance(each, Node) for inner in each.nodes())]

    def names(self) -> list[str]:
        """The names of its leaves, each once."""
        found: dict[str, None] = {}
        for node in self.nodes():
            found |= {each.name: None for each in node.operands if isinstance(each, Leaf) and each.name}
        return list(found)


TYPES = ["", "", "", "f32", "i32", "f32|i32", "[_, _]", "[2, 3]", "[n, 3]", "[n, m]", "[..., 3]", "[n, ...]"]


@st.composite
def leaves(draw: DrawFn, types: Sequence[str] = TYPES) -> Leaf:
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return Leaf()
    if kind == 1:
        return Leaf(number=draw(st.sampled_from([1.0, 2.0])))
    if kind == 2:
        return Leaf("c", draw(st.sampled_from(["const", "const f32"])))
    return Leaf(draw(st.sampled_from(["x", "y", "z"])), draw(st.sampled_from(list(types))))


@st.composite
def patterns(draw: DrawFn, depth: int = 3, types: Sequence[str] = TYPES) -> Node:
    """A pattern; names of its leaves may stand in it twice."""
    several = draw(st.integers(0, 5)) == 0
    if draw(st.integers(0, 2)) == 0:
        heads = ("RELU", "RELU6") if several else (draw(st.sampled_from(UNARY)),)
        operands: tuple[Leaf | Node, ...] = (draw(_operands(depth, types)),)
        return Node(heads, operands)
    heads = (
        draw(st.sampled_from([("ADD", "MUL"), ("MUL", "SUB"), ("ADD", "SUB")]))
        if several
        else (draw(st.sampled_from(BINARY)),)
    )
    operands = (draw(_operands(depth, types)), draw(_operands(depth, types)))
    activation = draw(st.sampled_from([None, None, None, "RELU", "a"]))
    return Node(heads, operands, None, activation, draw(st.integers(0, 7)) == 0)


def _operands(depth: int, types: Sequence[str]) -> st.SearchStrategy[Any]:
    if depth <= 1:
        return leaves(types)
    return leaves(types) | leaves(types) | patterns(depth - 1, types)


@st.composite
def special(draw: DrawFn, pattern: Node) -> Node:
    """A pattern that asks for the same or, mostly, more; sometimes for something else."""
    made = pattern
    if len(made.heads) > 1 and draw(st.booleans()):
        made = evolve(made, heads=(draw(st.sampled_from(list(made.heads))),))
    if not made.activation and len(made.operands) == 2 and draw(st.integers(0, 5)) == 0:
        made = evolve(made, activation="RELU")
    if made.activation == "a" and draw(st.booleans()):
        made = evolve(made, activation=draw(st.sampled_from(["RELU", "NONE", "b"])))
    operands = [draw(_special_operand(each)) for each in made.operands]
    if len(operands) == 2 and draw(st.integers(0, 2)) == 0:
        operands.reverse()
    return evolve(made, operands=tuple(operands), ordered=made.ordered or draw(st.integers(0, 9)) == 0)


@st.composite
def _special_operand(draw: DrawFn, operand: Leaf | Node) -> Leaf | Node:
    if isinstance(operand, Node):
        return draw(special(operand))
    if operand.number is not None:
        return operand
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(patterns(1))
    if kind == 1:
        return Leaf(number=draw(st.sampled_from([1.0, 2.0])))
    if kind == 2 and operand.name:
        return evolve(operand, type=operand.type or draw(st.sampled_from(TYPES)))
    if kind == 3:
        return Leaf(draw(st.sampled_from(["x", "y", "z"])), operand.type)
    return operand


SHAPES = [(2, 3), (2, 3), (2, 3), (3, 3), (3,), (1, 3), (2, 2), ()]


@st.composite
def models(
    draw: DrawFn,
    pattern: Node,
    *,
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    dtypes: Sequence[str] = ("f32", "f32", "i32"),
) -> Model | None:
    """A model that is much like a pattern; None where its operands do not go together."""
    network = Network()
    dtype = draw(st.sampled_from(list(dtypes)))
    known: dict[str, Tensor] = {}
    made: list[Tensor] = []

    def number(value: float) -> Tensor:
        shape = draw(st.sampled_from([(), (3,), (2, 3)]))
        return network.constant(f"c{len(network.tensors)}", np.full(shape, value), dtype)

    def leaf(each: Leaf) -> Tensor:
        if each.number is not None:
            return number(each.number if draw(st.integers(0, 4)) else 3.0)
        if each.name in known and draw(st.integers(0, 5)):
            return known[each.name]
        kind = draw(st.integers(0, 5))
        if kind == 0 and made:
            found = draw(st.sampled_from(made))
        elif kind == 1 or each.type.startswith("const"):
            found = number(draw(st.sampled_from([1.0, 2.0, 3.0])))
        else:
            shape = draw(st.sampled_from(list(shapes)))
            other = dtype if draw(st.integers(0, 9)) else draw(st.sampled_from(["f32", "i32"]))
            found = network.input(f"i{len(network.tensors)}", shape, other)
        if each.name:
            known[each.name] = found
        return found

    def node(each: Node) -> Tensor | None:
        operands = [node(operand) if isinstance(operand, Node) else leaf(operand) for operand in each.operands]
        if any(operand is None for operand in operands) or len({operand.dtype for operand in operands if operand}) > 1:
            return None
        present = [operand for operand in operands if operand is not None]
        head = draw(st.sampled_from(list(each.heads)))
        if head in COMMUTATIVE and draw(st.booleans()):
            present.reverse()
        try:
            shape = np.broadcast_shapes(*(operand.shape for operand in present))
        except ValueError:
            return None
        attributes = None
        if each.activation and draw(st.integers(0, 3)):
            attributes = {
                "fused_activation_function": each.activation
                if each.activation.isupper()
                else draw(st.sampled_from(["RELU", "NONE"]))
            }
        made.append(network.add(head, present, f"t{len(network.tensors)}", shape, attributes=attributes))
        return made[-1]

    root = node(pattern)
    if root is None:
        return None
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        made.append(
            network.add(draw(st.sampled_from(UNARY)), [draw(st.sampled_from(made))], f"t{len(network.tensors)}")
        )
    read = {id(each) for operator in network.operators for each in operator.inputs}
    outputs = [each for each in made if id(each) not in read or draw(st.integers(0, 9)) == 0]
    return network.build(*outputs)


def read_example(text: str) -> Node:
    """The pattern that an example in words is: `ADD(RELU(x), 2.0)`."""
    (rule,) = (item for item in parse(f"{text} -> CUSTOM[M]()", "e.pat").items if isinstance(item, syntax.Rule))

    def part(node: syntax.Syntax) -> Leaf | Node:
        match node:
            case syntax.Operator(heads=heads, operands=operands, attributes=attributes):
                words = [value.text for each in attributes for value in each.values if isinstance(value, syntax.Word)]
                names = tuple(head.name.text for head in heads)
                return Node(names, tuple(part(each) for each in operands), None, words[0] if words else None)
            case syntax.Number(value=value):
                return Leaf(number=float(value))
            case syntax.Name(text=name):
                return Leaf(name)
            case _:
                return Leaf()

    found = part(rule.left[-1].value)
    assert isinstance(found, Node)
    return found

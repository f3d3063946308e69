"""A second matcher, as plain as can be: it walks over a rule's tree and the graph and tries all that there is to try.

It shares nothing with the one under test but the tree: no program, no registers, no order of tests. It knows the few
operators of `drawn`, all of which have their operands in the file as they are written.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field

from rewriter.dialect.dialect import builtin_declarations
from rewriter.language import syntax
from rewriter.model import Operator, Subgraph, Tensor
from tests.unit.networks import NUMPY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COMMUTATIVE = ("ADD", "MUL")
BINARY = (*COMMUTATIVE, "SUB")
ACTIVATION = "fused_activation_function"
Names = dict[str, Any]


@define
class Way:
    """One way to match, so far: what the names stand for, and the operators in the order in which they were met."""

    names: Names
    operators: tuple[Operator, ...]
    met: dict[int, Operator] = field(factory=dict)

    def with_name(self, name: str, value: Any) -> Iterator[Way]:
        """This way with one more name, if it says nothing else yet."""
        if name not in self.names:
            yield Way({**self.names, name: value}, self.operators, self.met)
        elif _same(self.names[name], value):
            yield self

    def with_operator(self, operator: Operator) -> Way:
        """This way with one more operator."""
        return Way(self.names, (*self.operators, operator), self.met)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        constants = [(each.dtype, each.shape, each.quantization, each.data) for each in (one, other)]
        return one is other or (one.data is not None and constants[0] == constants[1])
    return one is other if isinstance(one, Tensor) or isinstance(other, Tensor) else one == other


def _sizes(tensor: Tensor) -> list[int | None]:
    signature = tensor.shape_signature or tensor.shape
    return [None if size < 0 else size for size in signature]


class Naive:
    """The matcher of one rule.

    Args:
        rule: The rule's tree.
        subgraph: Where it is looked for.
        condition: Its `where`.
    """

    def __init__(self, rule: syntax.Rule, subgraph: Subgraph, condition: Callable[[Names], bool]) -> None:
        self.rule = rule
        self.subgraph = subgraph
        self.condition = condition
        *self.equations, self.last = rule.left

    def matches(self, root: Operator) -> Iterator[Way]:
        """All ways to match at a root, in the order in which they count, save for equations found downwards."""
        for way in self.root(root):
            if self.condition(way.names) and self.may_go(way, root):
                yield way

    def root(self, root: Operator) -> Iterator[Way]:
        for way in self.top(self.last.value, root, _count(self.last), Way({}, ())):
            yield from self.results(self.last, root, way, self.downwards)

    def results(self, equation: syntax.Equation, operator: Operator, way: Way, go_on: Any) -> Iterator[Way]:
        written = equation.results
        for parts in _divisions(written, list(operator.outputs)) if written else [[]]:
            ways = [way]
            for result, value in zip(written, parts, strict=True):
                name = syntax.named(result)
                if name is not None:
                    ways = [each for one in ways for each in one.with_name(name.text, value)]
            for each in ways:
                yield from go_on(each)

    def downwards(self, way: Way) -> Iterator[Way]:
        """Equations that nothing led to: any operator that has not matched yet may be theirs."""
        waiting = [number for number in range(len(self.equations)) if number not in way.met]
        for number in waiting:
            equation = self.equations[number]
            named = [each.text for each in equation.names]
            read = [name for other in waiting for name in _names(self.equations[other].value)]
            if not named or any(name in read for name in named):
                continue
            for operator in self.subgraph.operators:
                if operator not in way.operators:
                    met = Way(way.names, way.operators, {**way.met, number: operator})
                    for found in self.top(equation.value, operator, _count(equation), met):
                        yield from self.results(equation, operator, found, self.downwards)
            return
        yield way

    def top(self, node: Any, operator: Operator, count: int | None, way: Way) -> Iterator[Way]:
        """What stands alone on a side of an equation, at an operator with so many results, if that is said."""
        if count is not None and len(operator.outputs) != count:
            return
        match node:
            case syntax.Operator():
                yield from self.operator(node, operator, way)
            case syntax.Alternatives(branches=branches):
                for branch in branches:
                    yield from self.top(branch, operator, count, way)
            case syntax.Named(name=name, value=value):
                for found in self.top(value, operator, count, way):
                    yield from found.with_name(name.text, operator.outputs[0])
            case syntax.Typed(value=value, type=kind):
                for found in self.top(value, operator, count, way):
                    yield from self.typed(kind, operator.outputs[0], found)
            case _:
                raise AssertionError(node)

    def operator(self, node: syntax.Operator, operator: Operator, way: Way) -> Iterator[Way]:
        names = [f"CUSTOM[{head.code.value}]" if head.code else head.name.text for head in node.heads]
        if "ANY" not in names and operator.name not in names:
            return
        for found in self.attributes(node, operator, way.with_operator(operator)):
            yield from self.operands(node, operator, found)

    def attributes(self, node: syntax.Operator, operator: Operator, way: Way) -> Iterator[Way]:
        ways = [way]
        if operator.name in (*BINARY, "FULLY_CONNECTED", "CONCATENATION"):
            written = {each.name.text for each in node.attributes}
            if ACTIVATION not in written and _attribute(operator, ACTIVATION) != "NONE":
                return
        for attribute in node.attributes:
            value = _attribute(operator, attribute.name.text)
            (wanted,) = attribute.values
            if isinstance(wanted, syntax.Name):
                ways = [each for one in ways for each in one.with_name(wanted.text, value)]
            elif isinstance(wanted, syntax.Word):
                ways = ways if value == wanted.text else []
            else:
                assert isinstance(wanted, syntax.Number)
                ways = ways if np.float32(value) == np.float32(wanted.value) else []  # type: ignore[arg-type]
        yield from ways

    def operands(self, node: syntax.Operator, operator: Operator, way: Way) -> Iterator[Way]:
        written = [_unnamed(each) for each in sorted(node.operands, key=_place)]
        named = any(map(_place, node.operands))
        inputs: list[Tensor | None] = list(operator.inputs)
        if any(isinstance(each, syntax.Rest) for each in written):
            yield way
        elif any(map(_is_variadic, written)):
            for parts in _divisions(written, inputs):
                yield from self.all(written, parts, way)
        elif len(written) >= len(inputs) or all(each is None for each in inputs[len(written) :]):
            inputs += [None] * (len(written) - len(inputs))
            yield from self.all(written, inputs, way)
            if operator.name in COMMUTATIVE and len(written) == 2 and not named and not _is_any(node):
                yield from self.all(written, inputs[1::-1], way)

    def all(self, nodes: Sequence[Any], values: Sequence[Any], way: Way) -> Iterator[Way]:
        if not nodes:
            yield way
            return
        for found in self.operand(nodes[0], values[0], way):
            yield from self.all(nodes[1:], values[1:], found)

    def operand(self, node: Any, value: Any, way: Way) -> Iterator[Way]:
        """A tensor, None, or the list of tensors that a variadic operand takes."""
        match node:
            case syntax.Absent():
                yield from [way] * (value is None)
            case syntax.Optional(value=syntax.Name(text=text)):
                yield from way.with_name(text, value)
            case syntax.Typed(value=inner, type=kind):
                for found in self.operand(inner, value, way):
                    yield from self.typed(kind, value, found)
            case syntax.Variadic(value=syntax.Name(text=text)):
                yield from self.list_named(text, value, way)
            case syntax.Variadic(value=inner):
                yield from self.each(inner, value, way)
            case syntax.Named(name=name, value=inner):
                for found in self.operand(inner, value, way):
                    yield from found.with_name(name.text, value)
            case syntax.Wildcard():
                # An operand that `_` stands for is there.
                yield from [way] * (value is not None)
            case _ if value is None:
                return
            case syntax.Name(text=text):
                yield from self.name(text, value, way)
            case syntax.Operator():
                if value.producer is not None and len(value.producer.outputs) == 1:
                    yield from self.operator(node, value.producer, way)
            case syntax.Alternatives(branches=branches):
                for branch in branches:
                    yield from self.operand(branch, value, way)
            case syntax.Number(value=number):
                yield from [way] * (value.data is not None and bool((_values(value) == number).all()))
            case syntax.List(elements=elements):
                yield from self.list(elements, value, way)
            case _:
                raise AssertionError(node)

    def list(self, elements: Sequence[Any], tensor: Tensor, way: Way) -> Iterator[Way]:
        if tensor.data is None or len(tensor.shape) > 1 or _values(tensor).size != len(elements):
            return
        ways = [way]
        for element, value in zip(elements, _values(tensor).reshape(-1).tolist(), strict=True):
            if isinstance(element, syntax.Name):
                ways = [each for one in ways for each in one.with_name(element.text, value)]
            elif isinstance(element, syntax.Number) and element.value != value:
                return
        yield from ways

    def each(self, node: Any, tensors: Sequence[Any], way: Way) -> Iterator[Way]:
        """Every tensor by itself; the names in the pattern become those of lists."""
        ways: list[list[Way]] = [[]]
        alone = Naive(self.rule, self.subgraph, self.condition)
        alone.equations = []  # a name is one of a list here, and the list is what an equation may name
        for tensor in tensors:
            if tensor is None:
                return
            ways = [[*before, found] for before in ways for found in alone.operand(node, tensor, Way({}, ()))]
        for found in ways:
            operators = tuple(operator for one in found for operator in one.operators)
            lists = {name: [one.names[name] for one in found] for name in found[0].names}
            every = [Way(way.names, (*way.operators, *operators), way.met)]
            for name, values in lists.items():
                every = [each for one in every for each in self.list_named(name, values, one)]
            yield from every

    def name(self, text: str, tensor: Tensor, way: Way) -> Iterator[Way]:
        number = self.number_of(text)
        if number is None:
            yield from way.with_name(text, tensor)
        else:
            yield from self.met(number, tensor, text, tensor, way)

    def list_named(self, text: str, tensors: Any, way: Way) -> Iterator[Way]:
        """A list's name; where it is one of results, there must be some."""
        number = self.number_of(text)
        if number is None:
            yield from way.with_name(text, tensors)
        elif tensors and tensors[0] is not None:
            yield from self.met(number, tensors[0], text, tensors, way)

    def number_of(self, text: str) -> int | None:
        """The number of the equation that has a result of this name."""
        return next((n for n, each in enumerate(self.equations) if any(text == r.text for r in each.names)), None)

    def met(self, number: int, tensor: Tensor, text: str, value: Any, way: Way) -> Iterator[Way]:
        """An equation, at one of its results, and that the name stands for the value."""
        if number in way.met:
            yield from way.with_name(text, value)
        elif tensor.producer is not None:
            equation, operator = self.equations[number], tensor.producer
            met = Way(way.names, way.operators, {**way.met, number: operator})
            for found in self.top(equation.value, operator, _count(equation), met):
                yield from self.results(equation, operator, found, lambda each: each.with_name(text, value))

    def typed(self, kind: Any, value: Any, way: Way) -> Iterator[Way]:
        ways = [way]
        for tensor in value if isinstance(value, list) else [value]:
            if tensor is not None:
                ways = [each for one in ways for each in self.type(kind, tensor, one)]
        yield from ways

    def type(self, kind: syntax.Type, tensor: Tensor, way: Way) -> Iterator[Way]:
        if (kind.dtypes and tensor.dtype not in [each.text for each in kind.dtypes]) or (
            kind.const and tensor.data is None
        ):
            return
        if kind.shape is None:
            yield way
            return
        wanted, sizes = list(kind.shape.dimensions), _sizes(tensor)
        at = next((n for n, each in enumerate(wanted) if isinstance(each, syntax.Run)), None)
        if at is not None:
            more = len(sizes) - (len(wanted) - 1)
            if more < 0:
                return
            wanted[at : at + 1] = [syntax.Wildcard(kind.span)] * more
        if len(wanted) != len(sizes):
            return
        ways = [way]
        for place, size in zip(wanted, sizes, strict=True):
            if isinstance(place, syntax.Name):
                ways = [each for one in ways for each in one.with_name(place.text, size)]
            elif isinstance(place, syntax.Number) and place.value != size:
                return
        yield from ways

    def may_go(self, way: Way, root: Operator) -> bool:
        """Whether nobody else needs what the rule removes."""
        given = {name.text for equation in self.rule.right for name in equation.names}
        anew = _flat([way.names[name] for name in given]) if given else root.outputs
        if self.rule.shared or not anew:
            return bool(anew)
        gone = way.operators
        results = [tensor for operator in gone for tensor in operator.outputs if tensor not in anew]
        return not any(each.is_output or any(reader not in gone for reader in each.consumers) for each in results)


def _count(equation: syntax.Equation) -> int | None:
    """How many results an operator has to have; None where a list leaves that open."""
    return None if equation.has_list else max(len(equation.results), 1)


def _flat(values: Any) -> list[Any]:
    return [each for value in values for each in _flat(value)] if isinstance(values, list) else [values]


def _attribute(operator: Operator, name: str) -> Any:
    return builtin_declarations()[operator.name].attribute(operator, name)


def _names(node: syntax.Syntax) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.text
    for child in syntax.children(node):
        yield from _names(child)


def _values(tensor: Tensor) -> Any:
    assert tensor.data is not None
    return np.frombuffer(tensor.data, NUMPY[tensor.dtype]).reshape(tensor.shape)


def _is_any(node: syntax.Operator) -> bool:
    """Whether any operator will do; its operands then match as the file has them."""
    return any(head.name.text == "ANY" for head in node.heads)


def _place(node: Any) -> int:
    """Which of two operands is named, from 1; 0 for one that is not."""
    return {"lhs": 1, "rhs": 2}.get(node.name.text, 0) if isinstance(node, syntax.Named) else 0


def _unnamed(node: Any) -> Any:
    return node.value if _place(node) else node


def _is_variadic(node: Any) -> bool:
    while isinstance(node, syntax.Typed | syntax.Named):
        node = node.value
    return isinstance(node, syntax.Variadic)


def _divisions(nodes: Sequence[Any], inputs: list[Tensor | None]) -> Iterator[list[Any]]:
    """All ways to give operands to parts, those with short parts in front first."""
    for cuts in combinations_with_replacement(range(len(inputs) + 1), len(nodes) - 1):
        parts: list[Any] = []
        for node, (start, end) in zip(nodes, pairwise((0, *cuts, len(inputs))), strict=True):
            length = end - start
            while isinstance(node, syntax.Typed | syntax.Named):
                node = node.value
            if isinstance(node, syntax.Variadic):
                if length < (not isinstance(node.value, syntax.Name | syntax.Wildcard)):
                    break
                parts.append(inputs[start:end])
            elif length != 1:
                break
            else:
                parts.append(inputs[start])
        else:
            yield parts

"""Small graphs and rules drawn at random, the rules mostly by forgetting parts of what stands in the graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tests.unit.naive import BINARY, Names
from tests.unit.networks import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from rewriter.model import Model, Operator, Tensor

UNARY = ("NEG", "RELU", "ABS", "LEAKY_RELU")
SHAPES = ((2,), (3,), (2, 3), (-1, 3), (1, 2, 2))
VALUES = (0.0, 1.0, [1.0, 2.0], [1.0, 2.0], [0.5, 0.5], [[1.0, 2.0], [3.0, 4.0]])
CONVERGING = ("ADD", "MUL", "SUB", "CONCATENATION", "ADD_N", "FULLY_CONNECTED", "CUSTOM[Opt]")


def draw_model(random: Random) -> Model:
    """A graph of 3 to 12 operators. It need not compute anything: nothing here runs it."""
    network = Network()
    tensors: list[Tensor] = [network.input(f"x{n}", random.choice(SHAPES)) for n in range(random.randint(1, 3))]
    tensors += [network.constant(f"c{n}", random.choice(VALUES)) for n in range(random.randint(1, 3))]
    made: list[Tensor] = []
    parted: list[Sequence[Tensor]] = []
    for number in range(random.randint(3, 12)):
        kind = random.choice(("ADD", "ADD", "MUL", "SUB", *UNARY, *CONVERGING, "CUSTOM[Two]", "CUSTOM[Parts]"))
        attributes: dict[str, object] = {}
        operands: list[Tensor | None] = [random.choice(tensors[-6:] + tensors[:2])]
        if kind in (*BINARY, "FULLY_CONNECTED", "CUSTOM[Opt]"):
            operands.append(random.choice(tensors))
        if kind in ("CONCATENATION", "ADD_N"):
            operands += [random.choice(tensors[-4:]) for _ in range(random.randint(0, 3))]
            if parted and random.random() < 0.6:
                operands[random.randint(0, 1) :] = _results_of(random.choice(parted), random, network, tensors)
        if kind in ("FULLY_CONNECTED", "CUSTOM[Opt]") and random.random() < 0.6:
            operands.append(random.choice([None, *tensors]))
        if kind in (*BINARY, "FULLY_CONNECTED", "CONCATENATION") and random.random() < 0.1:
            attributes["fused_activation_function"] = "RELU"
        if kind == "LEAKY_RELU":
            attributes["alpha"] = random.choice((0.1, 0.2, 0.5))
        count = {"CUSTOM[Two]": 2, "CUSTOM[Parts]": random.randint(1, 4)}.get(kind, 1)
        results = [
            network.tensor(f"t{number}" + "abcd"[place : place + 1] * (count > 1), random.choice(SHAPES))
            for place in range(count)
        ]
        network.add(kind, operands, results, attributes=attributes)
        if kind == "CUSTOM[Parts]":
            parted.append(results)
        tensors += results
        made += results
    read = {id(tensor) for operator in network.operators for tensor in operator.inputs}
    outputs = [tensor for tensor in made if id(tensor) not in read or random.random() < 0.08]
    return network.build(*outputs)


def _results_of(
    results: Sequence[Tensor], random: Random, network: Network, tensors: list[Tensor]
) -> list[Tensor | None]:
    """Results of one operator as operands: mostly all of them, in their order, perhaps each by way of an operator."""
    kind = random.choice(("", "", "", *UNARY[:2]))
    read = list(results)
    if random.random() < 0.2:
        read = random.choice((read[1:], read[:-1], read[::-1], [*read, read[0]]))
    if not kind:
        return [*read]
    found: list[Tensor | None] = []
    for each in read:
        made = network.add(kind, [each], f"u{len(network.tensors)}")
        tensors.append(made)
        found.append(made)
    return found


@define
class DrawnRule:
    """A rule's text, and its `where` as a function, which the matchers are not asked about."""

    text: str
    condition: Callable[[Names], bool]


def draw_rule(random: Random, model: Model, name: str) -> DrawnRule:
    """A rule whose pattern is a part of the graph with much of it forgotten, and some of it changed."""
    return _RuleWriter(random, model, name).write()


@define
class _RuleWriter:
    random: Random
    model: Model
    name: str
    names: dict[str, str] = field(factory=dict)  # what each stands for: tensor, optional, number or list
    given: dict[int, str] = field(factory=dict)  # names of tensors, by their identity
    lists: dict[tuple[int, ...], str] = field(factory=dict)  # names of lists of results, by their tensors
    equations: list[str] = field(factory=list)
    written: set[int] = field(factory=set)
    mapped: bool = False

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def write(self) -> DrawnRule:
        root = self.random.choice(self.model.subgraphs[0].operators)
        if len(root.outputs) >= 2 or (root.name == "CUSTOM[Parts]" and self.chance(0.7)):
            left = self.operator(root, 2)
            results = self.parts(root.outputs, None)
            named = [each for each in results if not each.startswith("_")]
            if not named:
                results = named = [self.result_list(root.outputs)]
            left = f"({', '.join(results)}) = {left}"
            kept = [each for each in named if self.chance(0.9)] or named
            lone = len(kept) == 1 and not kept[0].endswith("...")
            right = f"{kept[0]} = CUSTOM[M]()" if lone else f"({', '.join(kept)}) = CUSTOM[M]()"
        else:
            left = self.alternatives(lambda: self.operator(root, 2), top=True)
            right = "CUSTOM[M]()"
        self.downwards()
        sides = "; ".join([*self.equations, left])
        text, condition = self.condition(_words(sides))
        shared = " shared" if self.chance(0.4) else ""
        return DrawnRule(f"rule {self.name}\n  {sides}\n  {text}\n  -> {right}{shared}\n", condition)

    def fresh(self, kind: str) -> str:
        name = f"{kind[0]}{len(self.names)}"
        self.names[name] = kind
        return name

    def result(self, tensor: Tensor) -> str:
        return self.given.setdefault(id(tensor), self.fresh("tensor"))

    def result_list(self, tensors: Sequence[Tensor]) -> str:
        key = tuple(map(id, tensors))
        if key not in self.lists or not tensors:
            self.lists[key] = self.fresh("list")
        return f"{self.lists[key]}..."

    def parts(self, tensors: Sequence[Tensor], wanted: Sequence[Tensor] | None) -> list[str]:
        """The results of an operator, some of them in lists; those that are wanted by their name or as one list."""
        chosen = [id(each) for each in wanted or ()]
        found: list[str] = []
        at = 0
        while at < len(tensors):
            if chosen and id(tensors[at]) == chosen[0]:
                several = len(chosen) > 1 or self.lists.get(tuple(chosen)) is not None
                found.append(self.result_list(tensors[at : at + len(chosen)]) if several else self.result(tensors[at]))
                at += len(chosen)
                continue
            end = at + 1
            while end < len(tensors) and id(tensors[end]) not in chosen[:1] and self.chance(0.6):
                end += 1
            if self.chance(0.4):
                found.append(self.result_list(tensors[at:end]) if self.chance(0.7) else "_...")
            else:
                found += [self.result(each) if self.chance(0.7) else "_" for each in tensors[at:end]]
            at = end
        if self.chance(0.1):
            found.insert(self.random.randint(0, len(found)), self.random.choice((self.result_list(()), "_...")))
        return found

    def operator(self, operator: Operator, depth: int) -> str:
        """An operator with much of it forgotten."""
        self.written.add(id(operator))
        head, inputs = operator.name, list(operator.inputs)
        if head in BINARY and self.chance(0.3):
            head = "(" + "|".join(self.random.sample(BINARY, 2)) + ")"
        elif self.chance(0.05):
            head = "ANY"
        if head == "LEAKY_RELU" and self.chance(0.6):
            head += f"[alpha={self.random.choice(('0.1', '0.2', '0.5', self.number()))}]"
        elif operator.name in BINARY and self.chance(0.1) and head != "ANY":
            head += f"[fused_activation_function={self.random.choice(('RELU', 'NONE', self.number()))}]"
        if self.chance(0.1):
            return f"{head}(..)"
        if operator.name in BINARY and self.chance(0.3):
            inputs.reverse()
        if operator.name in ("CONCATENATION", "ADD_N") and head != "ANY":
            return f"{head}({', '.join(self.several(inputs, depth))})"
        operands = [self.operand(each, depth) for each in inputs]
        if operator.name == "FULLY_CONNECTED":
            operands += ["absent"] * (3 - len(operands)) if self.chance(0.3) else []
            operands += [self.optional()] * (3 - len(operands)) if self.chance(0.6) else []
        elif operator.name == "CUSTOM[Opt]" and self.chance(0.4):
            operands.append(self.optional())
        elif operator.name in BINARY and not head.startswith("ANY") and self.chance(0.1):
            operands = [f"rhs={operands[0]}", f"lhs={operands[1]}"]
        return f"{head}({', '.join(operands)})"

    def optional(self) -> str:
        name = self.fresh("optional")
        return f"{name}?" + (f": {self.shape((2, 3))}" if self.chance(0.3) and not self.mapped else "")

    def several(self, inputs: Sequence[Tensor | None], depth: int) -> list[str]:
        """Operands of an operator that takes any number of them."""
        parts: list[str] = []
        at = 0
        while at < len(inputs):
            length = self.random.randint(1, len(inputs) - at)
            chosen = [each for each in inputs[at : at + length] if each is not None]
            kinds = {each.producer.name for each in chosen if each.producer and len(each.producer.outputs) == 1}
            text = None if self.mapped or None in inputs else self.results_read(inputs[at:], depth)  # type: ignore[arg-type]
            if text is not None:
                parts.append(text[0])
                length = text[1]
            elif self.mapped or self.chance(0.4):
                parts.append(self.operand(inputs[at], depth))
                length = 1
            elif len(kinds) == 1 and depth and self.chance(0.7) and all(each.producer for each in chosen):
                parts.append(self.each(chosen, depth))
            else:
                parts.append(self.list())
            at += length
        if self.chance(0.3) and not self.mapped:
            parts.insert(self.random.randint(0, len(parts)), self.list())
        return parts

    def results_read(self, inputs: Sequence[Tensor], depth: int) -> tuple[str, int] | None:
        """A list of results, or something made of each, that operands begin with; and how many they are."""
        head = ""
        first = inputs[0].producer
        if first is not None and len(first.outputs) == 1 and first.name in UNARY[:2] and self.chance(0.8):
            head = first.name
            made = [each.producer for each in inputs]
            same = next((n for n, each in enumerate(made) if each is None or each.name != head), len(made))
            inputs = [each.inputs[0] for each in made[:same] if each is not None and each.inputs[0] is not None]
        producer = inputs[0].producer
        if producer is None or (producer.name != "CUSTOM[Parts]" and len(producer.outputs) == 1) or not depth:
            return None
        start = next(place for place, each in enumerate(producer.outputs) if each is inputs[0])
        count = 0
        while count < len(inputs) and start + count < len(producer.outputs):
            if inputs[count] is not producer.outputs[start + count]:
                break
            count += 1
        read = inputs[:count]
        known = self.lists.get(tuple(map(id, read)))
        if known is None:
            if id(producer) in self.written or self.chance(0.2):
                return None
            name = self.result_list(read)
            text = self.operator(producer, depth - 1)
            self.equations.append(f"({', '.join(self.parts(producer.outputs, read))}) = {text}")
        else:
            name = f"{known}..."
        return (f"{head}({name[:-3]})..." if head else name), count

    def list(self) -> str:
        lists = [name for name, kind in self.names.items() if kind == "list"]
        name = self.random.choice(lists) if lists and self.chance(0.2) else self.fresh("list")
        return f"{name}..." + (f": {self.shape((2, 3))}" if self.chance(0.2) else "")

    def each(self, tensors: Sequence[Tensor], depth: int) -> str:
        """A pattern for every operand of a list; its names are those of lists."""
        inner = _RuleWriter(
            self.random, self.model, "", names={f"_{n}": "" for n in range(len(self.names))}, mapped=True
        )
        producer = tensors[0].producer
        assert producer is not None
        text = inner.alternatives(lambda: inner.operator(producer, depth - 1))
        if inner.equations:
            return self.list()
        written = _words(text)
        for name, kind in inner.names.items():
            if kind and name in written:
                self.names[name] = f"list of {kind}"
        return f"{text}..."

    def operand(self, tensor: Tensor | None, depth: int) -> str:
        if tensor is None:
            return self.random.choice(("absent", self.optional(), self.optional()))
        if id(tensor) in self.given and self.chance(0.5):
            return self.given[id(tensor)]
        if self.chance(0.05):
            return self.random.choice(("(_ | NEG(_))", "(RELU(_) | _)", "(1.0 | ABS(_))", "(ADD(..) | _)"))
        producer = tensor.producer
        if producer is not None and depth and self.chance(0.75):
            if len(producer.outputs) > 1:
                return self.equation(producer, tensor, depth)
            if not self.mapped and self.chance(0.15) and id(tensor) not in self.given:
                text = self.operator(producer, depth - 1)
                self.equations.append(f"{self.result(tensor)} = {text}")
                return self.given[id(tensor)]
            text = self.alternatives(lambda: self.operator(producer, depth - 1))
            if self.chance(0.2):
                text = f"{self.fresh('tensor')} = {text}"
            return text
        if tensor.data is not None and self.chance(0.4):
            return self.random.choice(("0.0", "1.0", "[1.0, 2.0]", "[1.0, _]", f"[{self.number()}, {self.number()}]"))
        if self.chance(0.25):
            return "_" + (f": {self.shape(tensor.shape)}" if self.chance(0.3) else "")
        if tensor.producer is not None and self.chance(0.1) and not self.mapped:
            return self.alternatives(lambda: self.result(tensor))
        return self.capture(tensor)

    def capture(self, tensor: Tensor) -> str:
        tensors = [name for name, kind in self.names.items() if kind == "tensor"]
        if tensors and self.chance(0.1):
            return self.random.choice(tensors)
        name = self.result(tensor)
        kind = self.random.choice(("const", "f32", self.shape(tensor.shape), f"f32{self.shape(tensor.shape)}"))
        return f"{name}: {kind}" if self.chance(0.25) else name

    def shape(self, sizes: Sequence[int]) -> str:
        places = [self.random.choice((str(size), "_", self.number())) for size in sizes]
        if places and self.chance(0.3):
            at = self.random.randint(0, len(places) - 1)
            places[at : at + self.random.randint(0, 2)] = ["..."]
        return f"[{', '.join(places)}]"

    def number(self) -> str:
        numbers = [name for name, kind in self.names.items() if kind == "number"]
        return self.random.choice(numbers) if numbers and self.chance(0.5) else self.fresh("number")

    def equation(self, producer: Operator, tensor: Tensor, depth: int) -> str:
        """A result of an operator that has two, which stands in an equation of its own."""
        if id(producer) in self.written or self.mapped:
            return self.given.get(id(tensor)) or "_"
        text = self.operator(producer, depth - 1)
        if id(tensor) in self.given:
            return self.given[id(tensor)]  # what it reads has led to it already
        if self.chance(0.4):
            names = self.parts(producer.outputs, [tensor])
        else:
            names = [self.result(each) if each is tensor or self.chance(0.5) else "_" for each in producer.outputs]
        self.equations.append(f"({', '.join(names)}) = {text}")
        return self.given[id(tensor)]

    def alternatives(self, write: Callable[[], str], *, top: bool = False) -> str:
        """Alternatives one of which is what stands there, and the others bind the same names."""
        before = set(self.names)
        known = dict(self.given)
        count = len(self.equations)
        text = write()
        if not self.chance(0.3) or len(self.equations) > count:
            return text
        written = _words(text)
        new = {name: kind for name, kind in self.names.items() if name not in before and kind and name in written}
        if any(kind.startswith("list") for kind in new.values()):
            return text
        branches = [text, self.branch(new, top=top)]
        self.random.shuffle(branches)
        self.given = known
        return f"({' | '.join(branches)})"

    def branch(self, names: dict[str, str], *, top: bool) -> str:
        tensors = [name for name, kind in names.items() if kind == "tensor"]
        numbers = [name for name, kind in names.items() if kind == "number"]
        optional = [f"{name}?" for name, kind in names.items() if kind == "optional"]
        self.random.shuffle(tensors)
        self.random.shuffle(numbers)
        if numbers:
            kind = f": [{', '.join(numbers)}]"
            tensors = [tensors[0] + kind, *tensors[1:]] if tensors else [f"_{kind}"]
        if not top and len(tensors) == 1 and not numbers and not optional and self.chance(0.3):
            return tensors[0]
        operands = tensors or ["_"]
        if optional or len(operands) > 2:
            return f"CUSTOM[Opt]({', '.join([*operands, *optional])})"
        if len(operands) == 1:
            return f"{self.random.choice(('NEG', 'RELU', 'ABS'))}({operands[0]})"
        return f"{self.random.choice(BINARY)}({', '.join(operands)})"

    def downwards(self) -> None:
        """Perhaps an equation that the root does not lead to."""
        operators = self.model.subgraphs[0].operators
        near = [
            operator
            for operator in operators
            if id(operator) not in self.written
            and any(each is not None and each.data is None and id(each) in self.given for each in operator.inputs)
        ]
        if near and self.chance(0.4):
            operator = self.random.choice(near)
            inputs = [
                self.given[id(each)] if each is not None and id(each) in self.given else self.operand(each, 1)
                for each in operator.inputs
            ]
            results = [self.result(each) for each in operator.outputs]
            left = f"({', '.join(results)})" if len(results) > 1 else results[0]
            self.equations.append(f"{left} = {operator.name}({', '.join(inputs)})")

    def condition(self, written: set[str]) -> tuple[str, Callable[[Names], bool]]:
        """A condition on one name that is written, or none."""
        kinds = ("tensor", "optional", "list", "number")
        names = [(name, kind) for name, kind in self.names.items() if kind in kinds and name in written]
        if not names or self.chance(0.5):
            return "", lambda _: True
        name, kind = self.random.choice(names)
        tensor = self.random.choice(self.model.subgraphs[0].tensors)
        number = self.random.randint(0, 3)
        match kind:
            case "tensor":
                if self.chance(0.5):
                    return f'where {name}.name == "{tensor.name}"', lambda names: names[name].name == tensor.name
                return f"where {name}.uses == {number}", lambda names: _uses(names[name]) == number
            case "optional":
                return f"where {name} is absent", lambda names: names[name] is None
            case "list":
                if self.chance(0.5):
                    return f"where len({name}) == {number}", lambda names: len(names[name]) == number
                return (
                    f'where {name}[0].name == "{tensor.name}"',
                    lambda names: bool(names[name]) and names[name][0].name == tensor.name,
                )
            case _:
                return f"where {name} == {number}", lambda names: names.get(name) == number


def _uses(tensor: Any) -> int:
    return sum(tensor.consumers.values()) + tensor.is_output


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))

"""A side of a rule as a small graph: tensors with what is said of them, and the operators between.

The checks that compare sides with each other, or ask whether a side contradicts itself, all work on this form. It says
less than the text where the text is hard to reason about, never more; `Unclear` is raised where it could say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from attrs import define, field, frozen

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.brackets import assign_operands, custom_options_literal, literal_places, literal_sizes
from rewriter.source import Span

ACTIVATION = "fused_activation_function"

Size = int | str | None
"""One place of a shape or a list: a number, a name, or anything."""

Presence = Literal["present", "maybe", "absent", "any"]
"""`maybe` is what the text calls optional; `any` is an implied operand that is not written."""


class Unclear(Exception):
    """A side holds something that terms do not express."""


@frozen
class Shape:
    """`[n, 3]`: `back` is None; `[n, ..., 3]`: what stands before and behind the run."""

    front: tuple[Size, ...]
    back: tuple[Size, ...] | None
    span: Span = field(eq=False)

    @property
    def least(self) -> int:
        """How many dimensions there are at least; exactly so many without a run."""
        return len(self.front) + len(self.back or ())


@frozen
class Contents:
    """A constant's elements; with `splat` all of them are the one that is given. `shape` is that of lists in a list."""

    elements: tuple[float | str | None, ...]
    splat: bool
    span: Span = field(eq=False)
    shape: tuple[int, ...] | None = None


@frozen
class Setting:
    """What is known of an attribute: the values that it can have, and a key that equal attributes share."""

    values: tuple[object, ...] | None = None
    key: object = None


UNKNOWN = Setting()


@frozen
class Text:
    """A word or a string as what a name stands for; a plain `str` is a name itself."""

    text: str


@define(eq=False)
class TermTensor:
    """A tensor, and each thing that is said of it with the place where it is said.

    Attributes:
        many: Whether it stands for each of a list of results.
        producer: The operator that makes it and the number of the result, where the side says so; a list counts as one.
        others: More such operators, where one name stands for several results.
    """

    span: Span
    presence: Presence = "present"
    name: str | None = None
    many: bool = False
    dtypes: list[tuple[frozenset[str], Span]] = field(factory=list[tuple[frozenset[str], Span]])
    shapes: list[Shape] = field(factory=list[Shape])
    const: Span | None = None
    contents: list[Contents] = field(factory=list[Contents])
    producer: tuple[TermOperator, int] | None = None
    others: list[tuple[TermOperator, int]] = field(factory=list[tuple["TermOperator", int]])

    @property
    def kinds(self) -> frozenset[str] | None:
        """The element types that it can have; None for any."""
        found: frozenset[str] | None = None
        for each, _ in self.dtypes:
            found = each if found is None else found & each
        return found

    @property
    def plain(self) -> bool:
        """Whether nothing is said of it but perhaps a name."""
        return not (self.dtypes or self.shapes or self.const or self.contents or self.producer)


@define(eq=False)
class Run:
    """`xs...` and `RELU(xs)...`: any number of operands, each like `each`; a mapped one has an operator there."""

    each: TermTensor
    span: Span


@define(eq=False)
class TermOperator:
    """An operator.

    Attributes:
        heads: The names that it can have; None for any.
        operands: In logical order; None for any.
        free: Its names under which its operands stand in either order.
        made: Whether a replacement makes it: what is not set then has its default.
        origin: The operator whose attributes it keeps.
    """

    span: Span
    heads: frozenset[str] | None
    declarations: dict[str, Declaration]
    settings: dict[str, Setting]
    version: tuple[str, int] | None = None
    operands: list[TermTensor | Run] | None = None
    free: frozenset[str] = frozenset()
    results: list[TermTensor] = field(factory=list[TermTensor])
    """A list of results stands among them as one tensor, which is `many`."""
    made: bool = False
    origin: TermOperator | None = None

    def has(self, name: str) -> bool | None:
        """Whether operators of this kind have an attribute; None where some may."""
        if self.heads is None:
            return None
        found = {name in each.attributes for each in self.declarations.values()}
        return found.pop() if len(found) == 1 else None

    def setting(self, name: str) -> Setting:
        """What is known of an attribute."""
        found = self.settings.get(name)
        if found is not None:
            return found
        if self.origin is not None:
            return self.origin.setting(name)
        if not self.made:
            return Setting(None, (self, name))
        if name == "custom_options":
            coded = any(each.codec is not None for each in self.declarations.values())
            return UNKNOWN if coded else Setting((None,))
        defaults = [each.attributes[name].default for each in self.declarations.values() if name in each.attributes]
        return Setting(tuple(defaults)) if defaults and defaults[0] is not None else UNKNOWN

    @property
    def has_list(self) -> bool:
        """Whether some of its results are a list of any length."""
        return any(each.many for each in self.results)

    def reads(self) -> Iterator[TermTensor]:
        """Its operands, and what stands for those of a run."""
        for operand in self.operands or ():
            yield operand.each if isinstance(operand, Run) else operand


@define(eq=False)
class Term:
    """A left side, with one branch chosen of each of its alternatives.

    Attributes:
        root: The operator at which it matches.
        operators: All of them, the root first.
        names: The tensors that have names.
        branches: The alternatives that were chosen.
    """

    root: TermOperator
    operators: list[TermOperator]
    names: dict[str, TermTensor]
    branches: list[syntax.Operand] = field(factory=list[syntax.Operand])

    @property
    def runs(self) -> Iterator[TermTensor]:
        """What stands for the operands of runs."""
        return (each.each for operator in self.operators for each in operator.operands or () if isinstance(each, Run))


@define
class _Choices:
    """Counts through the branches of alternatives, in the order in which they are met."""

    chosen: list[int] = field(factory=list[int])
    counts: list[int] = field(factory=list[int])
    met: int = 0

    def choose(self, count: int) -> int:
        if self.met == len(self.chosen):
            self.chosen.append(0)
            self.counts.append(count)
        self.met += 1
        return self.chosen[self.met - 1]

    def next(self) -> bool:
        """Whether there is another combination."""
        self.met = 0
        while self.chosen:
            self.chosen[-1] += 1
            if self.chosen[-1] < self.counts[-1]:
                return True
            self.chosen.pop()
            self.counts.pop()
        return False


_MOST_TERMS = 64


def read_pattern(
    side: tuple[syntax.Equation, ...], dialect: Dialect, types: Mapping[str, syntax.Type]
) -> tuple[Term, ...]:
    """The terms of a left side: one for each combination of the branches of its alternatives.

    Args:
        side: The side, named patterns expanded.
        dialect: Finds declarations.
        types: Types that names are given on the other side of a `<->`.

    Raises:
        Unclear: It says something that terms do not express, or has more combinations than can be looked at.
    """
    choices = _Choices()
    terms: list[Term] = []
    while len(terms) < _MOST_TERMS:
        terms.append(PatternReader(dialect, types, choices).read(side))
        if not choices.next():
            return tuple(terms)
    raise Unclear("too many alternatives")


class PatternReader:
    """Reads one left side with one choice of branches."""

    def __init__(self, dialect: Dialect, types: Mapping[str, syntax.Type], choices: _Choices) -> None:
        self.dialect = dialect
        self.types = types
        self.choices = choices
        self.operators: list[TermOperator] = []
        self.names: dict[str, TermTensor] = {}
        self.branches: list[syntax.Operand] = []

    def read(self, side: tuple[syntax.Equation, ...]) -> Term:
        root: TermOperator | None = None
        for equation in side:
            root = self.equation(equation)
        assert root is not None
        self.operators.remove(root)
        return Term(root, [root, *self.operators], self.names, self.branches)

    def equation(self, equation: syntax.Equation) -> TermOperator:
        if len(equation.results) <= 1 and not equation.has_list:
            tensor = self.tensor(equation.value)
            for name in equation.results:
                if isinstance(name, syntax.Name):
                    tensor = self.called(name, tensor)
            if tensor.producer is None:
                raise Unclear("an equation without an operator")
            return tensor.producer[0]
        value = equation.value
        while isinstance(value, syntax.Alternatives):
            value = self.branch(value)
        if not isinstance(value, syntax.Operator):
            raise Unclear("several results of something else")
        operator = self.operator(value)
        for index, each in enumerate(equation.results):
            name = syntax.named(each)
            result = TermTensor(each.span, many=isinstance(each, syntax.Variadic), producer=(operator, index))
            operator.results.append(result)
            if name is not None:
                operator.results[index] = self.called(name, result)
        return operator

    def branch(self, node: syntax.Alternatives) -> syntax.Operand:
        chosen = node.branches[self.choices.choose(len(node.branches))]
        self.branches.append(chosen)
        return chosen

    # -- tensors ------------------------------------------------------------------------------------------------------

    def operand(self, node: syntax.Operand) -> TermTensor | Run:
        match node:
            case syntax.Variadic(value=value):
                return Run(self.tensor(value), node.span)
            case syntax.Typed(value=syntax.Variadic(value=value)):
                each = self.tensor(value)
                self.typed(each, node.type)
                return Run(each, node.span)
            case syntax.Named(value=syntax.Variadic() as value):
                return self.operand(value)
            case _:
                return self.tensor(node)

    def tensor(self, node: syntax.Operand) -> TermTensor:
        match node:
            case syntax.Wildcard():
                return TermTensor(node.span)
            case syntax.Absent():
                return TermTensor(node.span, "absent")
            case syntax.Name():
                return self.capture(node, "present")
            case syntax.Optional(value=syntax.Name() as name):
                return self.capture(name, "maybe")
            case syntax.Typed(value=value, type=kind):
                tensor = self.tensor(value)
                self.typed(tensor, kind)
                return tensor
            case syntax.Named(name=name, value=value):
                return self.called(name, self.tensor(value))
            case syntax.Operator():
                operator = self.operator(node)
                result = TermTensor(node.span, producer=(operator, 0))
                operator.results.append(result)
                return result
            case syntax.Alternatives():
                return self.tensor(self.branch(node))
            case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Unary():
                tensor = TermTensor(node.span, const=node.span)
                contents = contents_of(node)
                tensor.contents.append(contents)
                if contents.shape is not None:
                    tensor.shapes.append(Shape(contents.shape, None, node.span))
                return tensor
            case _:
                raise Unclear(type(node).__name__)

    def capture(self, name: syntax.Name, presence: Presence) -> TermTensor:
        known = self.names.get(name.text)
        if known is not None:
            if presence == "present":
                known.presence = "present"
            return known
        made = self.names[name.text] = TermTensor(name.span, presence, name.text)
        if name.text in self.types:
            self.typed(made, self.types[name.text])
        return made

    def called(self, name: syntax.Name, tensor: TermTensor) -> TermTensor:
        """A name for a tensor; where it stands for another one already, they are one."""
        known = self.names.get(name.text)
        if known is None:
            self.names[name.text] = tensor
            tensor.name = tensor.name or name.text
            if name.text in self.types:
                self.typed(tensor, self.types[name.text])
            return tensor
        if known is tensor:
            return known
        if tensor.name is not None and tensor.producer is None:
            raise Unclear("two names of one tensor")
        known.presence = "present" if "present" in (known.presence, tensor.presence) else known.presence
        known.dtypes += tensor.dtypes
        known.shapes += tensor.shapes
        known.const = known.const or tensor.const
        known.many = known.many or tensor.many
        known.contents += tensor.contents
        if tensor.producer is not None:
            operator, index = tensor.producer
            if index < len(operator.results):
                operator.results[index] = known
            if known.producer is None:
                known.producer = tensor.producer
            else:
                known.others.append(tensor.producer)
        return known

    def typed(self, tensor: TermTensor, kind: syntax.Type | syntax.Like) -> None:
        if isinstance(kind, syntax.Like):
            return
        if kind.dtypes:
            span = Span(kind.span.text, kind.dtypes[0].span.start, kind.dtypes[-1].span.end)
            tensor.dtypes.append((frozenset(each.text for each in kind.dtypes), span))
        if kind.const:
            tensor.const = tensor.const or kind.span
        if kind.shape is not None:
            front: list[Size] = []
            back: list[Size] | None = None
            for place in kind.shape.dimensions:
                if isinstance(place, syntax.Run):
                    back = []
                else:
                    (front if back is None else back).append(_size(place))
            tensor.shapes.append(Shape(tuple(front), None if back is None else tuple(back), kind.shape.span))

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, node: syntax.Operator) -> TermOperator:
        heads, declarations = declarations_of(node, self.dialect)
        made = TermOperator(node.span, heads, declarations, {})
        self.operators.append(made)
        if node.version is not None:
            made.version = (node.version.operator, int(node.version.number.value))
        known = {name for each in declarations.values() for name in each.attributes}
        for attribute in node.attributes:
            match attribute.values:
                case (syntax.Name(text=text),):
                    made.settings[attribute.name.text] = Setting(None, text)
                case (syntax.Wildcard(),):
                    made.settings[attribute.name.text] = Setting(None, (made, attribute.name.text))
                case values:
                    made.settings[attribute.name.text] = Setting(tuple(literal(value) for value in values))
        if (heads is None or ACTIVATION in known) and ACTIVATION not in made.settings:
            made.settings[ACTIVATION] = Setting(("NONE",))
        if any(isinstance(operand, syntax.Rest) for operand in node.operands):
            return made
        placed = place_operands(node.operands, declarations)
        if placed is None:
            made.operands = [self.operand(each) for each in node.operands]
            return made
        declaration = next(iter(declarations.values()))
        assert declaration.operands is not None
        made.operands = []
        for index, spec in enumerate(declaration.operands):
            operand = placed.get(index)
            if operand is not None:
                made.operands.append(self.operand(operand))
            else:
                made.operands.append(TermTensor(node.span, "any" if spec.implied else "absent"))
        named = any(
            isinstance(each, syntax.Named) and any(each.name.text == spec.name for spec in declaration.operands)
            for each in node.operands
        )
        if len(placed) == 2 and not named:
            made.free = frozenset(name for name, each in declarations.items() if each.commutative)
        return made


def declarations_of(node: syntax.Operator, dialect: Dialect) -> tuple[frozenset[str] | None, dict[str, Declaration]]:
    """The names that an operator can have, None for any, and what they are declared as."""
    declarations: dict[str, Declaration] = {}
    for head in node.heads:
        if head.name.text == "ANY":
            return None, {}
        found = dialect.find(head.name.text, head.code.value if head.code else None)
        if found is None:
            raise Unclear("an unknown operator")
        declarations[found.name] = found
    return frozenset(declarations), declarations


def place_operands(
    operands: tuple[syntax.Operand, ...], declarations: Mapping[str, Declaration]
) -> dict[int, syntax.Operand] | None:
    """Operands by their declared place; None where they stand as they are written."""
    every = list(declarations.values())
    if not every or any(each.operands is None or each.variadic for each in every):
        return None
    first = every[0]
    assert first.operands is not None
    for other in every[1:]:
        assert other.operands is not None
        if other.stored != first.stored or len(other.operands) != len(first.operands):
            raise Unclear("operators of one set with other operands")
    return assign_operands(operands, first, first.operands, operands[0].span if operands else _NOWHERE, [])


_NOWHERE: Span = None  # type: ignore[assignment]  # the place of a mistake that another check reports


def literal(node: syntax.Syntax) -> object:
    """The value of an attribute that is written out."""
    match node:
        case syntax.Word(text=value) | syntax.Number(value=value) | syntax.Boolean(value=value):
            return value
        case syntax.String(value=value):
            return value
        case syntax.List(elements=elements):
            return [literal(each) for each in elements]
        case syntax.Absent():
            return None
        case syntax.Call(function=syntax.Name(text="bytes")) | syntax.Flexbuffer():
            return custom_options_literal(node, [])
        case _:
            raise Unclear(type(node).__name__)


def contents_of(node: syntax.Syntax) -> Contents:
    """What a literal says of a constant; an element that is computed can be anything."""
    elements: list[float | str | None] = []
    for each in literal_places(node):
        match each:
            case syntax.Number(value=value) | syntax.Boolean(value=value):
                elements.append(value)
            case syntax.Name(text=text):
                elements.append(text)
            case syntax.Run() | syntax.List():
                raise Unclear("a run in a list, or a list")
            case _:
                elements.append(None)
    sizes = literal_sizes(node)
    nested = sizes if sizes is not None and len(sizes) > 1 else None
    return Contents(tuple(elements), not isinstance(node, syntax.List), node.span, nested)


def _size(place: syntax.Syntax) -> Size:
    match place:
        case syntax.Number(value=int(size)):
            return size
        case syntax.Name(text=text):
            return text
        case _:
            return None

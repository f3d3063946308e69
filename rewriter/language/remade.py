"""A right side as a term: the operators that it makes, of the tensors of the left side that it was matched with."""

from __future__ import annotations

from attrs import define, field

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.terms import (
    ACTIVATION,
    UNKNOWN,
    Contents,
    Run,
    Setting,
    Shape,
    Term,
    TermOperator,
    TermTensor,
    Unclear,
    contents_of,
    declarations_of,
    literal,
    place_operands,
)

# Functions of constants whose result has the shape of their first argument.
_KEEPING_SHAPE = {"sqrt", "rsqrt", "exp", "cast", "quantize", "dequantize", "evaluate"}


@define(eq=False)
class Remade:
    """A replacement.

    Attributes:
        roots: What takes the place of each root: (what was there, what comes).
        operators: Those that are made.
        used: Tensors of the left side that it is made of.
    """

    roots: list[tuple[TermTensor, TermTensor]]
    operators: list[TermOperator] = field(factory=list[TermOperator])
    used: list[TermTensor] = field(factory=list[TermTensor])


def read_replacement(side: tuple[syntax.Equation, ...], dialect: Dialect, left: Term) -> Remade:
    """The term of a right side, on that of the left.

    Raises:
        Unclear: It says something that terms do not express.
    """
    return _ReplacementReader(dialect, left).read(side)


class _ReplacementReader:
    def __init__(self, dialect: Dialect, left: Term) -> None:
        self.dialect = dialect
        self.left = left
        self.made = Remade([])
        self.names: dict[str, TermTensor] = {}

    def read(self, side: tuple[syntax.Equation, ...]) -> Remade:
        old = self.left.root.results
        for equation in side:
            if len(equation.results) > 1 or equation.has_list:
                self.several(equation)
                continue
            if equation.results and isinstance(equation.value, syntax.Absent):
                continue  # nothing takes the place of an output that is dropped
            made = self.tensor(equation.value)
            name = next(iter(equation.results), None)
            if name is None:
                self.replaced(old[0], made)
            if not isinstance(name, syntax.Name):
                continue
            known = self.left.names.get(name.text)
            if known is not None and any(known is each for each in old):
                self.replaced(known, made)
            self.names[name.text] = made
        return self.made

    def replaced(self, old: TermTensor, new: TermTensor) -> None:
        """A new root's result takes over what is recorded of the old one's, but for a type that the text gives it."""
        if new.producer is not None and new.producer[0].made:
            new.dtypes, new.shapes = new.dtypes or old.dtypes, old.shapes
        self.made.roots.append((old, new))

    def several(self, equation: syntax.Equation) -> None:
        if not isinstance(equation.value, syntax.Operator):
            raise Unclear("several results of something else")
        operator = self.operator(equation.value)
        for index, each in enumerate(equation.results):
            name = syntax.named(each)
            result = TermTensor(each.span, many=isinstance(each, syntax.Variadic), producer=(operator, index))
            operator.results.append(result)
            if name is not None:
                self.names[name.text] = result
                known = self.left.names.get(name.text)
                if known is not None:
                    self.replaced(known, result)

    # -- tensors ------------------------------------------------------------------------------------------------------

    def operand(self, node: syntax.Operand) -> TermTensor | Run:
        if isinstance(node, syntax.Variadic):
            if isinstance(node.value, syntax.Name) and node.value.text in self.names:
                return Run(self.names[node.value.text], node.span)
            if not isinstance(node.value, syntax.Name) or node.value.text not in self.left.names:
                raise Unclear("a run of something else")
            each = self.left.names[node.value.text]
            if each.many:
                self.made.used.append(each)
                return Run(each, node.span)
            for operator in self.left.operators:
                for known in operator.operands or ():
                    if isinstance(known, Run) and known.each is each:
                        self.made.used.append(each)
                        return known
            raise Unclear("a run of something else")
        return self.tensor(node)

    def tensor(self, node: syntax.Operand) -> TermTensor:
        match node:
            case syntax.Operator():
                operator = self.operator(node)
            case syntax.Again():
                operator = self.again(node)
            case syntax.Typed(value=syntax.Name(), type=syntax.Like() as kind):
                tensor = TermTensor(node.span)
                self.told(tensor, kind)
                return tensor
            case syntax.Typed(value=value, type=syntax.Like() as kind):
                tensor = self.tensor(value)
                self.told(tensor, kind)
                return tensor
            case syntax.Typed(value=syntax.Name() | syntax.Optional() | syntax.Operator() | syntax.Again() as value):
                return self.tensor(value)
            case syntax.Typed(value=value, type=syntax.Type() as kind):
                tensor = self.constant(value)
                tensor.dtypes.append((frozenset(each.text for each in kind.dtypes), kind.span))
                return tensor
            case syntax.Optional(value=syntax.Name(text=text)) | syntax.Name(text=text):
                return self.captured(text) or self.constant(node)
            case syntax.Absent():
                return TermTensor(node.span, "absent")
            case (
                syntax.Variadic()
                | syntax.Named()
                | syntax.Wildcard()
                | syntax.Rest()
                | syntax.Alternatives()
                | syntax.Flexbuffer()
            ):
                raise Unclear(type(node).__name__)
            case _:
                return self.constant(node)
        result = TermTensor(node.span, producer=(operator, 0))
        operator.results.append(result)
        return result

    def told(self, tensor: TermTensor, kind: syntax.Like) -> None:
        """The element type that `like` writes."""
        for each in kind.changes:
            if each.name.text == "dtype" and isinstance(value := each.values[0], syntax.String):
                tensor.dtypes.append((frozenset({value.value}), each.span))

    def captured(self, name: str) -> TermTensor | None:
        if name in self.names:
            return self.names[name]
        found = self.left.names.get(name)
        if found is not None:
            if any(found is each for each in self.left.runs):
                raise Unclear("a run as one operand")
            self.made.used.append(found)
        return found

    def constant(self, node: syntax.Syntax) -> TermTensor:
        tensor = TermTensor(node.span, const=node.span)
        match node:
            case syntax.Number() | syntax.Boolean():
                tensor.contents.append(contents_of(node))
                tensor.shapes.append(Shape((), None, node.span))
            case syntax.List(elements=elements):
                contents = self.elements(node)
                tensor.contents.append(contents)
                tensor.shapes.append(Shape(contents.shape or (len(elements),), None, node.span))
            case _:
                kind = self.kind(node)
                if kind:
                    tensor.dtypes.append((kind, node.span))
                like = self.like(node)
                if like is not None:
                    tensor.shapes = like.shapes
        return tensor

    def elements(self, node: syntax.List) -> Contents:
        """A name of a computed number is no name of the left side's."""
        found = contents_of(node)
        known = tuple(None if isinstance(each, str) and each in self.names else each for each in found.elements)
        return Contents(known, found.splat, found.span, found.shape)

    def kind(self, node: syntax.Syntax) -> frozenset[str] | None:
        """The element type of a computed constant, where it can be told; empty for literals, which take any."""
        match node:
            case syntax.Name(text=text):
                tensor = self.names.get(text) or self.left.names.get(text)
                if tensor is None or (tensor.contents and not tensor.dtypes):
                    return frozenset()
                return tensor.kinds
            case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Attribute() | syntax.Index():
                return frozenset()
            case syntax.Call(function=syntax.Name(text="cast"), operands=(_, syntax.String(value=value))):
                return frozenset({value})
            case syntax.Call(function=syntax.Name(text="dequantize")):
                return frozenset({"f32"})
            case syntax.Call(function=syntax.Name(text="quantize"), operands=(_, syntax.Name() as alike)):
                return self.kind(alike)
            case syntax.Call(function=syntax.Name(text="quantize"), operands=(_, _, _, syntax.String(value=value), *_)):
                return frozenset({value})
            case syntax.Binary(left=left, right=right):
                one, other = self.kind(left), self.kind(right)
                if one is None or other is None or (one and other and one != other):
                    return None
                return one or other
            case syntax.Unary(operand=operand):
                return self.kind(operand)
            case syntax.Call(operands=(first, *_)):
                return self.kind(first)
            case _:
                return None

    def like(self, node: syntax.Syntax) -> TermTensor | None:
        """A tensor whose shape a computed constant has, where that can be told."""
        match node:
            case syntax.Name(text=text):
                return self.names.get(text) or self.left.names.get(text)
            case syntax.Binary(left=left, right=syntax.Number()):
                return self.like(left)
            case syntax.Binary(left=syntax.Number(), right=right):
                return self.like(right)
            case syntax.Unary(operand=operand):
                return self.like(operand)
            case syntax.Call(function=syntax.Name(text=text), operands=(first, *_)) if text in _KEEPING_SHAPE:
                return self.like(first)
            case _:
                return None

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, node: syntax.Operator) -> TermOperator:
        heads, declarations = declarations_of(node, self.dialect)
        if heads is None:
            raise Unclear("any operator")
        made = TermOperator(node.span, heads, declarations, {}, made=True)
        self.fill(made, node.operands)
        root = self.left.root
        for declaration in declarations.values():
            for name, spec in declaration.attributes.items():
                if name == ACTIVATION or not root.declarations:
                    continue
                found = [each.attributes.get(name) for each in root.declarations.values()]
                if all(each is not None and each.same_type(spec) for each in found):
                    made.settings[name] = root.setting(name)
        self.written(made, node.attributes)
        return made

    def again(self, node: syntax.Again) -> TermOperator:
        named = self.left.names.get(node.name.text)
        if named is None or named.producer is None or named.others:
            raise Unclear("an operator of another name")
        origin = named.producer[0]
        made = TermOperator(node.span, origin.heads, origin.declarations, {}, origin.version, made=True, origin=origin)
        self.fill(made, node.operands)
        self.written(made, node.attributes)
        return made

    def fill(self, made: TermOperator, operands: tuple[syntax.Operand, ...]) -> None:
        placed = place_operands(operands, made.declarations)
        if placed is None:
            made.operands = [self.operand(each) for each in operands]
        else:
            declaration = next(iter(made.declarations.values()))
            assert declaration.operands is not None
            made.operands = []
            for index, spec in enumerate(declaration.operands):
                operand = placed.get(index)
                if operand is not None:
                    made.operands.append(self.operand(operand))
                elif spec.implied:
                    made.operands.append(TermTensor(made.span, const=made.span))
                else:
                    made.operands.append(TermTensor(made.span, "absent"))
        self.type_literals(made)
        self.made.operators.append(made)

    def type_literals(self, made: TermOperator) -> None:
        """A literal has the element type that its operand's declaration fixes, else that of what stands beside it."""
        operands = [each for each in made.operands or () if isinstance(each, TermTensor)]
        literals = [each for each in operands if each.contents and not each.dtypes and each.name is None]
        beside = next((each for each in operands if each.presence == "present" and each not in literals), None)
        specs = next(iter(made.declarations.values())).operands if made.declarations else None
        for index, operand in enumerate(made.operands or ()):
            if operand not in literals or isinstance(operand, Run):
                continue
            fixed = specs[index].dtypes if specs and index < len(specs) else ()
            if fixed:
                operand.dtypes.append((frozenset({"i32" if "i32" in fixed else fixed[0]}), operand.span))
            elif beside is not None and beside.kinds:
                operand.dtypes.append((beside.kinds, operand.span))

    def written(self, made: TermOperator, attributes: tuple[syntax.OperatorAttribute, ...]) -> None:
        for attribute in attributes:
            found = UNKNOWN
            match attribute.values[0]:
                case syntax.Name(text=text) if text not in self.names and text not in self.left.names:
                    found = Setting(None, text)
                case syntax.Word() | syntax.Number() | syntax.Boolean() | syntax.String() | syntax.Absent() as value:
                    found = Setting((literal(value),))
                case _:
                    pass
            made.settings[attribute.name.text] = found

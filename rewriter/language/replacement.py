"""From the right side of a rule to a plan: which operators to make, of what, and with which attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from rewriter.dialect.declaration import AttributeSpec, Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.encoding import encoded
from rewriter.language import syntax
from rewriter.language.brackets import assign_operands, attribute_literal, close, unknown_attribute
from rewriter.language.constants import LITERAL_TYPES, compile_constant
from rewriter.language.expressions import Evaluate
from rewriter.language.pattern import MatchedOperator, unsupported
from rewriter.language.program import Register
from rewriter.language.scope import RuleScope
from rewriter.source import Diagnostic, Span, nearest

_ACTIVATION = "fused_activation_function"


@frozen
class Captured:
    """A tensor of the match; None where it is absent."""

    register: Register


@frozen
class Made:
    """The result of an operator of the plan, by its place in it."""

    index: int


@frozen
class Constant:
    """A constant that is computed.

    Attributes:
        evaluate: Gives a number, a list or an array.
        dtype: Its element type where the text says one; None: that of the operand it stands for.
        literal: Whether it takes its type from its surroundings; what is computed from captures has one.
    """

    evaluate: Evaluate
    dtype: str | None
    literal: bool
    span: Span


@frozen
class Nothing:
    """An operand that is absent."""


@frozen
class Implied:
    """An operand that follows from the result's recorded shape."""


Source = Captured | Made | Constant | Nothing | Implied


@frozen(eq=False)
class MakeOperator:
    """One operator to make.

    Attributes:
        declaration: What it is; None for an operator of the match that is made again.
        again: The register of the operator that is made again.
        declarations: What that one may be, by name; empty where it may be anything.
        attributes: Those that the text gives, by name.
        inherited: Those that the matched root hands on.
        operands: In logical order.
        like: A tensor whose quantisation the result takes.
    """

    declaration: Declaration | None
    again: Register | None
    declarations: Mapping[str, Declaration]
    attributes: tuple[tuple[str, Evaluate, Span], ...]
    inherited: tuple[str, ...]
    operands: tuple[Source, ...]
    like: Source | None
    span: Span


@frozen(eq=False)
class Replacement:
    """What stands where the match stood; the last operator, or a source, takes over the root's tensor."""

    operators: tuple[MakeOperator, ...]
    root: Source


@define
class Compiled:
    """A replacement, and what it used of the match."""

    replacement: Replacement
    tensors: set[Register] = field(factory=set[int])
    again: set[Register] = field(factory=set[int])


def compile_replacement(
    side: tuple[syntax.Equation, ...],
    dialect: Dialect,
    scope: RuleScope,
    root: MatchedOperator,
    *,
    both_ways: bool,
) -> Compiled | None:
    """Check a right side and compile it; mistakes go to the scope's diagnostics."""
    compiler = _ReplacementCompiler(dialect, scope, root, both_ways=both_ways)
    before = len(scope.diagnostics)
    replacement = compiler.compile(side)
    if replacement is None or len(scope.diagnostics) > before:
        return None
    return Compiled(replacement, compiler.tensors, compiler.again)


class _ReplacementCompiler:
    def __init__(self, dialect: Dialect, scope: RuleScope, root: MatchedOperator, *, both_ways: bool) -> None:
        self.dialect = dialect
        self.scope = scope
        self.root = root
        self.both_ways = both_ways
        self.operators: list[MakeOperator] = []
        self.names: dict[str, Source] = {}
        self.unused: dict[str, syntax.Name] = {}
        self.tensors: set[Register] = set()
        self.again: set[Register] = set()

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.scope.diagnostics.append(Diagnostic(code, message, span, hint))

    def compile(self, side: tuple[syntax.Equation, ...]) -> Replacement | None:
        for equation in side[:-1]:
            match equation.results:
                case (syntax.Name() as name,):
                    if name.text in self.scope.bindings or name.text in self.names:
                        self.error("E214", f"{name.text!r} has a meaning already", name.span, "another name")
                    made = self.source(equation.value, top=True)
                    if made is not None:
                        self.names[name.text] = made
                        self.unused[name.text] = name
                case ():
                    self.error("E231", "only the last equation may stand without a name", equation.span, "s = ...;")
                case _:
                    self.scope.diagnostics.append(unsupported("an operator with several results", equation.span))
        last = side[-1]
        if last.results:
            self.scope.diagnostics.append(unsupported("a replacement of several roots", last.span))
            return None
        root = self.source(last.value, top=True, expected=True)
        for name in self.unused.values():
            self.error("E238", f"{name.text!r} is made and never used", name.span, "leave the equation out")
        return None if root is None else Replacement(tuple(self.operators), root)

    # -- sources ------------------------------------------------------------------------------------------------------

    def source(self, node: syntax.Operand, *, top: bool = False, expected: bool = False) -> Source | None:
        """Where a value comes from. `expected`: the recorded shape of the root says what its shape will be."""
        match node:
            case syntax.Operator():
                return self.operator(node, None, expected=expected)
            case syntax.Again():
                return self.repeated(node, None, expected=expected)
            case syntax.Typed(value=syntax.Operator() as operator, type=syntax.Like(name=name)):
                return self.operator(operator, self.captured(name), expected=expected)
            case syntax.Typed(value=syntax.Again() as again, type=syntax.Like(name=name)):
                return self.repeated(again, self.captured(name), expected=expected)
            case syntax.Typed(value=value, type=syntax.Type() as kind):
                return self.typed(value, kind)
            case syntax.Optional(value=syntax.Name() as name) | (syntax.Name() as name):
                return self.captured(name)
            case syntax.Absent() if not top:
                return Nothing()
            case syntax.Variadic():
                self.scope.diagnostics.append(unsupported("any number of operands", node.span))
                return None
            case syntax.Named() | syntax.Wildcard() | syntax.Rest() | syntax.Alternatives() | syntax.Absent():
                self.error(
                    "E232", "this cannot stand in a replacement", node.span, "a capture, an operator or a constant"
                )
                return None
            case _:
                return self.constant(node, None)

    def typed(self, value: syntax.Operand, kind: syntax.Type) -> Source | None:
        if isinstance(value, syntax.Name | syntax.Optional | syntax.Operator | syntax.Again):
            if not self.both_ways:
                self.error("E233", "types are written on the left", kind.span, "the type there")
            return self.source(value)
        if kind.const or kind.shape is not None or len(kind.dtypes) != 1 or kind.dtypes[0].text not in LITERAL_TYPES:
            hint = nearest(kind.dtypes[0].text, LITERAL_TYPES) if kind.dtypes else None
            self.error("E207", "a literal is given one element type", kind.span, hint or "2.0:f16")
            return None
        made = self.constant(value, kind.dtypes[0].text)
        if isinstance(made, Constant) and not made.literal:
            self.error("E207", "only a literal is given a type", kind.span, f'cast(..., "{kind.dtypes[0].text}")')
        elif made is not None:
            self.check_literal(value, kind.dtypes[0].text)
        return made

    def check_literal(self, node: syntax.Operand, dtype: str) -> None:
        elements = node.elements if isinstance(node, syntax.List) else (node,)
        for each in elements:
            if isinstance(each, syntax.Number):
                try:
                    encoded(each.value, dtype)
                except ValueError as error:
                    self.error("E205", str(error), each.span, "another type, or another number")

    def captured(self, name: syntax.Name) -> Source | None:
        if name.text in self.names:
            self.unused.pop(name.text, None)
            return self.names[name.text]
        binding = self.scope.bindings.get(name.text)
        if binding is None:
            known = [*self.scope.bindings, *self.names]
            hint = nearest(name.text, known) or ", ".join(known) or "a capture on the left"
            self.error("E301", f"the left side binds no {name.text!r}", name.span, hint)
            return None
        binding.used = True
        if binding.kind == "number":
            return self.constant(name, None)
        if binding.operator == self.root.register:
            message = "the replacement cannot be made of the result that it replaces"
            self.error("E234", message, name.span, f"@{name.text}(...) makes the operator again")
            return None
        if binding.operator is not None:
            self.tensors.add(binding.operator)
        return Captured(binding.register)

    def constant(self, node: syntax.Syntax, dtype: str | None) -> Source | None:
        before = len(self.scope.diagnostics)
        evaluate, literal = self.computed(node)
        return None if len(self.scope.diagnostics) > before else Constant(evaluate, dtype, literal, node.span)

    def computed(self, node: syntax.Syntax) -> tuple[Evaluate, bool]:
        """A value that is computed while rewriting, and whether it is a literal."""
        named = {name: (each.evaluate, each.literal) for name, each in self.names.items() if isinstance(each, Constant)}
        for name in _names(node):
            self.unused.pop(name, None)
        return compile_constant(node, self.scope, named)

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, node: syntax.Operator, like: Source | None, *, expected: bool) -> Source | None:
        if len(node.heads) > 1 or node.version is not None:
            message = "a replacement makes one operator; its version follows from its operands"
            self.error("E235", message, node.span, "one operator, without @")
            return None
        head = next(iter(node.heads))
        name, code = head.name.text, head.code.value if head.code else None
        declaration = None if name == "ANY" else self.dialect.find(name, code)
        if declaration is None or (name == "CUSTOM" and code is None):
            hint = close(name, self.dialect.names) if name != "CUSTOM" else "CUSTOM[code](...)"
            self.error("E201", f"unknown operator {name!r}", head.span, hint)
            for operand in node.operands:
                self.source(operand)  # for the mistakes in it
            return None
        operands = self.operands(node.operands, declaration, node.span, expected=expected)
        attributes = self.attributes(node.attributes, {declaration.name: declaration})
        inherited = self.inherited(declaration, {name for name, _, _ in attributes})
        self.operators.append(MakeOperator(declaration, None, {}, attributes, inherited, operands, like, node.span))
        return Made(len(self.operators) - 1)

    def operands(
        self, written: tuple[syntax.Operand, ...], declaration: Declaration, span: Span, *, expected: bool
    ) -> tuple[Source, ...]:
        if declaration.operands is None or declaration.variadic:
            return tuple(self.source(each) or Nothing() for each in written)
        placed = assign_operands(written, declaration, declaration.operands, span, self.scope.diagnostics)
        sources: list[Source] = []
        for index, spec in enumerate(declaration.operands):
            operand = placed.get(index)
            if isinstance(operand, syntax.Absent) and not spec.optional:
                message = f"{spec.name!r} of {declaration.name} cannot be absent"
                self.error("E239", message, operand.span, "an operand")
            if operand is not None:
                sources.append(self.source(operand, expected=expected and declaration.elementwise) or Nothing())
            elif spec.implied:
                if not expected:
                    message = f"{spec.name!r} of {declaration.name} has to be written here: nothing fixes it"
                    self.error("E236", message, span, f"{declaration.name}(..., {spec.name}=[...])")
                sources.append(Implied())
            else:
                sources.append(Nothing())
        return tuple(sources)

    def repeated(self, node: syntax.Again, like: Source | None, *, expected: bool) -> Source | None:
        binding = self.scope.bindings.get(node.name.text)
        if binding is None or binding.operator is None:
            known = [each.name for each in self.scope.bindings.values() if each.operator is not None]
            hint = nearest(node.name.text, known) or f"name it on the left: {node.name.text} = OPERATOR(...)"
            self.error("E302", f"{node.name.text!r} names no operator of the left side", node.name.span, hint)
            return None
        binding.used = True
        self.again.add(binding.operator)
        declarations = dict(binding.declarations)
        anything = not declarations
        first = next((each for each in declarations.values() if each.operands is not None), None)
        if first is None:
            operands = tuple(self.source(each) or Nothing() for each in node.operands)
        else:
            operands = self.operands(node.operands, first, node.span, expected=expected)
        attributes = self.attributes(node.attributes, declarations, anything=anything)
        self.operators.append(
            MakeOperator(None, binding.operator, declarations, attributes, (), operands, like, node.span)
        )
        return Made(len(self.operators) - 1)

    def attributes(
        self,
        written: tuple[syntax.OperatorAttribute, ...],
        declarations: Mapping[str, Declaration],
        *,
        anything: bool = False,
    ) -> tuple[tuple[str, Evaluate, Span], ...]:
        found: list[tuple[str, Evaluate, Span]] = []
        known = {name for each in declarations.values() for name in each.attributes}
        for attribute in written:
            name = attribute.name.text
            if name == "custom_options":
                self.scope.diagnostics.append(unsupported("custom_options in a replacement", attribute.span))
                continue
            if name not in known and not anything:
                unknown_attribute(attribute.name, declarations, self.scope.diagnostics)
                continue
            if any(name == other for other, _, _ in found):
                self.error("E206", f"{name!r} is written twice", attribute.span, "once")
            if len(attribute.values) != 1:
                self.error("E237", "a replacement gives an attribute one value", attribute.span, f"[{name}=value]")
                continue
            (value,) = attribute.values
            found.append((name, self.attribute_value(value, declarations, name), attribute.span))
        return tuple(found)

    def attribute_value(self, node: syntax.Syntax, declarations: Mapping[str, Declaration], name: str) -> Evaluate:
        if isinstance(node, syntax.Word | syntax.Number | syntax.Boolean | syntax.String):
            value = attribute_literal(node, declarations.values(), name, self.scope.diagnostics)
            return lambda _: value
        return self.computed(node)[0]

    def inherited(self, declaration: Declaration, written: set[str]) -> tuple[str, ...]:
        """Attributes that pass from the matched root: of the same name and type, but never a fused activation."""
        roots = self.root.declarations.values()
        names: list[str] = []
        for name, spec in declaration.attributes.items():
            if name in written or name == _ACTIVATION:
                continue
            if roots and all(_has(each, name, spec) for each in roots):
                names.append(name)
        return tuple(names)


def _names(node: syntax.Syntax) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.text
    for child in syntax.children(node):
        yield from _names(child)


def _has(declaration: Declaration, name: str, spec: AttributeSpec) -> bool:
    found = declaration.attributes.get(name)
    return found is not None and found.same_type(spec)

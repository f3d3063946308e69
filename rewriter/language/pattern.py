"""From the left side of a rule to a program, and to the names that it binds."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.brackets import assign_operands, attribute_literal, close, is_optional, unknown_attribute
from rewriter.language.expressions import compile_condition
from rewriter.language.program import (
    Absent,
    Dimension,
    Element,
    HasAttribute,
    HasShape,
    HasType,
    HasValue,
    HasVersion,
    Holds,
    Instruction,
    Load,
    LoadSwapped,
    NoMore,
    Produced,
    Program,
    Register,
    Replaceable,
    Result,
    Same,
    Swap,
)
from rewriter.language.scope import Binding, Kind, RuleScope
from rewriter.model import DTYPES
from rewriter.source import Diagnostic, Span, nearest

_ACTIVATION = "fused_activation_function"


@define
class MatchedOperator:
    """An operator of the pattern: where a match keeps it, what it may be, and which operators it reads."""

    register: Register
    node: syntax.Operator
    declarations: dict[str, Declaration]
    reads: list[MatchedOperator] = field(factory=list["MatchedOperator"])
    mentioned: set[str] = field(factory=set[str])

    def below(self) -> list[Register]:
        """Its register and those of the operators that feed it."""
        return [self.register, *(register for read in self.reads for register in read.below())]


@define
class Pattern:
    """A compiled left side, still open for conditions."""

    scope: RuleScope
    root: MatchedOperator
    operators: list[MatchedOperator]
    structure: list[Instruction]
    details: list[Instruction]
    registers: int
    depth: int

    def finish(self, conditions: tuple[syntax.Expression, ...], staying: set[Register], *, shared: bool) -> Program:
        """The program: structure first, for it rules out most; then details, conditions, and whether it may go."""
        steps = [*self.structure, *self.details]
        steps += [Holds(compile_condition(condition, self.scope), condition.span) for condition in conditions]
        going = tuple(
            each.register for each in self.operators if each is not self.root and each.register not in staying
        )
        steps.append(Replaceable(() if shared else going, self.root.node.span))
        names = None if any(head.name.text == "ANY" for head in self.root.node.heads) else self.root.declarations
        return Program(
            None if names is None else frozenset(names),
            tuple(steps),
            self.registers,
            tuple(each.register for each in self.operators),
            self.depth,
        )


def compile_pattern(
    side: tuple[syntax.Equation, ...], dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]
) -> Pattern | None:
    """Check a left side and compile it; mistakes go to the scope's diagnostics. None where it has no root to speak of.

    `types` are types that captures have been given elsewhere, on the other side of a `<->`.
    """
    return _PatternCompiler(dialect, scope, types).compile(side)


def unsupported(what: str, span: Span) -> Diagnostic:
    """The error for a part of the language that this version does not carry out yet."""
    return Diagnostic("E390", f"{what} cannot be used yet", span, "a rule without it; the reference lists what works")


class _PatternCompiler:
    def __init__(self, dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]) -> None:
        self.dialect = dialect
        self.scope = scope
        self.types = types
        self.structure: list[Instruction] = []
        self.details: list[Instruction] = []
        self.operators: list[MatchedOperator] = []
        self.optional_types: list[tuple[syntax.Type, Register]] = []
        self.registers = 1

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.scope.diagnostics.append(Diagnostic(code, message, span, hint))

    def register(self) -> Register:
        self.registers += 1
        return self.registers - 1

    def compile(self, side: tuple[syntax.Equation, ...]) -> Pattern | None:
        equation = side[-1]
        if len(side) > 1:
            self.scope.diagnostics.append(unsupported("a pattern of several equations", side[0].span))
            return None
        if len(equation.results) > 1:
            self.scope.diagnostics.append(unsupported("a pattern of several roots", equation.span))
            return None
        value = equation.value
        names = list(equation.results)
        kinds: list[syntax.Type | syntax.Like] = []
        while isinstance(value, syntax.Named | syntax.Typed):
            if isinstance(value, syntax.Named):
                names.append(value.name)
            else:
                kinds.append(value.type)
            value = value.value
        if isinstance(value, syntax.Alternatives | syntax.Call):
            self.scope.diagnostics.append(unsupported(_description(value), value.span))
            return None
        if not isinstance(value, syntax.Operator):
            self.error("E208", "a pattern is an operator: its root", value.span, "OPERATOR(operands), in upper case")
            return None
        root = self.operator(value, 0)
        out = self.register()
        if kinds or any(isinstance(name, syntax.Name) for name in names):
            self.structure.append(Result(0, out, value.span))
        for name in names:
            if isinstance(name, syntax.Name):
                self.bind(name, "tensor", out, operator=root)
        for kind in kinds:
            self.typed(kind, out)
        # An operand that is absent fills no dimension's register, so whoever else can comes first.
        for kind, register in self.optional_types:
            self.type(kind, register)
        return Pattern(self.scope, root, self.operators, self.structure, self.details, self.registers, self.depth(root))

    def depth(self, operator: MatchedOperator) -> int:
        return 1 + max((self.depth(read) for read in operator.reads), default=0)

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, node: syntax.Operator, register: Register) -> MatchedOperator:
        matched = MatchedOperator(register, node, self.declarations(node))
        self.operators.append(matched)
        self.attributes(matched)
        if node.version is not None:
            version = node.version
            self.details.append(HasVersion(register, version.operator, int(version.number.value), version.span))
        declarations = list(matched.declarations.values())
        if any(isinstance(operand, syntax.Rest) for operand in node.operands):
            if len(node.operands) > 1:
                self.error("E209", "'..' stands for all operands", node.span, "leave the others out, or name them all")
            return matched
        declared = next((each for each in declarations if each.operands is not None), None)
        if declared is None or any(each.variadic for each in declarations):
            self.plain_operands(matched)
        elif any(not _same_operands(each, declared) for each in declarations):
            message = "operators of one set need the same operands in the same order"
            self.error("E210", message, node.span, "a rule for each of them")
        else:
            self.declared_operands(matched, declared)
        return matched

    def declarations(self, node: syntax.Operator) -> dict[str, Declaration]:
        found: dict[str, Declaration] = {}
        for head in node.heads:
            name, code = head.name.text, head.code.value if head.code else None
            if name == "ANY":
                continue
            if name == "CUSTOM" and code is None:
                self.error("E202", "a custom operator needs its code", head.span, "CUSTOM[code](...)")
                continue
            declaration = self.dialect.find(name, code)
            if declaration is None:
                self.error("E201", f"unknown operator {name!r}", head.span, close(name, self.dialect.names))
            elif declaration.side_effects:
                self.error("E211", f"{name} has side effects, and is never replaced", head.span, "a pattern without it")
            else:
                found[declaration.name] = declaration
        return found

    def plain_operands(self, matched: MatchedOperator) -> None:
        """Operands of an operator that nobody declares, in the file's order."""
        for index, operand in enumerate(matched.node.operands):
            if isinstance(operand, syntax.Variadic):
                self.scope.diagnostics.append(unsupported("any number of operands", operand.span))
                continue
            out = self.register()
            required = not (is_optional(operand) or isinstance(operand, syntax.Absent))
            self.structure.append(Load(matched.register, index, out, required, operand.span))
            self.operand(operand, out, matched)
        self.structure.append(NoMore(matched.register, len(matched.node.operands), matched.node.span))

    def declared_operands(self, matched: MatchedOperator, declaration: Declaration) -> None:
        assert declaration.operands is not None
        written = self.assign(matched.node, declaration, declaration.operands)
        swap = self.swap(matched, declaration, written)
        for logical, spec in enumerate(declaration.operands):
            operand = written.get(logical)
            index = declaration.file_index(logical)
            if operand is None and spec.implied:
                continue
            out = self.register()
            if operand is None:
                if spec.optional:
                    self.structure.append(Load(matched.register, index, out, False, matched.node.span))
                    self.structure.append(Absent(out, matched.node.span))
                continue
            if swap is not None:
                other = declaration.file_index(1 - logical)
                self.structure.append(LoadSwapped(matched.register, index, other, swap, out, operand.span))
            else:
                absent = isinstance(operand, syntax.Absent)
                self.structure.append(
                    Load(matched.register, index, out, not (is_optional(operand) or absent), operand.span)
                )
            self.operand(operand, out, matched)
        self.structure.append(NoMore(matched.register, len(declaration.operands), matched.node.span))

    def swap(
        self, matched: MatchedOperator, declaration: Declaration, written: dict[int, syntax.Operand]
    ) -> Register | None:
        """A choice of order, where the operator has two operands in either order and neither is named."""
        named = any(
            isinstance(each, syntax.Named) and self.is_operand(each, declaration) for each in matched.node.operands
        )
        commutative = any(each.commutative for each in matched.declarations.values())
        if not commutative or named or len(written) != 2:
            return None
        if all(isinstance(each, syntax.Wildcard) for each in written.values()):
            return None
        register = self.register()
        names = frozenset(each.name for each in matched.declarations.values() if each.commutative)
        self.structure.append(Swap(matched.register, names, register, matched.node.span))
        return register

    def is_operand(self, named: syntax.Named, declaration: Declaration) -> bool:
        return any(spec.name == named.name.text for spec in declaration.operands or ())

    def assign(
        self, node: syntax.Operator, declaration: Declaration, specs: tuple[OperandSpec, ...]
    ) -> dict[int, syntax.Operand]:
        """Which operand is written for which declared one: unnamed ones in order, then named ones."""
        return assign_operands(node.operands, declaration, specs, node.span, self.scope.diagnostics)

    # -- operands -----------------------------------------------------------------------------------------------------

    def operand(self, node: syntax.Operand, out: Register, reader: MatchedOperator) -> None:
        match node:
            case syntax.Wildcard():
                pass
            case syntax.Absent():
                self.structure.append(Absent(out, node.span))
            case syntax.Name():
                self.capture(node, out, optional=False)
            case syntax.Optional(value=syntax.Name() as name):
                self.capture(name, out, optional=True)
            case syntax.Typed(value=value, type=kind):
                self.operand(value, out, reader)
                self.typed(kind, out, optional=isinstance(value, syntax.Optional))
                captured = value.value if isinstance(value, syntax.Optional) else value
                if isinstance(captured, syntax.Name) and isinstance(kind, syntax.Type) and kind.const:
                    self.constant(captured.text)
            case syntax.Named(name=name, value=value):
                self.named(name, value, out, reader)
            case syntax.Operator():
                self.produced(node, out, reader)
            case syntax.Number() | syntax.Boolean() | syntax.List() | syntax.Unary():
                self.value(node, out)
            case syntax.Variadic():
                self.scope.diagnostics.append(unsupported("any number of operands", node.span))
            case syntax.Alternatives() | syntax.Call():
                self.scope.diagnostics.append(unsupported(_description(node), node.span))
            case _:
                self.error(
                    "E213", "this cannot be an operand of a pattern", node.span, "a capture, an operator or a constant"
                )

    def named(self, name: syntax.Name, value: syntax.Operand, out: Register, reader: MatchedOperator) -> None:
        before = len(self.operators)
        self.operand(value, out, reader)
        produced = self.operators[before] if len(self.operators) > before else None
        self.bind(name, "tensor", out, operator=produced)

    def produced(self, node: syntax.Operator, out: Register, reader: MatchedOperator) -> None:
        register = self.register()
        place = len(self.structure)
        matched = self.operator(node, register)
        names = None if any(head.name.text == "ANY" for head in node.heads) else frozenset(matched.declarations)
        self.structure.insert(place, Produced(out, names, register, node.span))
        reader.reads.append(matched)

    def capture(self, name: syntax.Name, out: Register, *, optional: bool) -> None:
        self.bind(name, "tensor", out, optional=optional)
        if name.text in self.types:
            kind = self.types[name.text]
            self.typed(kind, out, optional=optional)
            if kind.const:
                self.constant(name.text)

    def constant(self, name: str) -> None:
        binding = self.scope.bindings.get(name)
        if binding is not None:
            binding.constant = True

    def bind(
        self,
        name: syntax.Name,
        kind: Kind,
        register: Register,
        *,
        operator: MatchedOperator | None = None,
        optional: bool = False,
    ) -> None:
        """Give a name its meaning, or, where it has one, ask that both are the same."""
        known = self.scope.bindings.get(name.text)
        if known is None:
            self.scope.bindings[name.text] = Binding(
                name.text,
                kind,
                register,
                name.span,
                operator.register if operator else None,
                operator.declarations if operator else {},
                optional=optional,
            )
        elif known.kind != kind:
            self.error("E214", f"{name.text!r} is a {known.kind} and a {kind}", name.span, "two names")
        else:
            known.used = True
            if operator is not None and known.operator is None:
                known.operator, known.declarations = operator.register, operator.declarations
            self.structure.append(Same(known.register, register, name.span))

    def number(self, name: syntax.Name) -> tuple[Register, bool]:
        """The register of a number's name, and whether an earlier place has filled it."""
        known = self.scope.bindings.get(name.text)
        if known is None:
            register = self.register()
            self.scope.bindings[name.text] = Binding(name.text, "number", register, name.span)
            return register, False
        if known.kind != "number":
            self.error("E214", f"{name.text!r} is a {known.kind} and a number", name.span, "two names")
        known.used = True
        return known.register, True

    # -- details ------------------------------------------------------------------------------------------------------

    def typed(self, node: syntax.Type | syntax.Like, tensor: Register, *, optional: bool = False) -> None:
        if isinstance(node, syntax.Like):
            message = "'like' gives a result its quantisation; a pattern has no results to make"
            self.error("E212", message, node.span, "leave it out")
        elif optional:
            self.optional_types.append((node, tensor))
        else:
            self.type(node, tensor)

    def type(self, node: syntax.Type, tensor: Register) -> None:
        dtypes = frozenset(name.text for name in node.dtypes)
        for name in node.dtypes:
            if name.text not in DTYPES:
                self.error("E207", f"unknown element type {name.text!r}", name.span, nearest(name.text, DTYPES))
        if dtypes or node.const:
            self.details.append(HasType(tensor, dtypes, node.const, node.span))
        if node.shape is None:
            return
        dimensions: list[Dimension] = []
        run_at: int | None = None
        for place in node.shape.dimensions:
            match place:
                case syntax.Run():
                    if run_at is not None:
                        self.error("E215", "a shape has at most one '...'", place.span, "'_' for a single dimension")
                    run_at = len(dimensions)
                case syntax.Wildcard():
                    dimensions.append(Dimension())
                case syntax.Number(value=int(size)) if size >= 0:
                    dimensions.append(Dimension(size))
                case syntax.Name():
                    register, bound = self.number(place)
                    dimensions.append(Dimension(None, register, bound))
                case _:
                    self.error("E216", "a dimension is a size, a name, '_' or '...'", place.span, "[..., n, _, 3]")
        self.details.append(HasShape(tensor, tuple(dimensions), run_at, node.shape.span))

    def value(self, node: syntax.Syntax, out: Register) -> None:
        splat = not isinstance(node, syntax.List)
        elements: list[Element] = []
        for place in node.elements if isinstance(node, syntax.List) else (node,):
            match place:
                case syntax.Number(value=value) | syntax.Boolean(value=value):
                    elements.append(Element(value))
                case syntax.Wildcard():
                    elements.append(Element())
                case syntax.Name():
                    register, bound = self.number(place)
                    elements.append(Element(None, register, bound))
                case _:
                    self.error("E217", "a constant's element is a number, a name or '_'", place.span, "[1, n, _]")
        self.details.append(HasValue(out, tuple(elements), splat, node.span))

    def attributes(self, matched: MatchedOperator) -> None:
        node, declarations = matched.node, matched.declarations
        known = {name for each in declarations.values() for name in each.attributes}
        any_operator = any(head.name.text == "ANY" for head in node.heads)
        for attribute in node.attributes:
            name = attribute.name.text
            if name in matched.mentioned:
                self.error("E206", f"{name!r} is written twice", attribute.span, "once")
            matched.mentioned.add(name)
            if name == "custom_options":
                self.custom_options(matched, attribute)
            elif declarations and name not in known:
                unknown_attribute(attribute.name, declarations, self.scope.diagnostics)
            else:
                self.attribute(matched, attribute)
        if (any_operator or _ACTIVATION in known) and _ACTIVATION not in matched.mentioned:
            # Forgetting it is the classic mistake, so silence means NONE.
            self.details.insert(
                0, HasAttribute(matched.register, _ACTIVATION, declarations, ("NONE",), optional=True, span=node.span)
            )

    def attribute(self, matched: MatchedOperator, attribute: syntax.OperatorAttribute) -> None:
        name = attribute.name.text
        values: list[object] = []
        for value in attribute.values:
            match value:
                case syntax.Name():
                    if len(attribute.values) > 1:
                        hint = "words and numbers, or one name"
                        self.error("E218", "a name captures; it is no alternative", value.span, hint)
                    register, bound = self.number(value)
                    self.details.append(
                        HasAttribute(
                            matched.register, name, matched.declarations, None, register, bound, span=attribute.span
                        )
                    )
                    return
                case syntax.Wildcard():
                    return
                case _:
                    values.append(self.literal(value, matched, name))
        self.details.append(
            HasAttribute(matched.register, name, matched.declarations, tuple(values), span=attribute.span)
        )

    def literal(self, node: syntax.Syntax, matched: MatchedOperator, name: str) -> object:
        return attribute_literal(node, matched.declarations.values(), name, self.scope.diagnostics)

    def custom_options(self, matched: MatchedOperator, attribute: syntax.OperatorAttribute) -> None:
        if len(attribute.values) == 1 and isinstance(attribute.values[0], syntax.Absent):
            self.details.append(
                HasAttribute(matched.register, "custom_options", matched.declarations, (None,), span=attribute.span)
            )
        else:
            self.scope.diagnostics.append(unsupported("custom_options other than absent", attribute.span))


def _same_operands(one: Declaration, other: Declaration) -> bool:
    """Whether operands at the same place of a pattern stand at the same place of the file in both."""
    if one.operands is None or other.operands is None:
        return one is other
    flags = [(spec.optional, spec.variadic, spec.implied) for spec in one.operands]
    return one.stored == other.stored and flags == [
        (spec.optional, spec.variadic, spec.implied) for spec in other.operands
    ]


def _description(node: syntax.Alternatives | syntax.Call) -> str:
    return (
        "a choice of alternatives"
        if isinstance(node, syntax.Alternatives)
        else f"the named pattern {node.function.text!r}"
    )

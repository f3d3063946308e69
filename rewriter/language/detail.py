"""From the details of a pattern to tests: types, shapes, constant values, attributes; and the names that they bind."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.brackets import (
    attribute_literal,
    custom_options_literal,
    literal_places,
    literal_sizes,
    unknown_attribute,
)
from rewriter.language.choices import When, WhenChoice
from rewriter.language.program import (
    Dimension,
    Element,
    Guards,
    HasAttribute,
    HasShape,
    HasType,
    HasValue,
    Instruction,
    OperatorRef,
    Register,
    Same,
    Settle,
)
from rewriter.language.scope import Binding, Kind, RuleScope
from rewriter.language.suggestions import word_for
from rewriter.model import DTYPES
from rewriter.source import Diagnostic, Span, nearest

ACTIVATION = "fused_activation_function"


@define(eq=False)
class MatchedOperator:
    """An operator of the pattern.

    Attributes:
        register: Where a match keeps it, or the list of them where the pattern is mapped over a list.
        node: The text that asks for it.
        declarations: What it may be, by name; empty where it may be anything.
        guards: The choices under which it is part of the match.
        reads: The operators that feed it.
        mentioned: The attributes that the pattern mentions.
        anything: Whether it may be of any kind.
    """

    register: Register
    node: syntax.Operator
    declarations: dict[str, Declaration]
    guards: Guards = ()
    reads: list[MatchedOperator] = field(factory=list["MatchedOperator"])
    mentioned: set[str] = field(factory=set[str])
    anything: bool = False

    @property
    def ref(self) -> OperatorRef:
        """Where the program keeps it."""
        return OperatorRef(self.register, self.guards)

    def below(self) -> list[MatchedOperator]:
        """It and the operators that feed it."""
        return [self, *(each for read in self.reads for each in read.below())]


class DetailCompiler:
    """Compiles what is said of operators and tensors, and keeps the names that stand for something."""

    def __init__(self, dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]) -> None:
        self.dialect = dialect
        self.scope = scope
        self.types = types
        self.structure: list[Instruction] = []
        self.details: list[Instruction] = []
        self.optional_types: list[tuple[syntax.Type, Register]] = []
        self.unsettled: list[Settle] = []
        self.guards: Guards = ()
        self.registers = 1

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        """Report a mistake."""
        self.scope.diagnostics.append(Diagnostic(code, message, span, hint))

    def register(self) -> Register:
        """A register that nothing uses yet."""
        self.registers += 1
        return self.registers - 1

    def guarded(self, step: Instruction) -> Instruction:
        """A step as it stands in the program: in an alternative it counts only where that one was chosen."""
        if not self.guards:
            return step
        return (WhenChoice if hasattr(step, "again") else When)(self.guards, step)

    def find(self, step: Instruction) -> None:
        """Add a step that finds operators and tensors. These come first, for they rule out most."""
        self.structure.append(self.guarded(step))

    def test(self, step: Instruction) -> None:
        """Add a step that looks at what was found."""
        self.details.append(self.guarded(step))
        while self.unsettled:
            self.details.append(self.guarded(self.unsettled.pop(0)))

    # -- names --------------------------------------------------------------------------------------------------------

    def bind(
        self,
        name: syntax.Name,
        kind: Kind,
        register: Register,
        *,
        operator: MatchedOperator | None = None,
        optional: bool = False,
        many: bool = False,
        whole: bool = False,
    ) -> None:
        """Give a name its meaning, or, where it has one, ask that both are the same.

        `whole` says that a list is results of one `operator`.
        """
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
                many=many,
                whole=whole,
            )
        elif known.kind != kind or known.many != many:
            self.error(
                "E214", f"{name.text!r} is {known.described} and {_described(kind, many)}", name.span, "two names"
            )
        else:
            known.used = True
            if operator is not None and known.operator is None:
                known.operator, known.declarations, known.whole = operator.register, operator.declarations, whole
            self.find(Same(known.register, register, name.span))

    def number(self, name: syntax.Name, *, unsure: bool = False) -> tuple[Register, bool]:
        """The register of a number's name, and whether an earlier place has filled it.

        `unsure` says that there may be no number at this place.
        """
        known = self.scope.bindings.get(name.text)
        if known is None:
            register = self.register()
            self.scope.bindings[name.text] = Binding(name.text, "number", register, name.span, unsure=unsure)
            return register, False
        if known.kind != "number" or known.many:
            self.error("E214", f"{name.text!r} is {known.described} and a number", name.span, "two names")
        known.used = True
        if not known.unsure:
            return known.register, True
        register, settled = self.register(), self.register()
        self.unsettled.append(Settle(known.register, register, settled, name.span))
        self.scope.bindings[name.text] = evolve(known, register=settled, unsure=unsure)
        return register, False

    def settle(self) -> None:
        """Give names of numbers that may not be there their last meaning."""
        for binding in self.scope.bindings.values():
            if binding.unsure:
                settled = self.register()
                self.test(Settle(binding.register, None, settled, binding.span))
                binding.register, binding.unsure = settled, False

    def constant(self, name: str) -> None:
        """Take note that a capture is said to be constant."""
        binding = self.scope.bindings.get(name)
        if binding is not None:
            binding.constant = True

    # -- tensors ------------------------------------------------------------------------------------------------------

    def typed(self, node: syntax.Type | syntax.Like, tensor: Register, *, optional: bool = False) -> None:
        """What is written behind a tensor's `:`."""
        if isinstance(node, syntax.Like):
            message = "'like' gives a result its quantisation; a pattern has no results to make"
            self.error("E212", message, node.span, "leave it out")
        elif optional:
            self.optional_types.append((node, tensor))
        else:
            self.type(node, tensor)

    def finish_types(self) -> None:
        """Test the types of operands that may not be there, last: then they seldom are the first to name a size."""
        for kind, register in self.optional_types:
            self.type(kind, register, maybe=True)
        self.optional_types.clear()

    def type(self, node: syntax.Type, tensor: Register, *, maybe: bool = False) -> None:
        """An element type, `const` and a shape; `maybe` says that there may be no tensor."""
        dtypes = frozenset(name.text for name in node.dtypes)
        for name in node.dtypes:
            if name.text not in DTYPES:
                self.error("E207", f"unknown element type {name.text!r}", name.span, nearest(name.text, DTYPES))
        if dtypes or node.const:
            self.test(HasType(tensor, dtypes, node.const, node.span))
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
                    register, bound = self.number(place, unsure=maybe)
                    dimensions.append(Dimension(None, register, bound))
                case _:
                    self.error("E216", "a dimension is a size, a name, '_' or '...'", place.span, "[..., n, _, 3]")
        self.test(HasShape(tensor, tuple(dimensions), run_at, maybe, node.shape.span))

    def value(self, node: syntax.Syntax, out: Register) -> None:
        """A literal that a constant must hold."""
        splat = not isinstance(node, syntax.List)
        elements: list[Element] = []
        shape = literal_sizes(node)
        if shape is None:
            self.error("E217", "lists in a list need equal lengths", node.span, "[[0, 0], [1, 1]]")
        for place in literal_places(node):
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
        nested = shape if shape is not None and len(shape) > 1 else None
        self.test(HasValue(out, tuple(elements), splat, nested, node.span))

    # -- attributes ---------------------------------------------------------------------------------------------------

    def attributes(self, matched: MatchedOperator) -> None:
        """What is written between an operator's square brackets, and what silence there means."""
        node, declarations = matched.node, matched.declarations
        known = {name for each in declarations.values() for name in each.attributes}
        for attribute in node.attributes:
            name = attribute.name.text
            if name in matched.mentioned:
                self.error("E206", f"{name!r} is written twice", attribute.span, "once")
            matched.mentioned.add(name)
            if declarations and name not in known and name != "custom_options":
                unknown_attribute(attribute.name, declarations, self.scope.diagnostics)
            else:
                self.attribute(matched, attribute)
        if (matched.anything or ACTIVATION in known) and ACTIVATION not in matched.mentioned:
            # Forgetting it is the classic mistake, so silence means NONE.
            self.details.insert(
                0,
                self.guarded(
                    HasAttribute(matched.register, ACTIVATION, declarations, ("NONE",), optional=True, span=node.span)
                ),
            )

    def attribute(self, matched: MatchedOperator, attribute: syntax.OperatorAttribute) -> None:
        """One attribute: a capture, or values of which one must be there."""
        name = attribute.name.text
        values: list[object] = []
        for value in attribute.values:
            match value:
                case syntax.Name():
                    if len(attribute.values) > 1:
                        hint = "words and numbers, or one name"
                        self.error("E218", "a name captures; it is no alternative", value.span, hint)
                    if word := word_for(value.text, matched.declarations, name):
                        self.scope.meant[value.text] = word
                    register, bound = self.number(value)
                    self.test(
                        HasAttribute(
                            matched.register, name, matched.declarations, None, register, bound, span=attribute.span
                        )
                    )
                    return
                case syntax.Wildcard():
                    return
                case _ if name == "custom_options":
                    values.append(custom_options_literal(value, self.scope.diagnostics))
                case _:
                    values.append(attribute_literal(value, matched.declarations.values(), name, self.scope.diagnostics))
        self.test(HasAttribute(matched.register, name, matched.declarations, tuple(values), span=attribute.span))


def _described(kind: Kind, many: bool) -> str:
    return f"a list of {kind}s" if many else f"a {kind}"

"""Named patterns: each use is replaced by the pattern's body, with the operands in the parameters' places.

Names of the body that are no parameters belong to the one use: two uses of a pattern never meet in them, and the rule
cannot see them. What the rule is to see is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from attrs import define, evolve, field

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.constants import CONSTANT_FUNCTIONS
from rewriter.language.expressions import FUNCTIONS
from rewriter.source import Diagnostic, Span

_MOST_PARTS = 10_000
"""Parts of the tree of one rule after all patterns stand in it; patterns of patterns could make it any size."""


@define
class Patterns:
    """The named patterns of a file.

    Attributes:
        diagnostics: Mistakes in their use, and in how they are declared.
    """

    dialect: Dialect
    items: dict[str, syntax.NamedPattern] = field(factory=dict[str, syntax.NamedPattern])
    diagnostics: list[Diagnostic] = field(factory=list[Diagnostic])

    @classmethod
    def of(cls, file: syntax.File, dialect: Dialect, functions: Mapping[str, object]) -> Patterns:
        """The patterns that a file declares, checked as far as that can be done without a use.

        Args:
            file: The file.
            dialect: Says which names in an operator's brackets are those of its operands.
            functions: Functions that packs add; a pattern cannot have the name of one.
        """
        found = cls(dialect)
        for item in file.items:
            if isinstance(item, syntax.NamedPattern):
                found._declare(item, functions)
        for item in found.items.values():
            found._check_circle(item)
        return found

    def expand(self, side: tuple[syntax.Equation, ...]) -> tuple[syntax.Equation, ...] | None:
        """A side of a rule with every use of a pattern replaced; None where there is a mistake in one."""
        if not self.items or not any(_uses(equation) for equation in side):
            return side
        before = len(self.diagnostics)
        expansion = _Expansion(self)
        expanded: list[syntax.Equation] = []
        for equation in side:
            brought: list[syntax.Equation] = []
            made = expansion.part(equation, {}, brought)
            assert isinstance(made, syntax.Equation)
            expanded += [*brought, made]
        if expansion.broken or len(self.diagnostics) > before:
            return None
        sizes: dict[int, int] = {}
        if sum(_size(equation, sizes) for equation in expanded) > _MOST_PARTS:
            message = "with its patterns in place this rule has more parts than can be handled"
            self.error("E255", message, side[-1].span, "patterns that use each other less often")
            return None
        return tuple(expanded)

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        """Report a mistake, once for each place: a body is read again at every use."""
        found = Diagnostic(code, message, span, hint)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def names(self, item: syntax.NamedPattern) -> dict[str, syntax.Name]:
        """The names in a pattern's body that stand for something that is matched, each where it stands first."""
        found: dict[str, syntax.Name] = {}
        for equation in item.body:
            for name in self._names(equation):
                found.setdefault(name.text, name)
        return found

    def _names(self, node: syntax.Syntax) -> Iterator[syntax.Name]:
        match node:
            case syntax.Name():
                yield node
            case syntax.Operator():
                operands = self.operands_of(node)
                yield from (name for each in node.attributes for name in self._names(each))
                for operand in node.operands:
                    if isinstance(operand, syntax.Named) and operand.name.text in operands:
                        operand = operand.value
                    yield from self._names(operand)
            case syntax.OperatorAttribute(values=parts) | syntax.Call(operands=parts) | syntax.Type(shape=parts):
                parts = parts if isinstance(parts, tuple) else (parts,) if parts is not None else ()
                yield from (name for part in parts for name in self._names(part))
            case syntax.Attribute(value=value):
                yield from self._names(value)
            case _:
                yield from (name for child in syntax.children(node) for name in self._names(child))

    def operands_of(self, node: syntax.Operator) -> frozenset[str]:
        """The names that an operator's declaration gives its operands."""
        found = (self.dialect.find(head.name.text, head.code.value if head.code else None) for head in node.heads)
        return frozenset(spec.name for each in found if each is not None for spec in each.operands or ())

    def _declare(self, item: syntax.NamedPattern, functions: Mapping[str, object]) -> None:
        name = item.name.text
        if name in self.items:
            line = self.items[name].span.line
            self.error("E250", f"the pattern {name!r} stands at line {line} already", item.name.span, "another name")
        elif name in FUNCTIONS or name in CONSTANT_FUNCTIONS or name in functions or name == "attr":
            self.error("E250", f"{name!r} is a function", item.name.span, "another name")
        else:
            self.items[name] = item
        seen: set[str] = set()
        for parameter in item.parameters:
            if parameter.text in seen:
                self.error("E250", f"{parameter.text!r} is a parameter twice", parameter.span, "another name")
            seen.add(parameter.text)
        used = self.names(item)
        for parameter in item.parameters:
            if parameter.text not in used:
                message = f"the pattern {name!r} does not use its parameter {parameter.text!r}"
                self.error("E254", message, parameter.span, "leave it out")

    def _check_circle(self, item: syntax.NamedPattern) -> None:
        """A pattern that uses itself, directly or through others, has no end."""
        waiting = [call for equation in item.body for call in _calls(equation)]
        seen: set[str] = set()
        while waiting:
            call = waiting.pop()
            name = call.function.text
            if name == item.name.text:
                message = f"the pattern {name!r} uses itself"
                self.error("E253", message, call.span, "a rule applied to a fixed point repeats itself")
                return
            if name in self.items and name not in seen:
                seen.add(name)
                waiting += [each for equation in self.items[name].body for each in _calls(equation)]


class _Expansion:
    """The expansion of one side of a rule."""

    def __init__(self, patterns: Patterns) -> None:
        self.patterns = patterns
        self.broken = False
        self.uses: dict[str, int] = {}
        self.open: list[str] = []

    def part(
        self, node: syntax.Syntax, given: Mapping[str, syntax.Syntax], before: list[syntax.Equation]
    ) -> syntax.Syntax:
        """A part of a body or a side, with what `given` says in place of its names.

        Equations that a pattern brings besides its last one are added to `before`.
        """
        match node:
            case syntax.Name(text=text) if text in given:
                return given[text]
            case syntax.Call(function=function) if function.text in self.patterns.items:
                return self.use(node, self.patterns.items[function.text], given, before)
            case syntax.Optional(value=syntax.Name(text=text)) if text in given:
                return self.marked(node, given[text])
            case syntax.Variadic(value=syntax.Name(text=text)) if text in given:
                return self.marked(node, given[text])
            case syntax.Operator():
                return self.operator(node, given, before)
            case syntax.Equation():
                return self.equation(node, given, before)
            case syntax.Named(name=name, value=value):
                label = given.get(name.text, name)
                inner = self.part(value, given, before)
                if not isinstance(label, syntax.Name):
                    return self.not_a_name(node, name, label)
                return syntax.Named(node.span, label, inner)  # type: ignore[arg-type]
            case syntax.Again(name=name) if name.text in given and not isinstance(given[name.text], syntax.Name):
                return self.not_a_name(node, name, given[name.text])
            case syntax.OperatorAttribute():
                values = tuple(self.part(value, given, before) for value in node.values)
                return evolve(node, values=values)
            case syntax.Call():
                operands = tuple(self.part(operand, given, before) for operand in node.operands)
                return evolve(node, operands=operands)
            case syntax.Attribute():
                return evolve(node, value=self.part(node.value, given, before))
            case syntax.Type():
                shape = node.shape and self.part(node.shape, given, before)
                return evolve(node, shape=shape)
            case _:
                return syntax.changed(node, lambda child: self.part(child, given, before))

    def equation(
        self, node: syntax.Equation, given: Mapping[str, syntax.Syntax], before: list[syntax.Equation]
    ) -> syntax.Equation:
        value = self.part(node.value, given, before)
        results = tuple(self.part(each, given, before) for each in node.results)
        for own, result in zip(node.results, results, strict=True):
            inner = result.value if isinstance(result, syntax.Variadic) else result
            name = syntax.named(own)
            if name is not None and not isinstance(inner, syntax.Name | syntax.Wildcard):
                self.not_a_name(node, name, inner)
        return evolve(node, results=results, value=value)

    def operator(
        self, node: syntax.Operator, given: Mapping[str, syntax.Syntax], before: list[syntax.Equation]
    ) -> syntax.Syntax:
        names = self.patterns.operands_of(node)
        operands = tuple(
            evolve(operand, value=self.part(operand.value, given, before))
            if isinstance(operand, syntax.Named) and operand.name.text in names
            else self.part(operand, given, before)
            for operand in node.operands
        )
        return evolve(
            node,
            attributes=tuple(self.part(each, given, before) for each in node.attributes),
            operands=operands,
        )

    def use(
        self,
        call: syntax.Call,
        item: syntax.NamedPattern,
        given: Mapping[str, syntax.Syntax],
        before: list[syntax.Equation],
    ) -> syntax.Syntax:
        name = item.name.text
        if name in self.open:
            self.broken = True  # reported where it is declared
            return call
        if len(call.operands) != len(item.parameters):
            count = f"{len(call.operands)} operand{'s' * (len(call.operands) != 1)}"
            signature = f"{name}({', '.join(each.text for each in item.parameters)})"
            self.patterns.error("E251", f"the pattern {name!r} does not take {count}", call.span, signature)
            return call
        arguments = [self.part(operand, given, before) for operand in call.operands]
        inner: dict[str, syntax.Syntax] = dict(zip((each.text for each in item.parameters), arguments, strict=True))
        self.uses[name] = number = self.uses.get(name, 0) + 1
        for own, place in self.patterns.names(item).items():
            # No name of a rule has such a form, so the two cannot meet.
            inner.setdefault(own, syntax.Name(place.span, f"{name}.{own}" + f"#{number}" * (number > 1)))
        self.open.append(name)
        *equations, last = (self.part(equation, inner, before) for equation in item.body)
        self.open.pop()
        before += equations  # type: ignore[arg-type]
        assert isinstance(last, syntax.Equation)
        if not last.results:
            return last.value
        # A use may have put anything in the place of a name.
        result, *others = cast("tuple[syntax.Syntax, ...]", last.results)
        if others or isinstance(result, syntax.Variadic):
            message = f"the pattern {name!r} stands for several results"
            self.patterns.error("E252", message, last.span, "an expression as its last equation")
        elif isinstance(result, syntax.Name):
            return syntax.Named(last.span, result, last.value)
        return last.value

    def marked(self, node: syntax.Optional | syntax.Variadic, argument: syntax.Syntax) -> syntax.Syntax:
        """`b?` or `xs...` of a body, where the name is a parameter."""
        if isinstance(argument, type(node)):
            return argument
        if isinstance(argument, syntax.Absent) and isinstance(node, syntax.Optional):
            return argument
        if isinstance(argument, syntax.Typed) and isinstance(argument.value, syntax.Name | type(node)):
            return evolve(argument, value=self.marked(node, argument.value))  # type: ignore[arg-type]
        if isinstance(argument, syntax.Name) or isinstance(node, syntax.Variadic):
            return evolve(node, value=argument)
        return argument  # an operand that is asked for is there

    def not_a_name(self, node: syntax.Syntax, name: syntax.Name, given: syntax.Syntax) -> syntax.Syntax:
        message = f"{name.text!r} names what the pattern matched: the use has to give it a name"
        self.patterns.error("E252", message, given.span, "a name of the rule")
        return node


def _uses(node: syntax.Syntax) -> bool:
    return next(_calls(node), None) is not None


def _calls(node: syntax.Syntax) -> Iterator[syntax.Call]:
    if isinstance(node, syntax.Call):
        yield node
    for child in syntax.children(node):
        yield from _calls(child)


def _size(node: syntax.Syntax, sizes: dict[int, int]) -> int:
    """How many parts a tree has. An operand that a pattern uses twice is one object, and counts twice."""
    found = sizes.get(id(node))
    if found is None:
        found = sizes[id(node)] = 1 + sum(_size(child, sizes) for child in syntax.children(node))
    return found

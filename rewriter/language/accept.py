"""From a `target` item to what it accepts, checked against the declarations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from attrs import define, field

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect
from rewriter.dialect.types import is_list
from rewriter.language import syntax
from rewriter.language.brackets import attribute_literal, unknown_attribute
from rewriter.language.detail import DetailCompiler
from rewriter.language.expressions import Symbol, Value
from rewriter.language.failing import Condition
from rewriter.language.program import Register
from rewriter.language.scope import TARGET_PROPERTIES, RuleScope, is_word
from rewriter.language.suggestions import operator_for
from rewriter.language.target import AttributeCheck, Check, Line, Target, TypeCheck, VersionCheck
from rewriter.source import Diagnostic, nearest

FindTarget = Callable[[str], Target | None]

_LISTS = ("inputs", "constants", "outputs")
_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {"==": operator.eq, "<=": operator.le, ">=": operator.ge}
_MOST_PARTITIONS = 1 << 31


def _subset(these: Value, those: Value) -> bool:
    these, those = (each.tolist() if hasattr(each, "tolist") else each for each in (these, those))
    return all(each in those for each in (these if is_list(these) else [these]))


@define
class TargetScope:
    """The names in a target's conditions: operands, results and attributes of an operator, and lists of its tensors.

    Attributes:
        many: Which of the tensors are lists of them.
        sizes: Dimensions that the types of the line name, and where a frame keeps them.
    """

    diagnostics: list[Diagnostic]
    tensors: frozenset[str] = frozenset()
    many: frozenset[str] = frozenset(_LISTS)
    values: frozenset[str] = frozenset()
    sizes: Mapping[str, Register] = field(factory=dict[str, Register])

    def symbol(self, name: str) -> Symbol | None:
        """What a name stands for."""
        if name in self.sizes:
            register = self.sizes[name]
            return Symbol(lambda frame: frame[register])
        if name in self.tensors or name in self.many:
            return Symbol(lambda frame: frame[0][name], TARGET_PROPERTIES, many=name in self.many)
        return Symbol(lambda frame: frame[0][name]) if name in self.values else None

    def names(self) -> Sequence[str]:
        """All names that there are."""
        return sorted({*self.tensors, *self.many, *self.values, *self.sizes})

    def is_word(self, word: str) -> bool:
        """Whether some enum of the schema has this word."""
        return is_word(word)

    def functions(self) -> Mapping[str, Callable[..., Value]]:
        """`subset` asks of a list what `in` asks of a value."""
        return {"subset": _subset}


def compile_target(
    item: syntax.Target, dialect: Dialect, pack: str | None, find: FindTarget
) -> tuple[Target, list[Diagnostic]]:
    """Check a target and compile it.

    Args:
        item: The target.
        dialect: The operators that there are.
        pack: The pack that it belongs to.
        find: Finds a target that it extends.

    Returns:
        The target, and the mistakes in it: unknown operators, attributes, words, types and targets, and names that no
        operator there has. Where there are any, it is of no use.
    """
    compiler = _Compiler(dialect, item.name.text)
    for name in item.extends:
        base = find(name.text) if name.text != item.name.text else None
        if base is None:
            message = f"there is no target {name.text!r} to extend"
            compiler.error("E271", message, name, "a target above this one, or of an installed pack")
        else:
            compiler.extend(base)
    for clause in item.clauses:
        match clause:
            case syntax.Accept():
                compiler.accept(clause)
            case syntax.Requires():
                compiler.require(clause)
            case syntax.Limit():
                compiler.limit(clause)
    doc = item.doc.value if item.doc else ""
    target = Target(
        item.name.text,
        pack,
        doc,
        item.name.span,
        {name: tuple(lines) for name, lines in compiler.accepts.items()},
        {name: tuple(lines) for name, lines in compiler.unpacks.items()},
        {name: tuple(lines) for name, lines in compiler.unpacks_whole.items()},
        tuple(compiler.requires),
        compiler.largest,
        compiler.first,
    )
    return target, list(dict.fromkeys(compiler.diagnostics))


@define
class _Compiler:
    dialect: Dialect
    name: str
    diagnostics: list[Diagnostic] = field(factory=list[Diagnostic])
    accepts: dict[str, list[Line]] = field(factory=dict[str, list[Line]])
    unpacks: dict[str, list[Line]] = field(factory=dict[str, list[Line]])
    unpacks_whole: dict[str, list[Line]] = field(factory=dict[str, list[Line]])
    requires: list[Line] = field(factory=list[Line])
    largest: int | None = None
    first: bool = False

    def error(self, code: str, message: str, node: syntax.Syntax, hint: str | None) -> None:
        self.diagnostics.append(Diagnostic(code, message, node.span, hint))

    def extend(self, base: Target) -> None:
        for mine, lines in (
            (self.accepts, base.accepts),
            (self.unpacks, base.unpacks),
            (self.unpacks_whole, base.unpacks_whole),
        ):
            for name, each in lines.items():
                mine.setdefault(name, []).extend(each)
        self.requires += base.requires
        self.largest, self.first = base.largest, base.first

    def require(self, clause: syntax.Requires) -> None:
        scope = TargetScope(self.diagnostics)
        checks = tuple(Condition.of(each, scope) for each in clause.conditions)
        self.requires.append(Line(checks, 1, clause.span))

    def limit(self, clause: syntax.Limit) -> None:
        number = clause.largest
        if number is not None and not 1 <= number.value <= _MOST_PARTITIONS:
            self.error("E273", "a target is given at least one partition", number, "partitions largest 1")
        self.largest, self.first = (None, True) if number is None else (int(number.value), False)

    def accept(self, clause: syntax.Accept) -> None:
        for head in clause.heads:
            declaration = self.declaration(head)
            if declaration is not None:
                lines = self.unpacks_whole if clause.whole else self.unpacks if clause.unpacks else self.accepts
                lines.setdefault(declaration.name, []).append(self.line(clause, declaration))

    def declaration(self, head: syntax.Head) -> Declaration | None:
        name, code = head.name.text, head.code.value if head.code else None
        if name == "CUSTOM" and code is None:
            self.error("E202", "a custom operator needs its code", head, "CUSTOM[code]")
            return None
        found = self.dialect.find(name, code)
        if found is None:
            self.error("E201", f"unknown operator {name!r}", head, operator_for(name, self.dialect))
        return found

    def line(self, clause: syntax.Accept, declaration: Declaration) -> Line:
        checks: list[Check] = []
        for attribute in clause.attributes:
            name = attribute.name.text
            if name not in declaration.attributes:
                unknown_attribute(attribute.name, {declaration.name: declaration}, self.diagnostics)
                continue
            values = (attribute_literal(each, [declaration], name, self.diagnostics) for each in attribute.values)
            checks.append(AttributeCheck(name, tuple(values), attribute.span.on_one_line))
        if clause.version is not None:
            version = clause.version
            holds = _COMPARISONS[version.operator]
            checks.append(VersionCheck(holds, int(version.number.value), version.span.on_one_line))
        specs = (*(declaration.operands or ()), *(declaration.results or ()))
        many = frozenset({*_LISTS, *(spec.name for spec in specs if spec.variadic)})
        tensors = frozenset(spec.name for spec in specs if not spec.variadic)
        values = frozenset(declaration.attributes)
        names = RuleScope(self.diagnostics)
        detail = DetailCompiler(self.dialect, names, {})
        for each in clause.types:
            check = self.typed(each, detail, tensors | many)
            if check is not None:
                checks.append(check)
        sizes = {name: binding.register for name, binding in names.bindings.items()}
        for name in sizes.keys() & (tensors | many | values):
            message = f"{name!r} is a dimension here, and {declaration.name} has one of that name"
            self.diagnostics.append(Diagnostic("E214", message, names.bindings[name].span, "another name"))
        scope = TargetScope(self.diagnostics, tensors, many, values, sizes)
        checks += (Condition.of(each, scope) for each in clause.conditions)
        return Line(tuple(checks), detail.registers, clause.span)

    def typed(self, node: syntax.Parameter, detail: DetailCompiler, tensors: frozenset[str]) -> TypeCheck | None:
        name = node.name.text
        if name not in tensors:
            hint = nearest(name, tensors) or ", ".join(sorted(tensors))
            self.error("E301", f"nothing here is called {name!r}", node.name, hint)
            return None
        if node.type is None or node.variadic or node.implied or node.variable or node.private:
            self.error("E272", "what a target asks of a tensor is a type", node, f"{name}: f32")
            return None
        register, before = detail.register(), len(detail.details)
        detail.type(node.type, register)
        return TypeCheck(name, register, node.optional, tuple(detail.details[before:]), node.span.on_one_line)

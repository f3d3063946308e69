"""What a `target` item accepts, checked against the declarations."""

from __future__ import annotations

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.brackets import attribute_literal, close, unknown_attribute
from rewriter.language.expressions import compile_condition
from rewriter.language.scope import DeclarationScope
from rewriter.source import Diagnostic


def check_target(item: syntax.Target, dialect: Dialect) -> list[Diagnostic]:
    """The mistakes in a target: unknown operators, attributes and words, and names that no operator there has."""
    diagnostics: list[Diagnostic] = []
    for accept in item.accepts:
        for head in accept.heads:
            _check(accept, head, dialect, diagnostics)
    return list(dict.fromkeys(diagnostics))


def _check(accept: syntax.Accept, head: syntax.Head, dialect: Dialect, diagnostics: list[Diagnostic]) -> None:
    name, code = head.name.text, head.code.value if head.code else None
    if name == "CUSTOM" and code is None:
        diagnostics.append(Diagnostic("E202", "a custom operator needs its code", head.span, "CUSTOM[code]"))
        return
    declaration = dialect.find(name, code)
    if declaration is None:
        diagnostics.append(Diagnostic("E201", f"unknown operator {name!r}", head.span, close(name, dialect.names)))
        return
    for attribute in accept.attributes:
        if attribute.name.text not in declaration.attributes:
            unknown_attribute(attribute.name, {declaration.name: declaration}, diagnostics)
            continue
        for value in attribute.values:
            attribute_literal(value, [declaration], attribute.name.text, diagnostics)
    tensors = frozenset(spec.name for spec in (*(declaration.operands or ()), *(declaration.results or ())))
    scope = DeclarationScope(diagnostics, tensors, frozenset(declaration.attributes))
    for condition in accept.conditions:
        compile_condition(condition, scope)

"""Operators, attributes and names as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.lsp.catalogue import parsed
from rewriter.lsp.names import spell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.dialect.declaration import AttributeSpec, Declaration, OperandSpec
    from rewriter.language import syntax
    from rewriter.lsp.brackets import Head
    from rewriter.lsp.catalogue import Catalogue
    from rewriter.lsp.names import Binding

_MOST_WORDS = 24


def signature(head: Head, declaration: Declaration) -> str:
    """`CONV_2D(input, filter, bias?) -> output`."""
    if declaration.operands is None:
        return f"{head}(..)"
    operands = ", ".join(_operand(spec) for spec in declaration.operands)
    results = ", ".join(_operand(spec) for spec in declaration.results or ())
    return f"{head}({operands}) -> " + (results if len(declaration.results or ()) == 1 else f"({results})")


def describe_operator(head: Head, catalogue: Catalogue) -> str:
    """All that is known of an operator."""
    declaration = catalogue.declaration(head)
    if declaration is None:
        unknown = "not declared here or in an installed pack" if head.code is not None else "no operator of the schema"
        return f"`{head}`: {unknown}"
    parts = [code(signature(head, declaration))]
    if declaration.doc:
        parts.append(declaration.doc)
    if declaration.operands is None:
        parts.append("Its operands are not declared: they are taken as they are written.")
    if declaration.commutative:
        parts.append("Its operands match in either order.")
    if declaration.attributes:
        lines = [f"* {describe_attribute(spec)}" for spec in declaration.attributes.values()]
        parts.append("\n".join(["Attributes:", *lines]))
    written = catalogue.written(head)
    found = parsed(written) if written else None
    if found is not None:
        parts += _clauses(found[0])
    return "\n\n".join(parts)


def describe_attribute(spec: AttributeSpec) -> str:
    """An attribute with its type or enum words, and its default."""
    values = spec.kind
    if spec.words:
        words = sorted(spec.words)
        values = ", ".join(f"`{word}`" for word in words[:_MOST_WORDS]) + ", ..." * (len(words) > _MOST_WORDS)
    default = "" if spec.default is None else f"; default `{_value(spec)}`"
    return f"`{spec.name}`: {values}{default}"


def describe_binding(binding: Binding, catalogue: Catalogue) -> str:
    """What a name stands for."""
    name = binding.token.text
    written = f"{name}: {binding.type}" if binding.type else name
    parts = [code(written), binding.meaning[0].upper() + binding.meaning[1:] + _place(binding, catalogue) + "."]
    if binding.result_of and "result" not in binding.meaning:
        parts.append(f"What {spell(binding.result_of)} gives; `@{name}(...)` makes that operator again.")
    if binding.attribute is not None:
        attribute, heads = binding.attribute
        spec = catalogue.attributes(heads).get(attribute)
        parts += [describe_attribute(spec)] if spec is not None else []
    return "\n\n".join(parts)


def code(text: str) -> str:
    """A fenced block of `.pat` text."""
    return f"```pat\n{text}\n```"


def _operand(spec: OperandSpec) -> str:
    text = spec.name + "?" * spec.optional + "..." * spec.variadic
    if spec.dtypes:
        text += f": {'|'.join(spec.dtypes)}"
    return text + " implied" * spec.implied + " variable" * spec.variable + " private" * spec.private


def _value(spec: AttributeSpec) -> str:
    return str(bool(spec.default)).lower() if spec.kind == "bool" else str(spec.default)


def _clauses(op: syntax.Op) -> Iterator[str]:
    """What a declaration says of versions and conditions, as it is written."""
    if op.versions:
        lines = [f"* version {each.number.value} where {_conditions(each.conditions)}" for each in op.versions]
        yield "\n".join(["Versions, the first that holds, and 1 where none does:", *lines])
    if op.conditions:
        yield f"The runtime demands {_conditions(op.conditions)}."


def _conditions(conditions: tuple[syntax.Expression, ...]) -> str:
    return ", ".join(f"`{each.span.on_one_line}`" for each in conditions)


def _place(binding: Binding, catalogue: Catalogue) -> str:
    """Which operand of which operator a tensor is."""
    if binding.place is None or not binding.place[0]:
        return ""
    heads, index = binding.place
    declared = [each.operands or () for each in catalogue.declarations(heads)]
    names = {specs[min(index, len(specs) - 1)].name for specs in declared if specs}
    which = f"`{names.pop()}`" if len(names) == 1 else str(index)
    return f", operand {which} of {spell(heads)}"

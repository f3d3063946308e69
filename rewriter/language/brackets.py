"""What stands between an operator's brackets, on either side of a rule: attributes and operands, as declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.language import syntax
from rewriter.source import Diagnostic, Span, nearest


def close(name: str, known: Collection[str]) -> str | None:
    """What somebody who wrote `name` may have meant: names that go on where it ends, else the nearest one."""
    longer = [each for each in known if each.startswith(name)]
    return ", ".join(longer[:3]) or nearest(name, known)


def unknown_attribute(
    name: syntax.Name, declarations: Mapping[str, Declaration], diagnostics: list[Diagnostic]
) -> None:
    """Say that none of these operators has such an attribute, and which there are."""
    operator = " or ".join(declarations)
    if any(each.code is not None and each.codec is None for each in declarations.values()):
        hint = f"declare its options: op {operator}(...) -> output options struct {{ {name.text}: i32 }}"
        diagnostics.append(Diagnostic("E203", f"the options of {operator} are not declared", name.span, hint))
        return
    known = sorted({known for each in declarations.values() for known in each.attributes})
    hint = close(name.text, known) or ", ".join(known) or "leave it out: there are no attributes here"
    diagnostics.append(Diagnostic("E203", f"unknown attribute {name.text!r} of {operator}", name.span, hint))


def attribute_literal(
    node: syntax.Syntax, declarations: Collection[Declaration], name: str, diagnostics: list[Diagnostic]
) -> object:
    """The value of an attribute written out; a word must be one of its enum."""
    specs = [each.attributes[name] for each in declarations if name in each.attributes]
    match node:
        case syntax.Word(text=text):
            words = {word for spec in specs for word in spec.words}
            if specs and text not in words:
                what = f"{name} has no value {text}"
                hint = nearest(text, words) or ", ".join(sorted(words)) or "a number"
                diagnostics.append(Diagnostic("E204", what, node.span, hint))
            return text
        case syntax.Number(value=value) | syntax.Boolean(value=value) | syntax.String(value=value):
            kinds = {spec.kind for spec in specs}
            enums = {spec.enum for spec in specs if spec.enum}
            wrong = (
                enums
                or (isinstance(value, bool) != ("bool" in kinds) and kinds)
                or (isinstance(value, str) != ("string" in kinds) and kinds)
                or (isinstance(value, float) and kinds == {"int"})
                or "list" in kinds
            )
            if wrong:
                words = sorted({word for spec in specs for word in spec.words})
                hint = ", ".join(words) if words else f"a value of type {', '.join(sorted(kinds))}"
                diagnostics.append(Diagnostic("E205", f"{name} cannot be {value!r}", node.span, hint))
            return value
        case syntax.List(elements=elements):
            if specs and all(spec.kind != "list" for spec in specs):
                kinds = ", ".join(sorted({spec.kind for spec in specs}))
                diagnostics.append(
                    Diagnostic("E205", f"{name} cannot be a list", node.span, f"a value of type {kinds}")
                )
            for each in elements:
                if not isinstance(each, syntax.Number | syntax.String | syntax.Boolean):
                    message = "such a list holds numbers, strings, true and false"
                    diagnostics.append(
                        Diagnostic("E219", message, each.span, f"[{name}=list], and a condition on the list")
                    )
            return [each.value for each in elements if isinstance(each, syntax.Number | syntax.String | syntax.Boolean)]
        case syntax.Absent():
            return None
        case _:
            message = "an attribute's value is a word, a number, a list or a name"
            diagnostics.append(Diagnostic("E219", message, node.span, f"[{name}=value]"))
            return None


def assign_operands(
    operands: tuple[syntax.Operand, ...],
    declaration: Declaration,
    specs: tuple[OperandSpec, ...],
    span: Span,
    diagnostics: list[Diagnostic],
) -> dict[int, syntax.Operand]:
    """Which operand is written for which declared one: unnamed ones in order, then named ones.

    `NAME = P` names the operand where one is declared under that name, and otherwise what P matched.
    """
    names = [spec.name for spec in specs]
    written: dict[int, syntax.Operand] = {}
    place = 0
    for operand in operands:
        if isinstance(operand, syntax.Named) and operand.name.text in names:
            index = names.index(operand.name.text)
            if index in written:
                diagnostics.append(Diagnostic("E206", f"{operand.name.text!r} is written twice", operand.span, "once"))
                return written
            written[index] = operand.value
            continue
        if place >= len(specs) or (written and place <= max(written) and place in written):
            diagnostics.append(_wrong_number(operands, declaration, specs, span))
            return written
        written[place] = operand
        place += 1
    missing = [
        spec.name for index, spec in enumerate(specs) if index not in written and not (spec.optional or spec.implied)
    ]
    if missing and not any(spec.variadic for spec in specs):
        diagnostics.append(_wrong_number(operands, declaration, specs, span))
    return written


def _wrong_number(
    operands: tuple[syntax.Operand, ...], declaration: Declaration, specs: tuple[OperandSpec, ...], span: Span
) -> Diagnostic:
    signature = ", ".join(spec.name + "?" * (spec.optional or spec.implied) for spec in specs)
    count = f"{len(operands)} operand{'s' * (len(operands) != 1)}"
    return Diagnostic("E230", f"{declaration.name} does not take {count}", span, f"{declaration.name}({signature})")


def is_optional(node: syntax.Operand) -> bool:
    """Whether an operand of a pattern may be absent."""
    match node:
        case syntax.Optional():
            return True
        case syntax.Typed(value=value) | syntax.Named(value=value):
            return is_optional(value)
        case _:
            return False

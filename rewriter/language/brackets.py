"""What stands between an operator's brackets, on either side of a rule: attributes and operands, as declared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.dialect.options import FlexbufferValue
from rewriter.language import syntax
from rewriter.language.suggestions import close
from rewriter.source import Diagnostic, Span, nearest


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


def takes_results(declaration: Declaration, count: int, *, several: bool = True) -> bool:
    """Whether an operator can have so many results; `several`: whether one that has any number counts as such."""
    specs = declaration.results
    if specs is None:
        return True
    if any(spec.variadic for spec in specs):
        return several
    return sum(not spec.optional for spec in specs) <= count <= len(specs)


def result_names(declaration: Declaration) -> str:
    """The results of an operator as an equation would name them."""
    specs = [spec for spec in declaration.results or () if not spec.optional]
    if any(spec.variadic for spec in specs):
        return "(a, b)"
    names = ", ".join(spec.name for spec in specs)
    return f"({names})" if len(specs) > 1 else names


def check_results(
    declaration: Declaration, count: int, span: Span, diagnostics: list[Diagnostic], *, more: bool = False
) -> None:
    """Say so where an operator has another number of results than it is given names.

    `more`: there is a list of results besides, which may be empty.
    """
    most = len(declaration.results or ())
    if not any(takes_results(declaration, each) for each in range(count, max(most, count) + 1 if more else count + 1)):
        number = sum(not spec.optional for spec in declaration.results or ())
        message = f"{declaration.name} has {number} result{'s' * (number != 1)}, not {count}"
        diagnostics.append(Diagnostic("E245", message, span, f"{result_names(declaration)} = {declaration.name}(...)"))


def is_optional(node: syntax.Operand) -> bool:
    """Whether an operand of a pattern may be absent."""
    match node:
        case syntax.Optional():
            return True
        case syntax.Typed(value=value) | syntax.Named(value=value):
            return is_optional(value)
        case _:
            return False


def is_variadic(node: syntax.Operand) -> bool:
    """Whether it stands for any number of operands."""
    while isinstance(node, syntax.Typed | syntax.Named):
        node = node.value
    return isinstance(node, syntax.Variadic)


def custom_options_literal(node: syntax.Syntax, diagnostics: list[Diagnostic]) -> object:
    """Custom options that a pattern asks for: None, bytes, or what a flexbuffer holds."""
    match node:
        case syntax.Absent():
            return None
        case syntax.Call(function=syntax.Name(text="bytes"), operands=(syntax.String() as text,)):
            return options_bytes(text, diagnostics)
        case syntax.Flexbuffer():
            return FlexbufferValue(_plain(node, diagnostics))
        case _:
            diagnostics.append(Diagnostic("E257", NO_OPTIONS, node.span, OPTIONS_HINT))
            return None


NO_OPTIONS = "custom options are absent, bytes or a flexbuffer"
OPTIONS_HINT = 'absent, bytes("..."), flexbuffer{key: value}'


def options_bytes(node: syntax.String, diagnostics: list[Diagnostic]) -> bytes:
    """`bytes("...")`: one byte for each character, which must be one that a byte can be."""
    try:
        return node.value.encode("latin-1")
    except UnicodeEncodeError as error:
        shown = node.value[error.start]
        hint = r"\x00 to \xff"
        diagnostics.append(Diagnostic("E257", f"{shown!r} is no byte", node.span, hint))
        return b""


def _plain(node: syntax.Syntax, diagnostics: list[Diagnostic]) -> object:
    match node:
        case syntax.Number(value=value) | syntax.String(value=value) | syntax.Boolean(value=value):
            return value
        case syntax.Word(text=text):
            return text
        case syntax.List(elements=elements):
            return [_plain(each, diagnostics) for each in elements]
        case syntax.Flexbuffer(entries=entries):
            return {key_of(entry): _plain(entry.value, diagnostics) for entry in entries}
        case _:
            message = "a pattern asks for a flexbuffer of numbers, strings, true, false, lists and maps"
            diagnostics.append(Diagnostic("E257", message, node.span, "[custom_options=o] to capture it"))
            return None


def key_of(entry: syntax.Entry) -> str:
    """The key of an entry of a flexbuffer."""
    return entry.key.text if isinstance(entry.key, syntax.Name) else entry.key.value


def literal_places(node: syntax.Syntax) -> Iterator[syntax.Syntax]:
    """The elements of a literal, those of lists in lists one by one."""
    if isinstance(node, syntax.List):
        for each in node.elements:
            yield from literal_places(each)
    else:
        yield node


def literal_sizes(node: syntax.Syntax) -> tuple[int, ...] | None:
    """The shape of a literal; None where lists that should be alike are not."""
    if not isinstance(node, syntax.List):
        return ()
    inner = {literal_sizes(each) for each in node.elements}
    if len(inner) > 1 or None in inner:
        return None
    return (len(node.elements), *(next(iter(inner), ()) or ()))

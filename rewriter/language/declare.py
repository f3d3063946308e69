"""From an `op` item to the declaration that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from rewriter.dialect.declaration import (
    AttributeSpec,
    Declaration,
    Kernel,
    Names,
    OperandSpec,
    VersionRule,
    schema_attributes,
)
from rewriter.dialect.options import ANY_LENGTH, Codec, FlexbufferCodec, OptionsField, StructCodec
from rewriter.dialect.quantization import DEMANDS, Demand, Equal, QuantizationFunction, kept
from rewriter.dialect.types import FORMATS, is_list
from rewriter.language import syntax
from rewriter.language.expressions import Evaluate, compile_condition, compile_expression
from rewriter.language.scope import DeclarationScope, evaluate_named
from rewriter.model import DTYPES, schema
from rewriter.source import Diagnostic, nearest

Resolve = Callable[[str], Callable[..., object] | None]

# The inference functions under which a result has its operands' shape, but for broadcasting.
_ELEMENTWISE = {"same", "broadcast", "compared", "logical", "converted", "dequantized", "magnitude", "paired", "select"}

_LONGEST = 1 << 16  # of an options field


def declare(item: syntax.Op, resolve: Resolve) -> tuple[Declaration, list[Diagnostic]]:
    """Check an `op` item and make its declaration.

    Args:
        item: The item.
        resolve: Finds the function that a `shape`, `kernel` or `quantization` clause names; None if there is none.
    """
    return _Declarer(item, resolve).declare()


class _Declarer:
    def __init__(self, item: syntax.Op, resolve: Resolve) -> None:
        self.item = item
        self.resolve = resolve
        self.diagnostics: list[Diagnostic] = []

    def error(self, code: str, message: str, node: syntax.Syntax, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, node.span, hint))

    def declare(self) -> tuple[Declaration, list[Diagnostic]]:
        item = self.item
        builtin = item.head.name.text
        code = item.head.code.value if item.head.code else None
        operators = schema().enums["BuiltinOperator"]
        if builtin not in operators:
            self.error(
                "E201", f"unknown operator {builtin!r}", item.head, nearest(builtin, operators) or "CUSTOM[code]"
            )
        elif (builtin == "CUSTOM") != (code is not None):
            message = "a custom operator is declared as CUSTOM[code], a builtin one by its name"
            self.error("E220", message, item.head, f"CUSTOM[{code or 'code'}]")
        operands = tuple(self.operand(each) for each in item.operands)
        results = tuple(self.operand(each) for each in item.results)
        fields = self.fields()
        self.once([each.name for each in (*item.operands, *item.results)])
        self.once([each.name for each in item.options.fields] if item.options else [])
        attributes = schema_attributes(builtin) if builtin in operators else {}
        attributes |= {each.name: _attribute(each, self.enum_of(each.name)) for each in fields}
        names = frozenset(each.name for each in (*operands, *results))
        scope = DeclarationScope(self.diagnostics, names, frozenset(attributes))
        declaration = Declaration(
            builtin,
            code,
            item.doc.value if item.doc else "",
            operands,
            results,
            self.stored(operands),
            attributes,
            frozenset(each.name.text for each in item.implied if each.name.text in attributes),
            self.implied_values(attributes, scope),
            self.operand_values(operands, scope),
            self.codec(fields),
            self.function(item.shape),  # type: ignore[arg-type]
            self.kernel(),
            item.shape is not None and item.shape.text in _ELEMENTWISE,
            item.commutative,
            item.side_effects,
            tuple(
                VersionRule(
                    int(each.number.value),
                    tuple(evaluate_named(compile_condition(condition, scope)) for condition in each.conditions),
                    ", ".join(condition.span.on_one_line for condition in each.conditions),
                )
                for each in item.versions
            ),
            tuple(
                (condition.span.content, evaluate_named(compile_condition(condition, scope)))
                for condition in item.conditions
            ),
            self.quantization(operands),
            self.demands(operands, results),
            {
                name: clause.span.on_one_line
                for name in ("shape", "kernel", "quantization", "options")
                if (clause := getattr(item, name)) is not None
            },
            self.told_by_results(frozenset(attributes), frozenset(each.name for each in results)),
        )
        self.implied_names(frozenset(attributes), frozenset(each.name for each in operands))
        return declaration, self.diagnostics

    def implied_names(self, attributes: frozenset[str], operands: frozenset[str]) -> None:
        for each in self.item.implied:
            name = each.name.text
            if name in operands and each.value is None:
                message = f"what is {name!r} worth where the file does without it?"
                self.error("E259", message, each, f"implied {name} = EXPRESSION")
            elif name not in operands and name not in attributes:
                known = sorted(attributes | operands)
                hint = nearest(name, known) or ", ".join(known) or "leave it out"
                self.error("E259", f"{name!r} is no attribute and no operand here", each.name, hint)

    def implied_values(
        self, attributes: Mapping[str, AttributeSpec], scope: DeclarationScope
    ) -> dict[str, Callable[[Names], object]]:
        return {
            each.name.text: _stored(compile_expression(each.value, scope), attributes[each.name.text])
            for each in self.item.implied
            if each.value is not None and each.name.text in attributes
        }

    def told_by_results(self, attributes: frozenset[str], results: frozenset[str]) -> frozenset[str]:
        """Implied attributes that follow from the results, and that no operand says where those are not recorded."""
        mentioned = {each.name.text: _mentioned(each.value) for each in self.item.implied if each.value is not None}
        said = {name for operand, names in mentioned.items() if operand not in attributes for name in names}
        return frozenset(
            name for name, names in mentioned.items() if name in attributes and name not in said and names & results
        )

    def operand_values(
        self, operands: tuple[OperandSpec, ...], scope: DeclarationScope
    ) -> dict[str, Callable[[Names], object]]:
        names = {each.name for each in operands}
        return {
            each.name.text: _evaluated(compile_expression(each.value, scope))
            for each in self.item.implied
            if each.value is not None and each.name.text in names
        }

    def quantization(self, operands: tuple[OperandSpec, ...]) -> QuantizationFunction | None:
        name = self.item.quantization
        if name is None:
            return None
        for index, spec in enumerate(operands):
            if spec.name == name.text:
                return kept(index, variadic=spec.variadic)
        found = self.resolve(name.text)
        if found is None:
            known = ", ".join(each.name for each in operands)
            hint = f"{known}, or pack.function" if known else "pack.function"
            self.error("E225", f"there is no operand and no function {name.text!r}", name, hint)
        return found  # type: ignore[return-value]

    def demands(self, operands: tuple[OperandSpec, ...], results: tuple[OperandSpec, ...]) -> tuple[Demand, ...]:
        name = self.item.quantization.text if self.item.quantization else None
        if any(spec.name == name for spec in operands):
            return (Equal((str(name), *(spec.name for spec in results))),)
        return DEMANDS.get(name, ()) if name is not None and self.item.head.code is None else ()

    def once(self, names: Iterable[syntax.Name]) -> None:
        seen: set[str] = set()
        for name in names:
            if name.text in seen:
                self.error("E229", f"{name.text!r} is declared twice", name, "another name")
            seen.add(name.text)

    def operand(self, each: syntax.Parameter) -> OperandSpec:
        dtypes: tuple[str, ...] = ()
        if each.type is not None:
            dtypes = tuple(name.text for name in each.type.dtypes)
            for name in each.type.dtypes:
                # Handles and the like, which the language has no word for, are the schema's words in lower case.
                if name.text not in DTYPES and name.text.upper() not in schema().enums["TensorType"]:
                    self.error("E207", f"unknown element type {name.text!r}", name, nearest(name.text, DTYPES))
        if len(each.name.text) < 2:
            self.error("E221", "operands are declared with names of two letters or more", each.name, "a longer name")
        return OperandSpec(
            each.name.text, dtypes, each.optional, each.variadic, each.implied, each.variable, each.private
        )

    def stored(self, operands: tuple[OperandSpec, ...]) -> tuple[int, ...]:
        if self.item.stored is None:
            return ()
        names = [each.name for each in operands]
        order = [name.text for name in self.item.stored]
        if sorted(order) != sorted(names):
            message = "'stored' has to name each operand once"
            self.error("E222", message, self.item.stored[0], f"stored ({', '.join(names)}), in the file's order")
            return ()
        return tuple(names.index(name) for name in order)

    def fields(self) -> tuple[OptionsField, ...]:
        if self.item.options is None:
            return ()
        fields: list[OptionsField] = []
        for each in self.item.options.fields:
            if each.dtype.text not in FORMATS and not (
                each.dtype.text == "string" and self.item.options.kind == "flexbuffer"
            ):
                self.error(
                    "E207", f"unknown field type {each.dtype.text!r}", each.dtype, nearest(each.dtype.text, FORMATS)
                )
                continue
            if each.length is not None and not 1 <= each.length.value <= _LONGEST:
                self.error("E228", f"a field holds 1 to {_LONGEST} values", each.length, f"{each.dtype.text}[4]")
                continue
            if each.listed and each.length is None and self.item.options.kind == "struct":
                self.error("E228", "a struct's fields hold as many values each time", each, f"{each.dtype.text}[4]")
                continue
            words: dict[str, int] = {}
            if each.enum is not None:
                enums = schema().enums
                if each.enum.text in enums:
                    words = dict(enums[each.enum.text])
                elif not each.words:
                    self.error("E223", f"unknown enum {each.enum.text!r}", each.enum, nearest(each.enum.text, enums))
                if each.words:
                    words = {entry.word.text: int(entry.number.value) for entry in each.words}
            length = int(each.length.value) if each.length is not None else ANY_LENGTH if each.listed else None
            fields.append(OptionsField(each.name.text, each.dtype.text, length, words, self.default(each)))
        return tuple(fields)

    def default(self, field: syntax.OptionsField) -> bool | int | float | None:
        """What a flexbuffer means that lacks a field."""
        given = field.default
        if given is None:
            return None
        assert self.item.options is not None
        if self.item.options.kind != "flexbuffer":
            self.error("E228", "only a flexbuffer can lack a field", given, "leave the default out")
            return None
        kind = field.dtype.text[0]
        value = given.value if isinstance(given, syntax.Number | syntax.Boolean) else None
        fits = isinstance(value, bool) if kind == "b" else type(value) is int or (kind == "f" and type(value) is float)
        if not fits or field.listed or field.enum is not None:
            self.error("E228", f"this is no default of {field.name.text!r}", given, "a number, true or false")
            return None
        return value

    def enum_of(self, name: str) -> str | None:
        assert self.item.options is not None
        return next(
            (each.enum.text for each in self.item.options.fields if each.name.text == name and each.enum is not None),
            None,
        )

    def codec(self, fields: tuple[OptionsField, ...]) -> Codec | None:
        options = self.item.options
        if options is None or options.kind == "bytes":
            return None
        if self.item.head.code is None:
            self.error("E224", "the schema says what options a builtin operator has", options, "leave the options out")
        return StructCodec(fields) if options.kind == "struct" else FlexbufferCodec(fields)

    def function(self, name: syntax.DottedName | None) -> Callable[..., object] | None:
        if name is None:
            return None
        found = self.resolve(name.text)
        if found is None:
            self.error(
                "E225", f"there is no function {name.text!r}", name, "pack.function, as the pack's package has it"
            )
        return found

    def kernel(self) -> Callable[[], Kernel] | None:
        """A kernel is found when it is needed: kernels import NumPy."""
        name = self.item.kernel
        if name is None:
            return None
        resolve, text = self.resolve, name.text

        def find() -> Kernel:
            found = resolve(text)
            if found is None:
                raise LookupError(f"there is no function {text!r}")
            return found

        return find


def _attribute(each: OptionsField, enum: str | None) -> AttributeSpec:
    form = FORMATS.get(each.dtype, "")
    if each.length is not None:
        return AttributeSpec(each.name, "list", format=form)
    kind = {"f": "float", "b": "bool", "s": "string"}.get(each.dtype[0], "int")
    return AttributeSpec(each.name, kind, enum, frozenset(each.words), each.default, form)


def _evaluated(evaluate: Evaluate) -> Callable[[Names], object]:
    return lambda names: evaluate([names])


def _stored(evaluate: Evaluate, spec: AttributeSpec) -> Callable[[Names], object]:
    """The value in the form in which a file has it: an element type as the schema's word, an open size as -1."""

    def value(names: Names) -> object:
        found: Any = evaluate([names])
        if spec.enum == "TensorType" and isinstance(found, str):
            return DTYPES[found][0] if found in DTYPES else found.upper()
        if is_list(found):
            return [-1 if size is None else size for size in cast("list[object]", found)]
        return found

    return value


def _mentioned(node: syntax.Syntax) -> set[str]:
    found = {node.text} if isinstance(node, syntax.Name) else set[str]()
    return found.union(*(_mentioned(child) for child in syntax.children(node)))

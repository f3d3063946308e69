"""An operator's declaration as text for a person, and as data for a script."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

from rewriter.dialect import quantization
from rewriter.dialect.declaration import AttributeSpec, Declaration, OperandSpec
from rewriter.dialect.quantization import Bias, Demand, Derived, Equal
from rewriter.report.words import cut, wrapped

_LIKE = re.compile(r"As `(\w+)`[:;] ")
_MARKS = ("optional", "implied", "variadic", "variable", "private")


def describe_declaration(declaration: Declaration, width: int | None) -> list[str]:
    """All that a declaration says, in lines of at most `width` columns; None: as long as they get."""
    lines = [*wrapped(signature(declaration), width, hang=4)]
    if declaration.doc:
        lines += wrapped(declaration.doc, width, indent=2)
    if told := facts(declaration):
        lines += ["", *(line for fact in told for line in wrapped(fact, width, indent=2, hang=2))]
    if declaration.operands is None:
        lines += ["", "  Its operands are not declared: any will do."]
    for title, specs in (("operands", declaration.operands), ("results", declaration.results)):
        if specs:
            lines += ["", title, *_table(((spec.name, operand_words(declaration, spec)) for spec in specs), width)]
    if declaration.attributes:
        rows = [(spec.name, attribute_words(declaration, spec)) for spec in declaration.attributes.values()]
        lines += ["", "attributes", *_table(rows, width)]
    if declaration.versions:
        rows = [(str(rule.number), f"where {rule.text}") for rule in declaration.versions]
        lines += ["", "versions: the first that holds, 1 where none does", *_table(rows, width)]
    if declaration.conditions:
        lines += ["", "the runtime demands", *_table((("", text) for text, _ in declaration.conditions), width)]
    rule = quantization_words(declaration)
    lines += ["", "quantization"]
    for sentence in rule or ["Nothing is declared: no rule is held to."]:
        lines += wrapped(sentence, width, indent=2, hang=2)
    return lines


def list_declarations(declarations: Iterable[Declaration], width: int | None) -> list[str]:
    """Operators and what they do, a line each."""
    rows = [(each.name, each.doc) for each in declarations]
    longest = max((len(name) for name, _ in rows), default=0)
    return [cut(f"{name:<{longest}}  {doc}".rstrip(), width) for name, doc in rows]


def signature(declaration: Declaration) -> str:
    """`CONV_2D(input, filter, bias?) -> output`."""
    if declaration.operands is None:
        return f"{declaration.name}(..)"
    operands = ", ".join(map(_written, declaration.operands))
    results = ", ".join(map(_written, declaration.results or ()))
    single = len(declaration.results or ()) == 1
    return f"{declaration.name}({operands}) -> {results if single else f'({results})'}"


def declaration_json(declaration: Declaration) -> dict[str, Any]:
    """All that a declaration says, as data."""
    return {
        "operator": declaration.name,
        "signature": signature(declaration),
        "doc": declaration.doc,
        "operands": _specs_json(declaration.operands),
        "results": _specs_json(declaration.results),
        "stored": [(declaration.operands or ())[place].name for place in declaration.stored],
        "attributes": [
            {
                "name": spec.name,
                "kind": spec.kind,
                "enum": spec.enum,
                "words": sorted(spec.words),
                "default": spec.default,
                "implied": spec.name in declaration.implied_attributes,
            }
            for spec in declaration.attributes.values()
        ],
        "versions": [{"version": rule.number, "where": rule.text} for rule in declaration.versions],
        "conditions": [text for text, _ in declaration.conditions],
        "commutative": declaration.commutative,
        "side_effects": declaration.side_effects,
        "inferred": declaration.shape is not None,
        "reference": declaration.kernel is not None,
        "quantization": {
            "rule": declaration.clauses.get("quantization"),
            "words": quantization_words(declaration),
        },
    }


def quantization_words(declaration: Declaration) -> list[str]:
    """What is known of the parameters of operands and results, as sentences; none where nothing is declared."""
    name = declaration.clauses.get("quantization")
    if name is None:
        return []
    named = [spec.name for spec in declaration.operands or () if spec.name == name]
    found = getattr(quantization, name, None)
    if named:
        words = [f"{name}: The results keep the parameters of {name}."]
    else:
        documented = inspect.getdoc(declaration.quantization if found is None else found) or ""
        first = _resolved(" ".join(documented.partition("\n\n")[0].split()))
        words = [f"{name}: {first}" if first else name]
    return words + [text for demand in declaration.quantization_demands if (text := _demand_words(demand))]


def _resolved(sentence: str) -> str:
    """A sentence that begins with "As `other`", with what is said of the other rule in that place."""
    begin = _LIKE.match(sentence)
    other = getattr(quantization, begin[1], None) if begin else None
    if begin is None or other is None:
        return sentence
    first = " ".join((inspect.getdoc(other) or "").partition("\n\n")[0].split())
    rest = sentence[begin.end() :]
    return f"{first} {rest[:1].upper()}{rest[1:]}"


def _demand_words(demand: Demand) -> str:
    match demand:
        case Equal(names=names, besides=besides):
            group = f"Quantized {' and '.join(names)}" if names else "Quantized operands and results"
            exception = f", but for {', '.join(sorted(besides))}" if besides else ""
            return f"{group} need equal parameters{exception}."
        case Derived():
            return "A quantized result needs just these parameters."
        case Bias():
            return f"{demand.bias} needs scale {demand.input} * {demand.filter}, channel by channel, and zero point 0."
        case _:
            return ""


def facts(declaration: Declaration) -> list[str]:
    """What is to know of an operator besides its operands, results and attributes, as sentences."""
    found: list[str] = []
    if declaration.stored:
        names = [(declaration.operands or ())[place].name for place in declaration.stored]
        found.append(f"A file stores its operands as {', '.join(names)}.")
    if declaration.commutative:
        found.append("Commutative: operands match in either order.")
    if declaration.side_effects:
        found.append("Side effects: it is never matched away, and never dropped.")
    if declaration.shape is None:
        found.append("Its results are not inferred: what it gives is what the file says.")
    if declaration.kernel is not None:
        found.append("A reference kernel computes it where no runtime does.")
    if "options" in declaration.clauses:
        found.append(f"Custom options: {declaration.clauses['options'].removeprefix('options ')}")
    return found


def operand_words(declaration: Declaration, spec: OperandSpec) -> str:
    """An operand's or result's types and what else is said of it: `f32|i8, optional`."""
    marks = [mark for mark in _MARKS if getattr(spec, mark)]
    if spec.name in declaration.operand_values:
        marks.append("may be missing in a file")
    return ", ".join(["|".join(spec.dtypes) or "any type", *marks])


def attribute_words(declaration: Declaration, spec: AttributeSpec) -> str:
    """What an attribute can be, and its default: `SAME | VALID, default SAME`."""
    words = " | ".join(_in_order(spec)) if spec.words else spec.kind
    default = "" if spec.default is None or spec.default == "" else f", default {_value(spec.default)}"
    implied = ", implied: follows from operands and results" * (spec.name in declaration.implied_attributes)
    return words + default + implied


def _in_order(spec: AttributeSpec) -> list[str]:
    """An enum's words, its default first."""
    return sorted(spec.words, key=lambda word: (word != spec.default, word))


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(spec: OperandSpec) -> str:
    text = spec.name + "?" * spec.optional + "..." * spec.variadic
    if spec.dtypes:
        text += f": {'|'.join(spec.dtypes)}"
    return text + " implied" * spec.implied + " variable" * spec.variable + " private" * spec.private


def _specs_json(specs: tuple[OperandSpec, ...] | None) -> list[dict[str, Any]] | None:
    if specs is None:
        return None
    return [
        {"name": spec.name, "types": list(spec.dtypes)} | {mark: getattr(spec, mark) for mark in _MARKS}
        for spec in specs
    ]


def _table(rows: Iterable[tuple[str, str]], width: int | None) -> list[str]:
    listed = list(rows)
    longest = max(len(name) for name, _ in listed)
    return [
        line
        for name, words in listed
        for line in wrapped(f"{name:<{longest}}  {words}" if longest else words, width, indent=2, hang=longest + 2)
    ]

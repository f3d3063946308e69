"""What a rule resolves to, as text."""

from __future__ import annotations

from typing import Any

from attrs import fields

from rewriter.language.replacement import Captured, Constant, Implied, Made, MakeOperator, Nothing, Source
from rewriter.language.rules import Rule
from rewriter.source import Span


def explain_rule(rule: Rule) -> str:
    """A rule's compiled pattern and what its replacement resolves to."""
    heads = ", ".join(sorted(rule.program.heads)) if rule.program.heads is not None else "any operator"
    lines = [
        f"{rule.qualified}: {rule.equality}, benefit {rule.benefit}, phase {rule.phase}",
        f"  root: {heads}",
        "  pattern:",
    ]
    lines += [f"    {_step(step)}" for step in rule.program.steps]
    lines.append("  replacement:")
    for number, make in enumerate(rule.replacement.operators):
        lines += [f"    {line}" for line in _make(rule, number, make)]
    lines.append(f"    root: {_source(rule.replacement.root)}")
    return "\n".join(lines)


_SETS = ("names", "dtypes", "commutative")


def _step(step: object) -> str:
    shown: list[str] = []
    for attribute in fields(type(step)):
        value: Any = getattr(step, attribute.name)
        if attribute.name in ("span", "declarations", "condition") or value is None:
            continue
        shown.append(f"{attribute.name}={sorted(value) if attribute.name in _SETS else value!r}")
    span = getattr(step, "span", None)
    text = f"    # {_text(span)}" if isinstance(span, Span) else ""
    return f"{type(step).__name__}({', '.join(shown)}){text}"


def _make(rule: Rule, number: int, make: MakeOperator) -> list[str]:
    name = make.declaration.name if make.declaration else f"the operator in register {make.again}"
    lines = [f"{number}: {name}({', '.join(_source(source) for source in make.operands)})"]
    written = {name: span for name, _, span in make.attributes}
    lines += [f"     {attribute}: written, {_text(span)}" for attribute, span in written.items()]
    lines += [f"     {attribute}: the root's" for attribute in make.inherited]
    if make.declaration is not None:
        for attribute, spec in make.declaration.attributes.items():
            if attribute not in written and attribute not in make.inherited:
                lines.append(f"     {attribute}: {spec.default}, the schema's default")
    return lines


def _source(source: Source) -> str:
    match source:
        case Captured(register=register):
            return f"r{register}"
        case Made(index=index):
            return f"result {index}"
        case Constant(span=span):
            return f"constant {_text(span)}"
        case Nothing():
            return "absent"
        case Implied():
            return "the root's recorded shape"


def _text(span: Span) -> str:
    return " ".join(span.text.text[span.start : span.end].split())

"""What a rule resolves to, as text: for its author in the rule's own names, on request down to the matcher's steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import fields

from rewriter.language.choices import Each, When
from rewriter.language.decision import Branch
from rewriter.language.program import Program
from rewriter.language.replacement import (
    Captured,
    Constant,
    Implied,
    Item,
    Made,
    MakeOperator,
    Mapped,
    Nothing,
    Retyped,
    Source,
    Spread,
    inherited_names,
)
from rewriter.language.rules import Rule
from rewriter.matcher import Matcher
from rewriter.source import Span


def explain_rule(rule: Rule, *, program: bool = False) -> str:
    """What a rule's replacement resolves to, in the names of its text.

    Args:
        rule: The rule.
        program: Whether to show the instructions that look for its pattern, too. They speak of registers, and so do
            the names then.
    """
    heads = ", ".join(sorted(rule.program.heads)) if rule.program.heads is not None else "any operator"
    lines = [f"{rule.qualified}: {rule.equality}, benefit {rule.benefit}, phase {rule.phase}", f"  root: {heads}"]
    if program:
        lines += ["  pattern:", *_program(rule.program, "    ")]
    lines.append("  replacement:")
    names = _Names(rule, registers=program)
    for make in rule.replacement.operators:
        lines += [f"    {line}" for line in _make(rule, make, names)]
    for root in rule.replacement.roots:
        lines.append(f"    {names.root(root.tensor)} becomes {_source(root.source, names)}")
    return "\n".join(lines)


class _Names:
    """What the registers of a rule are called."""

    def __init__(self, rule: Rule, *, registers: bool) -> None:
        self._captures = rule.captures
        self._made = {register: make.index for make in rule.replacement.operators for register in make.lists.values()}
        self._registers = registers

    def of(self, register: int) -> str:
        """A tensor, or a list of them."""
        name = self._captures.get(register)
        if name is None:
            made = self._made.get(register)
            name = f"r{register}" if made is None else f"results {made}"
        elif self._registers:
            name = f"{name} (r{register})"
        return name

    def root(self, register: int) -> str:
        """A result that is given anew."""
        if register in self._captures:
            return self.of(register)
        return "the root" + f" (r{register})" * self._registers

    def again(self, make: MakeOperator) -> str:
        """An operator of the match that is made again."""
        register = make.again
        assert register is not None
        name = self._captures.get(register)
        again = f"the operator in register {register}" if name is None else f"@{name}"
        return again + f" (r{register})" * (self._registers and name is not None)


def explain_decisions(rules: Sequence[Rule]) -> str:
    """How the rules of a run are laid over each other: for each kind of root, the tests in the order they are made.

    A test stands once, however many rules share it; what follows it stands below it. Registers are those of the whole.
    """
    lines: list[str] = []
    phases = sorted({rule.phase for rule in rules})
    for phase in phases:
        for name, decision, ordered in Matcher([rule for rule in rules if rule.phase == phase]).decisions():
            lines.append(f"root {name}" + f", phase {phase}" * (len(phases) > 1))
            lines += _branch(decision.root, ordered, "  ")
    return "\n".join(lines)


def _branch(branch: Branch, rules: Sequence[Rule], margin: str) -> list[str]:
    lines = [margin + _step(step) for step in branch.steps]
    if branch.choice is not None:
        lines.append(f"{margin}each way of {_step(branch.choice)}")
    for leaf in branch.leaves:
        lines.append(f"{margin}-> {rules[leaf.order].qualified}, if")
        lines += [f"{margin}     {_step(step)}" for step in leaf.tail]
    for _, table in branch.tables:
        for value, children in table.items():
            for child in children:
                lines.append(f"{margin}where the table has {value!r}:")
                lines += _branch(child, rules, margin + "  ")
    for child in branch.children:
        lines += _branch(child, rules, margin + "  ")
    return lines


def _program(program: Program, margin: str) -> list[str]:
    lines: list[str] = []
    for step in program.steps:
        lines.append(margin + _step(step))
        inner = step
        while isinstance(inner, When):
            inner = inner.step
        if isinstance(inner, Each):
            lines += _program(inner.program, margin + "  ")
    return lines


_SETS = ("names", "dtypes", "commutative")
_HIDDEN = ("span", "declarations", "condition", "asked", "program", "instead", "number", "state", "maybe", "read")


def _step(step: object) -> str:
    if isinstance(step, When):
        guards = ", ".join(f"r{register} is {way}" for register, way in step.guards)
        return f"if {guards}: {_step(step.step)}"
    shown: list[str] = []
    for attribute in fields(type(step)):
        value: Any = getattr(step, attribute.name)
        if attribute.name in _HIDDEN or value is None:
            continue
        if attribute.name in _SETS:
            value = sorted(value)
        elif attribute.name in ("going", "touched", "others"):
            value = [each.register for each in value]
        shown.append(f"{attribute.name}={value!r}")
    span = getattr(step, "span", None)
    text = f"    # {span.on_one_line}" if isinstance(span, Span) else ""
    return f"{type(step).__name__}({', '.join(shown)}){text}"


def _make(rule: Rule, make: MakeOperator, names: _Names) -> list[str]:
    name = make.declaration.name if make.declaration else names.again(make)
    lines = [f"{make.index}: {name}({', '.join(_source(source, names) for source in make.operands)})"]
    written = {name: span for name, _, span in make.attributes}
    lines += [f"     {attribute}: written, {span.on_one_line}" for attribute, span in written.items()]
    if make.declaration is not None:
        roots = rule.replacement.roots[make.root].declarations
        for attribute, spec in make.declaration.attributes.items():
            givers = [
                name for name, each in roots.items() if attribute in inherited_names(make.declaration, each, written)
            ]
            if attribute in written:
                continue
            if attribute in make.declaration.implied_attributes:
                lines.append(f"     {attribute}: follows from operands and results")
            elif not givers:
                lines.append(f"     {attribute}: {spec.default}, the schema's default")
            elif len(givers) == len(roots):
                lines.append(f"     {attribute}: the root's")
            else:
                lines.append(f"     {attribute}: the root's if that is {' or '.join(givers)}, else {spec.default}")
    else:
        kinds = " or ".join(make.declarations) or "an operator of any kind"
        lines.append(f"     {'all else' if written else 'all attributes'}: as before; it is {kinds}")
    for operand in make.operands:
        if isinstance(operand, Mapped):
            lines += [f"  {line}" for inner in operand.operators for line in _make(rule, inner, names)]
    return lines


def _source(source: Source, names: _Names) -> str:
    match source:
        case Captured(register=register):
            return names.of(register)
        case Item(register=register):
            return f"one of {names.of(register)}"
        case Spread(register=register, part=part):
            return ("" if part is None else "a part of ") + f"{names.of(register)}..."
        case Mapped(value=value):
            return f"{_source(value, names)}..."
        case Made(index=index, result=result):
            return f"result {index}" + f".{result}" * (result > 0)
        case Constant(span=span):
            return f"constant {span.on_one_line}"
        case Retyped(register=register):
            return f"{names.of(register)} in another type"
        case Nothing():
            return "absent"
        case Implied(root=root):
            return "the root's recorded shape" if not root else f"root {root}'s recorded shape"

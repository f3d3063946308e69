"""From a file's tree to checked and compiled rules; all mistakes of the file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

from attrs import define, field

from rewriter.collection import collection_paused
from rewriter.dialect.declaration import Declaration
from rewriter.dialect.dialect import Dialect, Elsewhere
from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.accept import FindTarget, compile_target
from rewriter.language.declare import Resolve, declare
from rewriter.language.detail import ACTIVATION, MatchedOperator
from rewriter.language.expand import Patterns
from rewriter.language.parse import parse, parse_kept
from rewriter.language.pattern import Pattern, compile_pattern
from rewriter.language.program import Register
from rewriter.language.repetition import mistakes
from rewriter.language.replacement import Compiled, Nothing, Replacement, compile_replacement, inherited_names
from rewriter.language.rules import Cleanup, Equality, Rule, RuleSet
from rewriter.language.scope import RuleScope
from rewriter.language.sides import Sides
from rewriter.language.target import Target
from rewriter.source import Diagnostic, nearest

Functions = Mapping[str, Callable[..., Any]]

_LARGEST_BENEFIT = 1 << 31


def compile_rules(
    text: str | bytes,
    filename: str = "<rules>",
    *,
    pack: str | None = None,
    elsewhere: Elsewhere | None = None,
    resolve: Resolve | None = None,
    functions: Functions | None = None,
    find_target: FindTarget | None = None,
    kept: bool = False,
) -> RuleSet:
    """Check `.pat` text and compile its rules.

    Args:
        text: The text.
        filename: What errors call it, and what bare rules are named after.
        pack: The pack that the rules belong to.
        elsewhere: Looks up the declaration of a custom operator that the text does not declare.
        resolve: Finds the functions that `shape`, `kernel` and `by` clauses name.
        functions: Functions that packs add to expressions.
        find_target: Finds a target that one of the text extends and the text does not hold.
        kept: Whether to keep the text's tree in the cache, for a pack's text, which is read again and again.

    Raises:
        LanguageError: The text has mistakes; it holds all of them.
    """
    checker = _Checker(
        filename,
        pack,
        Dialect(elsewhere=elsewhere),
        resolve or (lambda _: None),
        {} if functions is None else functions,
        find_target or (lambda _: None),
    )
    with collection_paused():
        checker.file(parse_kept(text, filename, (pack, filename)) if kept else parse(text, filename))
    errors = [each for each in checker.diagnostics if each.severity == "error"]
    if errors:
        raise LanguageError(sorted(errors, key=lambda each: (each.span.start, each.code)))
    warnings = sorted(
        (each for each in checker.diagnostics if each.severity == "warning"),
        key=lambda each: (each.span.start, each.code),
    )
    return RuleSet(
        tuple(checker.rules),
        dict(checker.dialect.custom),
        tuple(warnings),
        checker.doc,
        checker.serves,
        tuple(checker.targets.values()),
        tuple(checker.cleanups),
    )


@define
class _Checker:
    filename: str
    pack: str | None
    dialect: Dialect
    resolve: Resolve
    functions: Functions
    find_target: FindTarget
    diagnostics: list[Diagnostic] = field(factory=list[Diagnostic])
    seen: set[Diagnostic] = field(factory=set[Diagnostic])
    errors: int = 0
    rules: list[Rule] = field(factory=list[Rule])
    targets: dict[str, Target] = field(factory=dict[str, Target])
    cleanups: list[Cleanup] = field(factory=list[Cleanup])
    doc: str = ""
    serves: tuple[str, ...] = ()
    uses: frozenset[str] | None = None
    leaves: frozenset[str] = frozenset()
    patterns: Patterns = field(factory=lambda: Patterns(Dialect()))

    def file(self, tree: syntax.File) -> None:
        targets: list[syntax.Target] = []
        for item in tree.items:
            match item:
                case syntax.Op():
                    self.op(item)
                case syntax.Pack():
                    self.doc = item.doc.value if item.doc else ""
                    self.serves = tuple(name.text for name in item.serves)
                    self.leaves = frozenset(name.text for name in item.leaves)
                    self.uses = None if item.uses is None else frozenset(name.text for name in item.uses)
                case syntax.Target():
                    targets.append(item)
                case _:
                    pass
        self.patterns = Patterns.of(tree, self.dialect, self.functions)
        seen: dict[str, syntax.Rule | syntax.Cleanup] = {}
        lines: dict[int, int] = {}
        for item in tree.items:
            if isinstance(item, syntax.Rule | syntax.Cleanup):
                name = item.name.text if isinstance(item, syntax.Cleanup) else self.name(item, lines)
                if name in seen:
                    other = seen[name]
                    what = "cleanup" if isinstance(other, syntax.Cleanup) else "rule"
                    message = f"the {what} {name!r} stands at line {other.span.line} already"
                    self.report([Diagnostic("E240", message, item.span, "another name")])
                seen[name] = item
                if isinstance(item, syntax.Cleanup):
                    self.cleanup(item)
                else:
                    self.rule(item, name)
        for target in targets:
            self.target(target)
        self.report(self.patterns.diagnostics)
        self.check_uses(tree)

    def target(self, item: syntax.Target) -> None:
        name = item.name.text
        if name in self.targets:
            line = self.targets[name].span.line
            message = f"the target {name!r} stands at line {line} already"
            self.report([Diagnostic("E227", message, item.name.span, "another name")])
            return
        target, diagnostics = compile_target(item, self.dialect, self.pack, self.base)
        self.targets[name] = target
        self.report(diagnostics)

    def cleanup(self, item: syntax.Cleanup) -> None:
        function = self.resolve(item.function.text)
        if function is None:
            message = f"there is no function {item.function.text!r}"
            hint = "pack.function, as the pack's package has it"
            self.report([Diagnostic("E225", message, item.function.span, hint)])
            return
        name, doc = item.name.text, item.doc.value if item.doc else ""
        used = self.used(name, default=True)
        self.cleanups.append(Cleanup(name, self.pack, doc, item.span, function, used))

    def base(self, name: str) -> Target | None:
        """A target that another one extends."""
        return self.targets.get(name) or self.find_target(name)

    def check_uses(self, tree: syntax.File) -> None:
        names = {each.name for each in (*self.rules, *self.cleanups)}
        if self.errors:
            return  # the rule may be there, with a mistake in it
        for pack in (item for item in tree.items if isinstance(item, syntax.Pack)):
            for name in (*(pack.uses or ()), *pack.leaves):
                if name.text not in names:
                    message = f"there is no rule {name.text!r} to {'leave' if name in pack.leaves else 'use'}"
                    hint = nearest(name.text, names) or ", ".join(sorted(names)) or None
                    self.report([Diagnostic("E241", message, name.span, hint)])

    def op(self, item: syntax.Op) -> None:
        declaration, diagnostics = declare(item, self.resolve)
        self.report(diagnostics)
        if declaration.code is None:
            if not diagnostics:
                message = f"{declaration.builtin} is declared by the program"
                self.report([Diagnostic("E226", message, item.head.span, "declare custom operators only")])
        elif declaration.code in self.dialect.custom:
            message = f"{declaration.name} is declared twice"
            self.report([Diagnostic("E227", message, item.head.span, "one declaration")])
        else:
            self.dialect.custom[declaration.code] = declaration

    def name(self, item: syntax.Rule, lines: dict[int, int]) -> str:
        """A bare rule is named after its file and line; a second one on a line gets a number."""
        if item.name is not None:
            return item.name.text
        line = item.span.line
        lines[line] = lines.get(line, 0) + 1
        name = f"{PurePath(self.filename).stem}:{line}"
        return name if lines[line] == 1 else f"{name}#{lines[line]}"

    def rule(self, item: syntax.Rule, name: str) -> None:
        left, right = self.patterns.expand(item.left), self.patterns.expand(item.right)
        if left is None or right is None:
            return
        before = self.errors
        if not item.both_ways:
            self.direction(item, name, left, right, {}, used=self.used(name, default=True))
            return
        types = _written_types(left)
        for backward in (False, True):
            full = f"{name}.{'backward' if backward else 'forward'}"
            sides = (right, left) if backward else (left, right)
            self.direction(item, full, *sides, types if backward else {}, used=self.used(full, default=not backward))
            if self.errors > before:
                return  # the other direction would say the same again

    def used(self, name: str, *, default: bool) -> bool:
        return default and name not in self.leaves if self.uses is None else name in self.uses

    def direction(
        self,
        item: syntax.Rule,
        name: str,
        left: tuple[syntax.Equation, ...],
        right: tuple[syntax.Equation, ...],
        types: Mapping[str, syntax.Type],
        *,
        used: bool,
    ) -> None:
        scope = RuleScope([], added=self.functions, patterns=tuple(self.patterns.items))
        pattern = compile_pattern(left, self.dialect, scope, types)
        if pattern is None:
            self.report(scope.diagnostics)
            return
        broken = bool(scope.diagnostics)
        compiled = compile_replacement(right, self.dialect, scope, pattern, both_ways=item.both_ways)
        staying = _staying(pattern, compiled.tensors) if compiled else []
        given = compiled.given if compiled else []
        read = tuple(compiled.read) if compiled else ()
        program = pattern.finish(item.conditions, staying, given, read, shared=item.shared)
        if broken or compiled is None:
            # What stands there with a mistake binds no name, and whoever reads that name cannot be blamed for it.
            mentioned = _mentioned(left) | {name for each in right for name in _mentioned(each.results)}
            scope.diagnostics = [
                each for each in scope.diagnostics if each.code != "E301" or each.span.content not in mentioned
            ]
        equality = self.equality(item)
        benefit, phase = self.number(item.benefit, 1), self.number(item.phase, 0)
        if compiled is not None and not scope.diagnostics:
            for result in given:
                if result.name is not None:
                    scope.bindings[result.name.text].used = True
            self.warn_unused(scope, name)
            self.check_allowed(item, compiled.replacement)
            if not compiled.replacement.drops_outputs:
                self.warn_dropped(pattern, compiled, name)
            sides = Sides(left, right, item.conditions, self.dialect, types, item.shared)
            self.report(mistakes(sides))
            doc = item.doc.value if item.doc else ""
            rule = Rule(
                name,
                self.pack,
                doc,
                item.span,
                program,
                compiled.replacement,
                equality,
                item.changes_interface,
                benefit,
                phase,
                used,
                sides,
                _captures(scope),
            )
            self.rules.append(rule)
        self.report(scope.diagnostics)

    def report(self, diagnostics: list[Diagnostic]) -> None:
        """Add mistakes to those of the file, each once: parts of a rule can be read several times."""
        for each in dict.fromkeys(diagnostics):
            if each not in self.seen:
                self.seen.add(each)
                self.diagnostics.append(each)
                self.errors += each.severity == "error"

    def equality(self, item: syntax.Rule) -> Equality:
        written = item.equality
        if written is None:
            return Equality()
        bound = float(written.bound.value) if written.bound else 0.0
        return Equality(written.kind, bound, written.lossy)

    def number(self, node: syntax.Number | None, default: int) -> int:
        if node is None:
            return default
        if abs(node.value) > _LARGEST_BENEFIT:
            hint = f"at most {_LARGEST_BENEFIT}"
            self.report([Diagnostic("E243", "this number is too large", node.span, hint)])
        return int(node.value)

    def check_allowed(self, item: syntax.Rule, replacement: Replacement) -> None:
        """Only a rule that says so may drop an output, or give an input another type."""
        if item.changes_interface:
            return
        dropped = [root.span for root in replacement.roots if isinstance(root.source, Nothing)]
        retyped = [each.span for each in replacement.retyped]
        for code, what, spans in (
            ("E268", "this drops an output", dropped),
            ("E269", "this changes the type of an input", retyped),
        ):
            self.report([Diagnostic(code, what, at, "say 'changes interface'") for at in spans[:1]])

    def warn_unused(self, scope: RuleScope, rule: str) -> None:
        for binding in scope.bindings.values():
            if not binding.used and not binding.name.startswith("_"):
                name = binding.name.rpartition(".")[2].partition("#")[0]
                message = f"{name!r} is captured and never used in {rule}"
                hint = scope.meant.get(name) or (f"_{name}" if binding.optional or binding.many else "_")
                scope.diagnostics.append(Diagnostic("W401", message, binding.span, hint, "warning"))

    def warn_dropped(self, pattern: Pattern, compiled: Compiled, rule: str) -> None:
        """Attributes that nobody mentions, hands on or inherits are dropped, which is seldom meant."""
        replacement = compiled.replacement
        replaced = [root.operator for root in replacement.roots]
        again = set(compiled.again)
        again |= {each.register for union in pattern.unions if union.register in again for each in union.reads}
        for matched in pattern.operators:
            if matched.register in again or matched in _staying(pattern, compiled.tensors):
                continue
            handed: set[str] = set()
            if matched.register in replaced:
                made = [make for make in replacement.operators if replaced[make.root] == matched.register]
                for make, declaration in ((make, each) for make in made for each in matched.declarations.values()):
                    if make.declaration is not None:
                        written = {name for name, _, _ in make.attributes}
                        handed |= {*inherited_names(make.declaration, declaration, written)}
            known = {name for each in matched.declarations.values() for name in each.attributes}
            implied = {name for each in matched.declarations.values() for name in each.implied_attributes}
            dropped = known - matched.mentioned - handed - implied - _MENTIONED
            if dropped:
                names = sorted(dropped)
                message = f"{rule} drops {', '.join(names)} of {' or '.join(matched.declarations)}"
                shown = ", ".join(f"{name}=_" for name in names)
                them = "it" if len(names) == 1 else "them"
                hint = f"mention {them} on the left, as [{shown}], or keep {them} with @"
                self.report([Diagnostic("W402", message, matched.node.span, hint, "warning")])


def _captures(scope: RuleScope) -> dict[Register, str]:
    """What a rule calls what its match keeps, by register; an operator is called as its first result with a name."""
    found: dict[Register, str] = {}
    for name, binding in scope.bindings.items():
        if binding.kind == "tensor":
            found.setdefault(binding.register, name)
            if binding.operator is not None:
                found.setdefault(binding.operator, name)
    return found


# Unmentioned, it means NONE.
_MENTIONED = frozenset({ACTIVATION})


def _staying(pattern: Pattern, used: set[Register]) -> list[MatchedOperator]:
    """The matched operators that stay: those whose results the replacement uses, and what feeds these."""
    known = [*pattern.operators, *pattern.unions]
    return [each for operator in known if operator.register in used for each in operator.below()]


def _mentioned(parts: Iterable[syntax.Syntax]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        if isinstance(part, syntax.Name):
            found.add(part.text)
        found |= _mentioned(syntax.children(part))
    return found


def _written_types(side: tuple[syntax.Equation, ...]) -> dict[str, syntax.Type]:
    """The types that captures are given on a side, by name."""
    found: dict[str, syntax.Type] = {}

    def visit(node: syntax.Syntax) -> None:
        if isinstance(node, syntax.Typed) and isinstance(node.type, syntax.Type):
            value = node.value.value if isinstance(node.value, syntax.Optional | syntax.Variadic) else node.value
            if isinstance(value, syntax.Name):
                found.setdefault(value.text, node.type)
        for child in syntax.children(node):
            visit(child)

    for equation in side:
        visit(equation)
    return found


def declarations_of(text: str, filename: str, resolve: Resolve) -> dict[str, Declaration]:
    """Just the custom operators that `.pat` text declares, by code."""
    found: dict[str, Declaration] = {}
    for item in parse_kept(text, filename, ("declares", filename)).items:
        if isinstance(item, syntax.Op):
            declaration, diagnostics = declare(item, resolve)
            if diagnostics:
                raise LanguageError(diagnostics)
            if declaration.code is not None:
                found[declaration.code] = declaration
    return found

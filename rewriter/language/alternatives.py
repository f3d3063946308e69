"""From alternatives in a pattern to choices: each is compiled by itself, and what all of them find is joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count as counter

from attrs import define

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.choices import Choose
from rewriter.language.detail import DetailCompiler, MatchedOperator
from rewriter.language.program import Copy, Guards, Instruction, Register
from rewriter.language.scope import Binding, RuleScope


@define(eq=False)
class ResultOf:
    """A result that an equation of the pattern names; the only one of the root where nothing names it.

    Attributes:
        register: Where a match keeps the tensor, or the list of them.
        operator: The operator that computes it.
        many: Whether it is a list of results.
    """

    name: syntax.Name | None
    register: Register
    operator: MatchedOperator
    many: bool = False


@define(eq=False)
class Equation:
    """An equation before the last one: matched where its first result is met, or from what it reads."""

    node: syntax.Equation
    matched: MatchedOperator | None = None
    open: bool = False

    @property
    def names(self) -> list[str]:
        return [each.text for each in self.node.names]


class AlternativesCompiler(DetailCompiler):
    """Compiles alternatives, and keeps the operators and equations of the pattern that they are part of."""

    def __init__(self, dialect: Dialect, scope: RuleScope, types: Mapping[str, syntax.Type]) -> None:
        super().__init__(dialect, scope, types)
        self.operators: list[MatchedOperator] = []
        self.unions: list[MatchedOperator] = []
        self.equations: dict[str, Equation] = {}
        self.results: dict[str, ResultOf] = {}
        self.choices = counter()

    def choose(
        self,
        node: syntax.Alternatives,
        compile_branch: Callable[[syntax.Operand], MatchedOperator | None],
        register: Register | None,
    ) -> MatchedOperator | None:
        """Alternatives. Returns the operator that every one of them is, whichever that turns out to be.

        Args:
            node: The alternatives.
            compile_branch: Compiles one of them.
            register: Where the operator stands in all of them; None where each has a register of its own.
        """
        choice, outside = self.register(), self.guards
        number = next(self.choices)
        self.find(Choose(len(node.branches), number, choice, node.span))
        before = dict(self.scope.bindings)
        met = {each: each.matched for each in self.equations.values()}
        branches: list[tuple[dict[str, Binding], MatchedOperator | None]] = []
        reached: list[set[Equation]] = []
        later = self.optional_types
        for way, branch in enumerate(node.branches):
            self.guards = (*outside, (choice, way))
            self.optional_types = []
            made = compile_branch(branch)
            self.finish_types()
            new = {name: each for name, each in self.scope.bindings.items() if name not in before}
            branches.append((new, made))
            reached.append({each for each, was in met.items() if was is None and each.matched is not None})
            self.scope.bindings = dict(before)
            for each in reached[-1]:
                if way < len(node.branches) - 1:
                    each.matched = None
        self.guards, self.optional_types = outside, later
        joined = self.join(node, choice, outside, branches, register)
        for equation in set[Equation]().union(*reached):
            self.join_equation(equation, outside)
        return joined

    def join_equation(self, equation: Equation, guards: Guards) -> None:
        """An equation that was met in every alternative is one operator for what stands outside of them."""
        bound = [self.scope.bindings[name] for name in equation.names if name in self.scope.bindings]
        register = next((each.operator for each in bound if each.operator is not None), None)
        node = unwrapped(equation.node.value)[0]
        inside = [each for each in self.operators if each.node is node]
        if register is None or not inside:
            return  # an alternative does not bind its names, which is reported
        equation.matched = self.union(inside, register, guards)
        for name, result in self.results.items():
            if name in equation.names:
                result.register, result.operator = self.scope.bindings[name].register, equation.matched

    def union(self, found: list[MatchedOperator], register: Register, guards: Guards) -> MatchedOperator:
        """One operator that stands for whichever of several it turns out to be."""
        made = MatchedOperator(
            register,
            found[0].node,
            {name: each for one in found for name, each in one.declarations.items()},
            guards,
            reads=list(found),
            mentioned=set[str]().union(*(one.mentioned for one in found)),
            anything=any(one.anything for one in found),
        )
        self.unions.append(made)
        return made

    def join(
        self,
        node: syntax.Alternatives,
        choice: Register,
        outside: Guards,
        branches: list[tuple[dict[str, Binding], MatchedOperator | None]],
        register: Register | None,
    ) -> MatchedOperator | None:
        """Give what every alternative found one register."""
        shared = counter()

        def copied(registers: list[Register], add: Callable[[Instruction], None]) -> Register:
            out, number = self.register(), next(shared)
            for way, source in enumerate(registers):
                self.guards = (*outside, (choice, way))
                add(Copy(choice, number, source, out, node.span))
            self.guards = outside
            return out

        operators = [made for _, made in branches]
        joined: MatchedOperator | None = None
        if all(each is not None for each in operators):
            found = [each for each in operators if each is not None]
            where = copied([each.register for each in found], self.find) if register is None else register
            joined = self.union(found, where, outside)
        everything = {name: each for new, _ in branches for name, each in new.items()}
        for name, first in everything.items():
            each = [new.get(name) for new, _ in branches]
            bound = [one for one in each if one is not None]
            if len(bound) < len(branches):
                missing = node.branches[each.index(None)]
                message = f"this alternative does not bind {name!r}, and another does"
                self.error("E246", message, missing.span, f"{name} in every alternative, or _")
                continue
            if any((one.kind, one.many) != (first.kind, first.many) for one in bound):
                self.error(
                    "E214", f"{name!r} is not the same kind of thing in all alternatives", first.span, "two names"
                )
                continue
            add = self.find if first.kind == "tensor" else self.test
            binding = Binding(
                name,
                first.kind,
                copied([one.register for one in bound], add),
                first.span,
                constant=all(one.constant for one in bound),
                optional=any(one.optional for one in bound),
                many=first.many,
                whole=all(one.whole for one in bound),
                unsure=any(one.unsure for one in bound),
                used=any(one.used for one in bound),
            )
            inside = [one.operator for one in bound]
            if all(one is not None for one in inside):
                known = [one for one in inside if one is not None]
                binding.operator = known[0] if len(set(known)) == 1 else copied(known, self.find)
                for one in bound:
                    binding.declarations = {**binding.declarations, **one.declarations}
            self.scope.bindings[name] = binding
        return joined


def unwrapped(node: syntax.Syntax) -> tuple[syntax.Syntax, list[syntax.Name], list[syntax.Type | syntax.Like]]:
    """What stands inside names and types, and these."""
    names: list[syntax.Name] = []
    kinds: list[syntax.Type | syntax.Like] = []
    while isinstance(node, syntax.Named | syntax.Typed | syntax.Optional):
        if isinstance(node, syntax.Named):
            names.append(node.name)
        elif isinstance(node, syntax.Typed):
            kinds.append(node.type)
        node = node.value
    return node, names, kinds

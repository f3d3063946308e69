"""Both sides of a rule, kept for the checks that compare rules; read as terms when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from attrs import define, field

from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.impossible import COUNTED, Examination, examine, impossibilities
from rewriter.language.remade import Remade, read_replacement
from rewriter.language.sizes import Sizes
from rewriter.language.terms import Shape, Term, TermOperator, Unclear, read_pattern
from rewriter.source import Diagnostic


@define(eq=False, slots=False)
class Sides:
    """The trees of a rule in one direction, named patterns expanded.

    Attributes:
        types: Types that names are given on the other side of a `<->`.
        shared: Whether what the rule matches may have other readers.
    """

    left: tuple[syntax.Equation, ...]
    right: tuple[syntax.Equation, ...]
    conditions: tuple[syntax.Expression, ...]
    dialect: Dialect
    types: Mapping[str, syntax.Type] = field(factory=dict[str, syntax.Type])
    shared: bool = False

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The left side, once for each combination of alternatives; empty where terms cannot say it."""
        try:
            return read_pattern(self.left, self.dialect, self.types)
        except Unclear:
            return ()

    @cached_property
    def made(self) -> tuple[Remade, ...]:
        """The right side on each of the terms; empty where terms cannot say it."""
        try:
            made = tuple(read_replacement(self.right, self.dialect, term) for term in self.terms)
        except Unclear:
            return ()
        for term, each in zip(self.terms, made, strict=True):
            _infer_types(term, each)
        return made

    @cached_property
    def sizes(self) -> tuple[Sizes, ...]:
        """What each of the terms knows of the numbers that have names."""
        found = self._examinations
        return tuple(each.sizes for each in found) if found is not None else tuple(Sizes() for _ in self.terms)

    @cached_property
    def _examinations(self) -> tuple[Examination, ...] | None:
        return examine(self.terms)

    def whole(self) -> Iterator[tuple[Term, Remade, Sizes]]:
        """Each term with what is made of it."""
        yield from zip(self.terms, self.made, self.sizes, strict=True) if self.made else ()

    def going(self, term: Term, made: Remade) -> list[TermOperator]:
        """The operators, besides the root, that a match makes disappear."""
        staying = below(*(tensor.producer[0] for tensor in made.used if tensor.producer is not None))
        return [each for each in term.operators if each is not term.root and each not in staying]

    def impossibilities(self) -> list[Diagnostic]:
        """Why the left side can never match."""
        if not self.types and not any(_speaks_of_types(equation) for equation in self.left):
            return []
        found = self._examinations
        return impossibilities(self.terms, found) if found is not None else []


def below(*operators: TermOperator) -> set[TermOperator]:
    """Operators and what feeds them."""
    found: set[TermOperator] = set()
    waiting = list(operators)
    while waiting:
        operator = waiting.pop()
        if operator not in found:
            found.add(operator)
            waiting += [tensor.producer[0] for tensor in operator.reads() if tensor.producer is not None]
    return found


def _speaks_of_types(node: syntax.Syntax) -> bool:
    """Whether a side says anything of types, sizes or numbers of results; most rules say nothing."""
    match node:
        case syntax.Name() | syntax.Wildcard() | syntax.Number() | syntax.Optional():
            return False
        case syntax.Operator(heads=(head,), operands=operands) if head.name.text not in COUNTED:
            return any(_speaks_of_types(operand) for operand in operands)
        case syntax.Equation(results=() | (_,), value=value):
            return _speaks_of_types(value)
        case _:
            return True


def _infer_types(term: Term, made: Remade) -> None:
    """Give tensors between new operators the types that follow for them."""
    if len(made.operators) < 2:
        return  # there is nothing between them
    both = Term(made.operators[-1], [*made.operators, *term.operators], {})
    examination = Examination(both)
    for operator in made.operators:
        for result in operator.results:
            known = examination.known(result)
            if known.dtype is not None and not result.dtypes:
                result.dtypes.append((frozenset({known.dtype}), result.span))
            if known.shape is not None and not result.shapes:
                result.shapes.append(Shape(known.shape, None, result.span))

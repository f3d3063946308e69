"""Patterns that can never match, whatever the model: by types, shapes and numbers of operands and results alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.language.inference import Inferred, Known, infer
from rewriter.language.sizes import Sizes
from rewriter.language.terms import Contents, Run, Shape, Term, TermOperator, TermTensor
from rewriter.source import Diagnostic, Span

# What files never quantize, so that a constant's numbers are those that the type holds, and the bits of each.
_EXACT = {"bool": 1, "u16": 16, "u32": 32, "u64": 64}

# Attributes that say how many results, or operands, an operator has.
_RESULTS = {"SPLIT": "num_splits", "SPLIT_V": "num_splits", "UNPACK": "num"}
_OPERANDS = {"PACK": "values_count"}
COUNTED = _RESULTS.keys() | _OPERANDS.keys()
"""Operators that say themselves how many results or operands they have."""

_MOST_WAYS = 8


def examine(terms: Sequence[Term]) -> tuple[Examination, ...] | None:
    """What is wrong with each of a pattern's terms; None where they say nothing that could contradict anything."""
    return tuple(Examination(term) for term in terms) if any(_says_something(term) for term in terms) else None


def impossibilities(terms: Sequence[Term], found: Sequence[Examination]) -> list[Diagnostic]:
    """Why a pattern can never match, as errors; where only a part of it is dead, that, as a warning.

    Args:
        terms: The pattern, once for each combination of branches.
        found: What is wrong with each.
    """
    if len(found) == 1:
        return found[0].problems + found[0].dead
    if all(each.problems for each in found):
        first = found[0].problems[0]
        if all(any(first == other for other in each.problems) for each in found[1:]):
            return [first]
        message = f"none of the alternatives can match: in the first, {first.message}"
        return [Diagnostic("E266", message, first.span, first.hint)]
    return _dead_branches(terms, found)


def _says_something(term: Term) -> bool:
    """Whether a pattern says anything that could contradict something else."""
    return any(_speaks(operator) for operator in term.operators)


def _speaks(operator: TermOperator) -> bool:
    if len(operator.results) != 1 or operator.has_list or (operator.heads and not operator.heads.isdisjoint(COUNTED)):
        return True
    for tensor in (*operator.reads(), *operator.results):
        if tensor.dtypes or tensor.shapes or tensor.others or len(tensor.contents) > 1:
            return True
        if tensor.const and tensor.producer:
            return True
    return False


def _dead_branches(terms: Sequence[Term], found: Sequence[Examination]) -> list[Diagnostic]:
    """Branches that no combination in which the pattern can match has."""
    alive = {
        id(branch) for term, each in zip(terms, found, strict=True) if not each.problems for branch in term.branches
    }
    dead: dict[int, Diagnostic] = {}
    for term, each in zip(terms, found, strict=True):
        for branch in term.branches:
            if each.problems and id(branch) not in alive and id(branch) not in dead:
                message = f"this alternative can never match: {each.problems[0].message}"
                dead[id(branch)] = Diagnostic("W408", message, branch.span, "leave it out", "warning")
    return [*dead.values(), *found[0].dead]


class Examination:
    """What is wrong with one term.

    Attributes:
        problems: Each reason for which it can never match.
        dead: Operators of a set that never match, as warnings.
        sizes: Which of the numbers that it knows by name are equal.
    """

    def __init__(self, term: Term) -> None:
        self.term = term
        self.problems: list[Diagnostic] = []
        self.dead: list[Diagnostic] = []
        self.sizes = Sizes()
        self._known: dict[TermTensor, Known] = {}
        for tensor in self.tensors:
            self.tensor(tensor)
        for operator in term.operators:
            self.counts(operator)
            self.operand_types(operator)
        if not self.problems:
            for operator in reversed(term.operators):
                for result in operator.results:
                    self.known(result)

    def error(self, code: str, message: str, span: Span, hint: str) -> None:
        found = Diagnostic(code, message, span, hint)
        if found not in self.problems:
            self.problems.append(found)

    @cached_property
    def tensors(self) -> list[TermTensor]:
        """All tensors of the term, each once."""
        found: dict[TermTensor, None] = {}
        for operator in self.term.operators:
            found |= dict.fromkeys(operator.reads())
            found |= dict.fromkeys(operator.results)
        return list(found)

    # -- what is said of one tensor -----------------------------------------------------------------------------------

    def tensor(self, tensor: TermTensor) -> None:
        self.types(tensor)
        self.shapes(tensor)
        self.constant(tensor)
        if tensor.producer is not None:
            for other, _ in tensor.others:
                first = tensor.producer[0]
                if first.heads and other.heads and not first.heads & other.heads:
                    message = f"{_called(tensor)} is the result of {_heads(first)} and of {_heads(other)}"
                    self.error("E267", message, other.span, "two names")

    def types(self, tensor: TermTensor) -> None:
        if len(tensor.dtypes) < 2:
            return
        known, before = tensor.dtypes[0]
        for dtypes, span in tensor.dtypes[1:]:
            if not known & dtypes:
                message = (
                    f"{_called(tensor)} cannot be {_either(dtypes)}: it is {_either(known)} {_place(before, span)}"
                )
                self.error("E260", message, span, "one element type, or two names")
                return
            known &= dtypes

    def shapes(self, tensor: TermTensor) -> None:
        for number, shape in enumerate(tensor.shapes):
            for other in tensor.shapes[:number]:
                if not self.sizes.unite_shapes(shape, other):
                    before = f"{other.span.content} {_place(other.span, shape.span)}"
                    message = f"{_called(tensor)} cannot be {shape.span.content}: it is {before}"
                    self.error("E261", message, shape.span, "shapes that agree, or two names")
                    return

    def constant(self, tensor: TermTensor) -> None:
        if tensor.const is not None and tensor.producer is not None:
            message = f"{_called(tensor)} is the result of {_heads(tensor.producer[0])}, and never constant"
            self.error("E264", message, tensor.const, "leave const out, or the operator")
        for number, contents in enumerate(tensor.contents):
            for shape in tensor.shapes:
                if not self.sizes.unite_contents(contents, shape):
                    self.error("E264", _misfit(contents, shape), contents.span, "as many elements as the shape has")
            for other in tensor.contents[:number]:
                if not self.agree(contents, other):
                    message = f"{_called(tensor)} holds other values {_place(other.span, contents.span)}"
                    self.error("E264", message, contents.span, "two names")
            kinds = tensor.kinds
            if kinds and all(not _holds(kind, contents) for kind in kinds):
                message = f"{_either(kinds)} cannot hold {contents.span.content}"
                self.error("E264", message, contents.span, "another type, or another value")

    def agree(self, one: Contents, other: Contents) -> bool:
        if one.splat or other.splat:
            splat, rest = (one, other) if one.splat else (other, one)
            return all(self.sizes.unite(splat.elements[0], each) for each in rest.elements)
        if len(one.elements) != len(other.elements):
            return False
        return all(self.sizes.unite(*pair) for pair in zip(one.elements, other.elements, strict=True))

    # -- what an operator takes and gives -----------------------------------------------------------------------------

    def counts(self, operator: TermOperator) -> None:
        heads = operator.heads
        if heads is None or operator.has_list or (len(operator.results) == 1 and heads.isdisjoint(COUNTED)):
            return
        if all(_fixed_results(each) == 1 for each in operator.declarations.values()) and len(operator.results) > 1:
            message = f"{_heads(operator)} has one result, not {len(operator.results)}"
            self.error("E265", message, operator.span, "one name")
        for table, count, what in (
            (_RESULTS, len(operator.results), "result"),
            (_OPERANDS, self.operand_count(operator), "operand"),
        ):
            name = table.get(next(iter(heads))) if len(heads) == 1 else None
            if name is None or count is None:
                continue
            values = operator.setting(name).values
            if values is not None and count not in values:
                written = f"{name}={'|'.join(map(str, values))}"
                message = f"with {written}, {_heads(operator)} has not {count} {what}{'s' * (count != 1)}"
                self.error("E265", message, operator.span, f"[{name}={count}]")

    def operand_count(self, operator: TermOperator) -> int | None:
        operands = operator.operands
        if operands is None or any(isinstance(each, Run) for each in operands):
            return None
        return len(operands) if all(each.presence == "present" for each in operator.reads()) else None

    def operand_types(self, operator: TermOperator) -> None:
        """Element types that no declaration of the operator accepts."""
        alive: list[str] = []
        first: Diagnostic | None = None
        for name, declaration in operator.declarations.items():
            found = self.refused(operator, declaration)
            if found is None:
                alive.append(name)
            first = first or found
        if first is None:
            return
        if not alive:
            self.error(first.code, first.message, first.span, first.hint or "")
        elif operator.heads is not None:
            self.dead_heads(operator, set(operator.heads) - set(alive), first.message)

    def refused(self, operator: TermOperator, declaration: Declaration) -> Diagnostic | None:
        for spec, tensor in _operands(operator, declaration):
            kinds = tensor.kinds
            if not spec.dtypes or not kinds or kinds & set(spec.dtypes) or tensor.presence != "present":
                continue
            span = tensor.dtypes[-1][1]
            message = (
                f"{spec.name!r} of {declaration.name} is {_either(frozenset(spec.dtypes))}, never {_either(kinds)}"
            )
            return Diagnostic("E262", message, span, _either(frozenset(spec.dtypes)))
        return None

    def dead_heads(self, operator: TermOperator, dead: set[str], reason: str) -> None:
        names = ", ".join(sorted(dead))
        message = f"{names} can never match here: {reason}"
        self.dead.append(Diagnostic("W408", message, operator.span, f"leave {names} out of the set", "warning"))

    # -- what follows -------------------------------------------------------------------------------------------------

    def known(self, tensor: TermTensor) -> Known:
        """What is known of a tensor, by what is said of it and by what makes it."""
        found = self._known.get(tensor)
        if found is not None:
            return found
        kinds = tensor.kinds
        sizes = self.sizes.exact(tensor)
        values: tuple[int, ...] | None = None
        for contents in tensor.contents:
            numbers = [each for each in contents.elements if isinstance(each, int) and not isinstance(each, bool)]
            if not contents.splat and len(numbers) == len(contents.elements):
                values = tuple(numbers)
        known = Known(
            next(iter(kinds)) if kinds and len(kinds) == 1 else None,
            None if sizes is None else tuple(size if isinstance(size, int) else None for size in sizes),
            values,
        )
        self._known[tensor] = known
        if tensor.producer is not None and not tensor.producer[0].has_list:
            operator, index = tensor.producer
            inferred = self.inferred(operator)
            if inferred is not None and inferred.refusal is None and index < len(inferred.results):
                known = self._known[tensor] = self.agreed(tensor, operator, known, inferred.results[index])
        return known

    def agreed(self, tensor: TermTensor, operator: TermOperator, said: Known, follows: Known) -> Known:
        """What is said of a result together with what follows for it."""
        kinds = tensor.kinds
        if kinds and follows.dtype is not None and follows.dtype not in kinds:
            message = f"the result of {_heads(operator)} is {follows.dtype} here, never {_either(kinds)}"
            self.error("E260", message, tensor.dtypes[-1][1], follows.dtype)
        for shape in tensor.shapes:
            if follows.shape is not None and not self.sizes.unite_shapes(Shape(follows.shape, None, shape.span), shape):
                text = ", ".join("_" if size is None else str(size) for size in follows.shape)
                message = f"the result of {_heads(operator)} is [{text}] here, never {shape.span.content}"
                self.error("E261", message, shape.span, f"[{text}]")
        shape = said.shape
        if shape is None:
            shape = follows.shape
        elif follows.shape is not None and len(shape) == len(follows.shape):
            shape = tuple(b if a is None else a for a, b in zip(shape, follows.shape, strict=True))
        return Known(said.dtype or follows.dtype, shape, said.values)

    def inferred(self, operator: TermOperator) -> Inferred | None:
        """What the shape function says; of a set, only what all of its operators agree on can be told."""
        ways = self.ways(operator)
        if not any(each is not None and (each.dtype or each.shape is not None) for each in ways[0]):
            return None
        accepted: list[Inferred | None] = []
        refused: dict[str, str] = {}
        for name, declaration in operator.declarations.items():
            # Of a commutative operator the other order gives the same.
            asked = [self.asked(declaration, operator, way) for way in ways]
            reasons = [each.refusal for each in asked if each is not None and each.refusal is not None]
            if len(reasons) == len(asked):
                refused[name] = reasons[0]
            accepted += [each for each in asked if each is None or each.refusal is None]
        if not accepted and refused:
            name, reason = next(iter(refused.items()))
            if len(refused) > 1:
                message = f"none of {', '.join(refused)} can match: {name} never has these operands: {reason}"
                self.error("E266", message, operator.span, "operands that one of them takes")
            else:
                message = f"{name} never has these operands: {reason}"
                self.error("E263", message, operator.span, "operands that it takes")
        elif refused:
            self.dead_heads(operator, set(refused), next(iter(refused.values())))
        return accepted[0] if accepted and all(each == accepted[0] for each in accepted) else None

    def ways(self, operator: TermOperator) -> list[list[Known | None]]:
        """The operands as they can be: each optional one there, and absent."""
        ways: list[list[Known | None]] = [[]]
        for operand in operator.operands or ():
            if isinstance(operand, Run):
                return [[]]
            known = None if operand.presence == "absent" else self.known(operand)
            choices = [known, None] if operand.presence == "maybe" else [known]
            ways = [[*way, choice] for way in ways for choice in choices]
        return ways if len(ways) <= _MOST_WAYS else [[]]

    def asked(self, declaration: Declaration, operator: TermOperator, known: Sequence[Known | None]) -> Inferred | None:
        if declaration.shape is None:
            return None
        fixed: dict[str, object] = {}
        unknown: list[str] = []
        for name in declaration.attributes:
            values = operator.setting(name).values
            if values is not None and len(values) == 1 and values[0] is not None:
                fixed[name] = values[0]
            else:
                unknown.append(name)
        return infer(declaration.shape, known, fixed, unknown)


def _fixed_results(declaration: Declaration) -> int | None:
    results = declaration.results
    if results is None or any(each.variadic or each.optional for each in results):
        return None
    return len(results)


def _operands(operator: TermOperator, declaration: Declaration) -> list[tuple[OperandSpec, TermTensor]]:
    """Operands with how they are declared, where each has its place."""
    specs, operands = declaration.operands, operator.operands
    if specs is None or operands is None or declaration.variadic or len(operands) > len(specs):
        return []
    if operator.free:
        return []  # which of the two stands where, only the match knows
    return [(spec, each) for spec, each in zip(specs, operands, strict=False) if isinstance(each, TermTensor)]


def _holds(kind: str, contents: Contents) -> bool:
    """Whether constants of a type can have these elements."""
    numbers = [each for each in contents.elements if isinstance(each, int | float)]
    if kind == "string":
        return not numbers
    if kind not in _EXACT:
        return True
    return all(float(each).is_integer() and 0 <= each < 1 << _EXACT[kind] for each in numbers)


def _misfit(contents: Contents, shape: Shape) -> str:
    if contents.splat:
        return f"a constant of shape {shape.span.content} has no elements to be {contents.elements[0]}"
    return f"a list of {len(contents.elements)} is never of shape {shape.span.content}"


def _called(tensor: TermTensor) -> str:
    return repr(tensor.name) if tensor.name is not None else "this tensor"


def _heads(operator: TermOperator) -> str:
    return "|".join(operator.declarations) if operator.heads is not None else "ANY"


def _either(words: frozenset[str]) -> str:
    return " or ".join(sorted(words))


def _place(other: Span, span: Span) -> str:
    return "before" if other.line == span.line else f"at line {other.line}"

"""What a rule's left side comes to once all that it leaves open in kind is settled: a plan of operators and tensors.

A pattern leaves open which of its alternatives stands there, which operator of a set, whether an optional operand is
there, and how many operands a list has. A plan is made for each combination; sizes, attributes and values are chosen
later, each time anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

from attrs import define, evolve, field, frozen

from rewriter.dialect.declaration import Declaration, OperandSpec
from rewriter.dialect.dialect import Dialect
from rewriter.language import syntax
from rewriter.language.sides import Sides
from rewriter.language.terms import Run, Term, TermOperator, TermTensor, Unclear, read_pattern
from rewriter.model import schema

# How many operands a list gets.
_LENGTHS = (2, 1, 3, 0)
_MAPPED_LENGTHS = (2, 1, 3)
# Stand-ins for an operator of any kind, by how many operands they have.
_ANYTHING = {1: ("RELU", "ABS", "RESHAPE", "SOFTMAX"), 2: ("ADD", "SUB", "MAXIMUM"), 3: ("CONV_2D", "FULLY_CONNECTED")}
MOST_PLANS = 96
_MOST_HEADS = 64

_Node = TypeVar("_Node", bound=syntax.Syntax)


class Unplannable(Exception):
    """There is no plan for it; the message says why."""


class Unfit(Exception):
    """The choices made for a plan do not fit together; the message says where.

    Attributes:
        stage: How far they led: the more operators, steps of the pattern and so on, the higher.
    """

    stage: int = 0


@define(eq=False)
class PlanTensor:
    """A tensor of an instance.

    Attributes:
        key: What its choices are called.
        said: What the pattern says of it.
        producer: The operator whose result it is, and which one; None for what the pattern captures from outside.
        readers: The operators that read it, and at which place.
    """

    key: str
    said: TermTensor
    producer: tuple[PlanOperator, int] | None = None
    readers: list[tuple[PlanOperator, int]] = field(factory=list["tuple[PlanOperator, int]"])

    @property
    def name(self) -> str | None:
        """The pattern's name for it."""
        return self.said.name


@define(eq=False)
class PlanOperator:
    """An operator of an instance.

    Attributes:
        operands: In logical order; None for one that is absent.
    """

    key: str
    said: TermOperator
    declaration: Declaration
    operands: list[PlanTensor | None] = field(factory=list["PlanTensor | None"])
    results: list[PlanTensor] = field(factory=list[PlanTensor])

    @property
    def name(self) -> str:
        """As a pattern would write it."""
        return self.declaration.name

    def spec(self, place: int) -> OperandSpec:
        """What is declared of the operand at a place of the logical order."""
        specs = self.declaration.operands or ()
        if place < len(specs):
            return specs[place]
        return specs[-1] if specs and specs[-1].variadic else OperandSpec("")


@frozen(eq=False)
class Plan:
    """A left side without choices of kind.

    Attributes:
        label: What was chosen, for people; empty where there was nothing to choose.
        operators: In an order in which they can run.
        root: The operator at which it matches.
    """

    label: str
    operators: tuple[PlanOperator, ...]
    root: PlanOperator

    @property
    def leaves(self) -> list[PlanTensor]:
        """The tensors that no operator of it makes."""
        every = (tensor for operator in self.operators for tensor in operator.operands if tensor is not None)
        return [tensor for tensor in dict.fromkeys(every) if tensor.producer is None]


@frozen
class _Selection:
    """How each open kind is settled.

    Attributes:
        heads: Which operator stands for one of any kind.
        present: Whether an optional operand is there.
        lengths: How many operands, or results, a list stands for.
        loose: For an operator whose operands are not written, 1 where optional ones are left out.
    """

    heads: dict[TermOperator, str]
    present: dict[TermTensor, bool]
    lengths: dict[TermTensor, int]
    loose: dict[TermOperator, int]


def plans(sides: Sides) -> list[Plan]:
    """All plans for a rule's left side, the simplest first; of very many, an even selection.

    Raises:
        Unplannable: The left side says something that plans do not express.
    """
    found: list[Plan] = []
    for left, heads in _with_single_heads(sides.left):
        try:
            terms = read_pattern(left, sides.dialect, sides.types)
        except Unclear as unclear:
            raise Unplannable(f"the left side cannot be read as a graph: {unclear}") from None
        for number, term in enumerate(terms):
            label = [*heads, f"alternative {number + 1}"] if len(terms) > 1 else heads
            found += [_Planner(selection, sides.dialect).plan(term, label) for selection in _selections(term)]
    if len(found) > MOST_PLANS:
        found = [found[place * len(found) // MOST_PLANS] for place in range(MOST_PLANS)]
    return found


def _with_single_heads(left: tuple[syntax.Equation, ...]) -> Iterator[tuple[tuple[syntax.Equation, ...], list[str]]]:
    """The left side with one operator chosen of each set, once for each combination, and which ones were chosen."""
    sets: list[tuple[syntax.Head, ...]] = []

    def collect(node: syntax.Syntax) -> None:
        if isinstance(node, syntax.Operator) and len(node.heads) > 1:
            sets.append(node.heads)
        for child in syntax.children(node):
            collect(child)

    for equation in left:
        collect(equation)
    for chosen in itertools.islice(itertools.product(*sets), _MOST_HEADS):
        waiting = iter(chosen)
        sides = tuple(_chosen(equation, waiting) for equation in left)
        yield sides, [head.name.text for head in chosen]


def _chosen(node: _Node, heads: Iterator[syntax.Head]) -> _Node:
    """The tree with the next of some heads at each operator that has several."""
    if isinstance(node, syntax.Operator) and len(node.heads) > 1:
        node = evolve(node, heads=(next(heads),))
    return cast("_Node", syntax.changed(node, lambda child: _chosen(child, heads)))


def _selections(term: Term) -> Iterator[_Selection]:
    heads = [operator for operator in term.operators if operator.heads is None]
    options = [_stand_ins(each) for each in heads]
    tensors = dict.fromkeys(tensor for operator in term.operators for tensor in operator.reads())
    maybe = [tensor for tensor in tensors if tensor.presence == "maybe"]
    runs = dict.fromkeys(
        each
        for operator in term.operators
        for tensor in (
            *(operand.each for operand in operator.operands or () if isinstance(operand, Run)),
            *(result for result in operator.results if result.many),
        )
        for each in (_results_of(tensor),)
    )
    lengths = [_lengths(each, term) for each in runs]
    loose = [operator for operator in term.operators if operator.operands is None]
    ways = itertools.product(
        itertools.product(*options),
        itertools.product((True, False), repeat=len(maybe)),
        itertools.product(*lengths),
        itertools.product((0, 1), repeat=len(loose)),
    )
    for chosen, present, counts, extra in itertools.islice(ways, 4096):
        yield _Selection(
            dict(zip(heads, chosen, strict=True)),
            dict(zip(maybe, present, strict=True)),
            dict(zip(runs, counts, strict=True)),
            dict(zip(loose, extra, strict=True)),
        )


def _lengths(run: TermTensor, term: Term) -> tuple[int, ...]:
    """How many operands a list can stand for: any number, or as many as its operator has places."""
    for operator in term.operators:
        operands = operator.operands or []
        if not any(isinstance(each, Run) and each.each is run for each in operands) or not operator.declarations:
            continue
        declaration = next(iter(operator.declarations.values()))
        if declaration.operands is None or declaration.variadic:
            continue
        others = sum(isinstance(each, TermTensor) and each.presence in ("present", "maybe") for each in operands)
        needed = sum(not spec.optional for spec in declaration.operands)
        places = range(len(declaration.operands) - others, max(needed - others, 0) - 1, -1)
        return tuple(each for each in places if each or run.producer is None)
    if run.many:
        # An operator has at least one result; a list that is read has one, too.
        alone = run.producer is not None and len(run.producer[0].results) == 1
        read = any(_results_of(each) is run for each in term.runs)
        return _MAPPED_LENGTHS if alone or read else _LENGTHS
    return _MAPPED_LENGTHS if run.producer is not None else _LENGTHS


def _results_of(run: TermTensor) -> TermTensor:
    """The list of results that the operands of a run are, or are computed from; else the run's own stand-in."""
    if run.many:
        return run
    return next((each for operator in _above(run) for each in operator.reads() if each.many), run)


def _stand_ins(operator: TermOperator) -> tuple[str, ...]:
    operands = operator.operands
    if operands is None or any(isinstance(each, Run) for each in operands):
        return ("RELU", "ADD", "FULLY_CONNECTED", "CONCATENATION")
    return _ANYTHING.get(len(operands), ("CONCATENATION",))


class _Planner:
    """Makes one plan."""

    def __init__(self, selection: _Selection, dialect: Dialect) -> None:
        self.selection = selection
        self.dialect = dialect
        self.tensors: dict[tuple[TermTensor, str], PlanTensor] = {}
        self.made: dict[tuple[TermOperator, str], PlanOperator] = {}
        self.order: list[PlanOperator] = []

    def plan(self, term: Term, label: Sequence[str]) -> Plan:
        root = self.operator(term.root, "")
        inside = {operator for each in term.runs for operator in _above(each)}
        for operator in term.operators:
            if operator not in inside:
                self.operator(operator, "")
        return Plan(self.label(label), tuple(self.order), root)

    def label(self, label: Sequence[str]) -> str:
        chosen = self.selection
        parts = list(label)
        parts += sorted(set(chosen.heads.values()))
        parts += [f"without {tensor.name}" for tensor, there in chosen.present.items() if not there]
        parts += [f"{count} {tensor.name or 'operands'}" for tensor, count in chosen.lengths.items()]
        return ", ".join(parts)

    def operator(self, said: TermOperator, path: str) -> PlanOperator:
        known = self.made.get((said, path))
        if known is not None:
            return known
        declaration = self.declaration(said)
        made = PlanOperator(f"{declaration.builtin}{len(self.made)}", said, declaration)
        self.made[said, path] = made
        made.operands = self.operands(said, made, path)
        for place, operand in enumerate(made.operands):
            if operand is not None:
                operand.readers.append((made, place))
        for result in said.results or [TermTensor(said.span, producer=(said, 0))]:
            numbers = range(self.selection.lengths[result]) if result.many else None
            for each in [path] if numbers is None else [f"{path}/{number}" for number in numbers]:
                tensor = self.tensor(result, each)
                tensor.producer = (made, len(made.results))
                made.results.append(tensor)
        self.order.append(made)
        return made

    def declaration(self, said: TermOperator) -> Declaration:
        if said.heads is not None:
            (declaration,) = said.declarations.values()
            return declaration
        found = self.dialect.find(self.selection.heads[said], None)
        assert found is not None
        return found

    def operands(self, said: TermOperator, made: PlanOperator, path: str) -> list[PlanTensor | None]:
        if said.operands is None:
            return self.unwritten(said, made, path)
        found: list[PlanTensor | None] = []
        several = any(isinstance(each, Run) for each in said.operands)
        for operand in said.operands:
            if several and isinstance(operand, TermTensor) and operand.presence in ("absent", "any"):
                continue
            if isinstance(operand, Run):
                numbers = range(self.selection.lengths[_results_of(operand.each)])
                found += [self.operand(operand.each, f"{path}/{number}") for number in numbers]
            else:
                found.append(self.operand(operand, path))
        return found

    def unwritten(self, said: TermOperator, made: PlanOperator, path: str) -> list[PlanTensor | None]:
        """Operands of which the pattern says nothing: all that are declared, optional ones or not."""
        whole = not self.selection.loose[said]
        found: list[PlanTensor | None] = []
        for place, spec in enumerate(made.declaration.operands or ()):
            for number in range(2 if spec.variadic else 1):
                there = not spec.optional or whole
                said_of_it = TermTensor(said.span)
                found.append(self.operand(said_of_it, f"{path}/{place}.{number}") if there else None)
        return found

    def operand(self, said: TermTensor, path: str) -> PlanTensor | None:
        if said.presence == "absent" or not self.selection.present.get(said, True):
            return None
        if said.producer is not None:
            for operator, _ in (said.producer, *said.others):
                # A list's operator is one; each of its results is an element of the list.
                self.operator(operator, path.rpartition("/")[0] if said.many else path)
        return self.tensor(said, path)

    def tensor(self, said: TermTensor, path: str) -> PlanTensor:
        found = self.tensors.get((said, path))
        if found is None:
            found = self.tensors[said, path] = PlanTensor(f"t{len(self.tensors)}", said)
        return found


def _above(tensor: TermTensor) -> Iterator[TermOperator]:
    """The operators that a list's elements come from, each element from one of its own."""
    waiting = [tensor.producer[0]] if tensor.producer is not None and not tensor.many else []
    while waiting:
        operator = waiting.pop()
        yield operator
        waiting += [each.producer[0] for each in operator.reads() if each.producer is not None and not each.many]


def words_of(enum: str) -> list[str]:
    """The words of one of the schema's enums, by their numbers."""
    numbers = schema().words(enum)
    return [numbers[number] for number in sorted(numbers)]

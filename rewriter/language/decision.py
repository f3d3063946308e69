"""One decision structure for all rules that can match at one kind of root.

Each rule is a program of tests over registers of its own. Here the programs are laid over each other: registers are
named by how they are filled, so that two rules which look at the same operand look at one register, and tests that are
equal then are one test, made once for an operator and not once for a rule. Where rules go on from one place with tests
that only differ in the value they want (which operator made this operand, what an attribute is, what a constant holds),
the value is looked up in a table, so rules that cannot match there cost nothing.

What a rule does not share, its `where` and whether its operators may go, is run in the rule's own registers once
everything before it holds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any

from attrs import define, evolve, field, fields, frozen

from rewriter.language.choices import Choice, Choose, Divide, Each, Reader, Swap, When, WhenChoice
from rewriter.language.program import (
    Copy,
    Dimension,
    Element,
    First,
    Frame,
    Guards,
    HasAttribute,
    HasShape,
    HasValue,
    Holds,
    Instruction,
    Load,
    LoadPart,
    LoadSwapped,
    OperatorRef,
    Produced,
    Program,
    Register,
    Replaceable,
    Result,
    Settle,
    dimensions_of,
    read_attribute,
)
from rewriter.model import Operator, Tensor

_NEVER = 1 << 62


@frozen(eq=False)
class Leaf:
    """Where a rule's shared tests end.

    Attributes:
        order: The rule's place in the order in which rules count.
        registers: For each register of the rule, the shared one that holds the same, or -1.
        tail: The tests that are the rule's own.
    """

    order: int
    registers: tuple[Register, ...]
    tail: tuple[Instruction, ...]

    def run(self, shared: Frame) -> Frame | None:
        """The rule's own frame, if its own tests hold too."""
        frame: Frame = [None if register < 0 else shared[register] for register in self.registers]
        for step in self.tail:
            if not step.run(frame):
                return None
        return frame


@define(eq=False)
class Branch:
    """Tests in a row, and what follows them.

    Attributes:
        steps: The tests.
        choice: A step with several ways, all of which are followed; it comes last.
        tables: Ways to look a value up and, by value, the branches that want it.
        children: Branches that are tried one by one.
        leaves: Rules that end here.
        first: The lowest order of any rule from here on.
    """

    steps: list[Instruction] = field(factory=list[Instruction])
    choice: Choice | None = None
    tables: list[tuple[Callable[[Frame], Hashable], dict[Hashable, list[Branch]]]] = field(factory=list[Any])
    children: list[Branch] = field(factory=list["Branch"])
    leaves: list[Leaf] = field(factory=list[Leaf])
    first: int = _NEVER
    runs: tuple[Callable[[Frame], bool], ...] = ()

    def search(self, frame: Frame, best: _Best) -> None:
        """Go through everything from here on that could still count before the best rule found so far."""
        for run in self.runs:
            if not run(frame):
                return
        choice = self.choice
        if choice is None:
            self._follow(frame, best)
            return
        more = choice.run(frame)
        while more:
            self._follow(frame, best)
            more = choice.again(frame)

    def _follow(self, frame: Frame, best: _Best) -> None:
        for leaf in self.leaves:
            if leaf.order < best.order and leaf.order not in best.without:
                found = leaf.run(frame)
                if found is not None:
                    best.order, best.frame = leaf.order, found
        for look, table in self.tables:
            for branch in table.get(look(frame), ()):
                if branch.first < best.order:
                    branch.search(frame, best)
        for branch in self.children:
            if branch.first < best.order:
                branch.search(frame, best)


@define(eq=False)
class _Best:
    """The rule found so far that counts most, its frame, and the rules that are not asked for."""

    without: Collection[int]
    order: int = _NEVER
    frame: Frame | None = None


class Decision:
    """The programs of some rules as one structure. Rules are known by their place in the order in which they count.

    Attributes:
        root: Where a search begins.
    """

    def __init__(self, programs: Sequence[tuple[int, Program]]) -> None:
        self._filled: dict[Hashable, Register] = {}
        self._count = 1
        self.root = Branch()
        # One rule alone has nothing to share, and its own program is quicker.
        self._only = programs[0] if len(programs) == 1 else None
        for order, program in sorted(programs, key=lambda each: each[0]):
            self._insert(order, program)
        _finish(self.root)

    def search(self, root: Operator, without: Collection[int] = ()) -> tuple[int, Frame] | None:
        """The rule that counts most among those that match at an operator, and its filled frame.

        Args:
            root: The operator.
            without: Rules that are left out.
        """
        if self._only is not None:
            order, program = self._only
            found = None if order in without else program.run(root)
            return None if found is None else (order, found)
        frame: Frame = [None] * self._count
        frame[0] = root
        best = _Best(without)
        self.root.search(frame, best)
        return None if best.frame is None else (best.order, best.frame)

    def _insert(self, order: int, program: Program) -> None:
        known: dict[Register, Register] = {0: 0}
        branch = self.root
        tail: list[Instruction] = []
        for step in program.steps:
            if tail or isinstance(step, Holds | Replaceable):
                tail.append(step)
                continue
            shared = self._shared(step, known)
            equal = next((child for child in branch.children if child.steps == [shared]), None)
            branch = equal or _added(branch, shared)
        registers = tuple(known.get(register, -1) for register in range(program.registers))
        branch.leaves.append(Leaf(order, registers, tuple(tail)))

    def _shared(self, step: Instruction, known: dict[Register, Register]) -> Instruction:
        """The step over shared registers. A register that it fills is named by what it is filled from."""
        if isinstance(step, When):
            guards = self._guards(step.guards, known)
            return evolve(step, guards=guards, step=self._shared(step.step, known))
        changed: dict[str, Any] = {}
        fills: Register | None = None
        for each in fields(type(step)):
            value = getattr(step, each.name)
            if value is None:
                continue
            if each.name == "out" and not getattr(step, "bound", False):
                fills = value
            elif each.name in ("state", "fills", "others"):
                continue  # below, for they depend on the others
            elif each.type in _REGISTERS:
                changed[each.name] = known[value]
            elif each.name in ("dimensions", "elements"):
                whose = (type(step).__name__, changed["tensor"], len(value), getattr(step, "run_at", None))
                changed[each.name] = tuple(
                    self._place((*whose, index), place, known) for index, place in enumerate(value)
                )
        if isinstance(step, Each | Reader):
            source = (type(step).__name__, changed["tensors" if isinstance(step, Each) else "tensor"])
            source += (step.program,) if isinstance(step, Each) else (step.number,)
            known[step.state] = changed["state"] = self._register((*source, "state"))
            if isinstance(step, Reader):
                changed["others"] = tuple(
                    OperatorRef(known[each.register], self._guards(each.guards, known)) for each in step.others
                )
            else:
                changed["fills"] = tuple(
                    (inner, guards, known.setdefault(outer, self._register((*source, place))))
                    for place, (inner, guards, outer) in enumerate(step.fills)
                )
        if fills is not None:
            source = [changed.get(name, getattr(step, name)) for name in _FILLED_FROM[type(step)]]
            known[fills] = changed["out"] = self._register((type(step).__name__, *source))
        return evolve(step, **changed)

    def _guards(self, guards: Guards, known: dict[Register, Register]) -> Guards:
        return tuple((known[register], way) for register, way in guards)

    def _place(
        self, name: Hashable, place: Dimension | Element, known: dict[Register, Register]
    ) -> Dimension | Element:
        """A place of a shape or list over shared registers."""
        if place.register is None:
            return place
        if not place.bound:
            known[place.register] = self._register(name)
        return evolve(place, register=known[place.register])

    def _register(self, key: Hashable) -> Register:
        found = self._filled.get(key)
        if found is None:
            found = self._filled[key] = self._count
            self._count += 1
        return found


_REGISTERS = ("Register", "Register | None")
# What the register that a step fills depends on.
_FILLED_FROM: dict[type, tuple[str, ...]] = {
    Choose: ("ways", "number"),
    Copy: ("choice", "number"),
    Divide: ("operator", "parts", "results"),
    First: ("tensors",),
    HasAttribute: ("operator", "name"),
    Load: ("operator", "index", "instead"),
    LoadPart: ("operator", "division", "part"),
    LoadSwapped: ("operator", "index", "other", "swap"),
    Produced: ("tensor",),
    Reader: ("tensor", "number"),
    Result: ("operator", "index"),
    Settle: ("one", "other"),
    Swap: ("operator",),
}


def _added(branch: Branch, step: Instruction) -> Branch:
    child = Branch([step])
    branch.children.append(child)
    return child


def _finish(branch: Branch) -> None:
    """Join tests that follow each other, put values into tables, and note which rule comes first."""
    while len(branch.children) == 1 and not branch.leaves and branch.choice is None:
        (only,) = branch.children
        branch.steps += only.steps
        branch.children, branch.leaves = only.children, only.leaves
        _take_choice(branch)
    for child in branch.children:
        _take_choice(child)
        _finish(child)
    branch.runs = tuple(step.run for step in branch.steps)
    orders = [*(leaf.order for leaf in branch.leaves), *(child.first for child in branch.children)]
    branch.first = min(orders, default=_NEVER)
    _tabulate(branch)
    branch.children.sort(key=lambda child: child.first)


def _take_choice(branch: Branch) -> None:
    last = branch.steps[-1]
    if isinstance(last, Swap | Choose | Divide | Each | Reader | WhenChoice):
        branch.choice = last
        branch.steps.pop()


def _tabulate(branch: Branch) -> None:
    """Children that begin with tests of one thing for different values become entries of a table."""
    groups: dict[Hashable, list[tuple[Branch, _Test]]] = {}
    for child in branch.children:
        test = _test(child.steps[0]) if child.steps else None
        if test is not None:
            groups.setdefault(test.subject, []).append((child, test))
    for members in groups.values():
        if len(members) < _WORTHWHILE:
            continue
        table: dict[Hashable, list[Branch]] = {}
        for child, test in members:
            branch.children.remove(child)
            for value in test.values:
                table.setdefault(value, []).append(child)
        for entries in table.values():
            entries.sort(key=lambda child: child.first)
        branch.tables.append((members[0][1].look, table))


_WORTHWHILE = 3  # fewer tests are made as fast as looked up


@frozen(eq=False)
class _Test:
    """A test that only asks which value something has.

    Attributes:
        subject: What is asked about.
        look: Finds the value; None of the values where there is none.
        values: Those that pass.
    """

    subject: Hashable
    look: Callable[[Frame], Hashable]
    values: tuple[Hashable, ...]


def _test(step: Instruction) -> _Test | None:
    match step:
        case Produced(tensor=tensor, names=frozenset() as names):

            def maker(frame: Frame) -> Hashable:
                made = frame[tensor]
                assert isinstance(made, Tensor)
                return made.producer.code.name if made.producer is not None else None

            return _Test(("maker", tensor), maker, tuple(names))
        case HasAttribute(operator=register, name=name, values=tuple() as values, optional=False, out=None):
            if not all(isinstance(value, str | int | float | bool) for value in values):
                return None
            declarations = step.declarations

            def attribute(frame: Frame) -> Hashable:
                operator = frame[register]
                assert isinstance(operator, Operator)
                value = read_attribute(declarations, operator, name)
                return _single(value) if isinstance(value, str | int | float | bool) else None

            keys = tuple(dict.fromkeys(key for value in values for key in (value, _single(value))))
            return _Test(("attribute", register, name, tuple(declarations)), attribute, keys)
        case HasShape(tensor=tensor, run_at=None, maybe=False, dimensions=dimensions):
            fixed = next((place for place, each in enumerate(dimensions) if each.size is not None), None)
            rank = len(dimensions)
            if fixed is None:
                return None

            def size(frame: Frame) -> Hashable:
                shaped = frame[tensor]
                if not isinstance(shaped, Tensor):
                    return None
                sizes = dimensions_of(shaped)
                return sizes[fixed] if len(sizes) == rank else None

            return _Test(("size", tensor, rank, fixed), size, (dimensions[fixed].size,))
        case HasValue(tensor=tensor, splat=True, elements=(Element(value=int() | float() as value, register=None),)):
            if not _is_same_in_every_type(value):
                return None

            def constant(frame: Frame) -> Hashable:
                return _splat(frame[tensor])

            return _Test(("splat", tensor), constant, (value,))
        case _:
            return None


def _single(value: Any) -> Hashable:
    """A float in the precision in which files keep it; anything else as it is."""
    if not isinstance(value, float):
        return value
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return value


def _is_same_in_every_type(value: float) -> bool:
    """Whether a literal means the same number in a constant of any precision, so that it can be looked up."""
    try:
        return struct.unpack("<e", struct.pack("<e", value))[0] == value
    except (OverflowError, struct.error):
        return False


def _splat(tensor: object) -> float | None:
    """The number that all elements of a constant are, or None."""
    if not isinstance(tensor, Tensor) or not tensor.is_constant:
        return None
    from rewriter.dialect.values import real_values

    try:
        values = real_values(tensor)
    except ValueError:
        return None
    if not values.size or not bool((values == values.reshape(-1)[0]).all()):
        return None
    return values.reshape(-1)[0].item()

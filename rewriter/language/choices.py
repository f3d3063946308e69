"""Steps of a program that can go on in several ways: orders of operands, alternatives, lengths of lists, readers.

Each takes its first way when it is run and the next one with `again`, which says whether there was one. The order of
the ways is the order in which the language says that matches count.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from rewriter.language.program import Frame, Guards, OperatorRef, Register, holds, matched_operators
from rewriter.model import Operator, Tensor
from rewriter.source import Span

if TYPE_CHECKING:
    from rewriter.language.program import Instruction, Program


@frozen
class Swap:
    """Choose the order of two operands that are equal before the operator: as written first, then the other."""

    operator: Register
    commutative: frozenset[str]
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        frame[self.out] = False
        return True

    def again(self, frame: Frame) -> bool:
        """The second way; there is none for an operator of a set that has no other order."""
        if frame[self.out]:
            return False
        frame[self.out] = True
        return frame[self.operator].code.name in self.commutative


@frozen
class Choose:
    """Choose one of several alternatives; `number` tells the choices of one program apart."""

    ways: int
    number: int
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        frame[self.out] = 0
        return True

    def again(self, frame: Frame) -> bool:
        """The next alternative."""
        frame[self.out] += 1
        return frame[self.out] < self.ways


@frozen
class Divide:
    """Choose which operands of an operator belong to which part of the pattern.

    Attributes:
        parts: For each part the least number of operands that it takes, and whether it takes more. Parts that do are
            tried short first.
        out: Gets a list of where each part begins, and where the last one ends.
        results: Whether its results are meant, and not its operands.
    """

    operator: Register
    parts: tuple[tuple[int, bool], ...]
    out: Register
    results: bool = False
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        operator = frame[self.operator]
        count = len(operator.outputs if self.results else operator.inputs)
        lengths = [least for least, _ in self.parts]
        spare = count - sum(lengths)
        if spare < 0:
            return False
        if spare:
            last = max((place for place, (_, more) in enumerate(self.parts) if more), default=None)
            if last is None:
                return False
            lengths[last] += spare
        frame[self.out] = _bounds(lengths)
        return True

    def again(self, frame: Frame) -> bool:
        """One operand more for the last part that can grow at the cost of one behind it."""
        bounds = frame[self.out]
        lengths = [end - start for start, end in pairwise(bounds)]
        open_parts = [place for place, (_, more) in enumerate(self.parts) if more]
        for at in range(len(open_parts) - 2, -1, -1):
            behind = open_parts[at + 1 :]
            spare = sum(lengths[place] - self.parts[place][0] for place in behind)
            if spare:
                lengths[open_parts[at]] += 1
                for place in behind:
                    lengths[place] = self.parts[place][0]
                lengths[behind[-1]] += spare - 1
                frame[self.out] = _bounds(lengths)
                return True
        return False


def _bounds(lengths: list[int]) -> list[int]:
    bounds = [0]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    return bounds


@frozen
class Each:
    """Every tensor of a list matches a pattern of its own; what the pattern binds becomes lists.

    Attributes:
        tensors: The list.
        program: The pattern. Its register 0 gets the tensor.
        fills: Registers of the pattern, under which conditions they are filled, and the registers that get the lists.
        state: How far each element came.
    """

    tensors: Register
    program: Program
    fills: tuple[tuple[Register, Guards, Register], ...]
    state: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        state: list[tuple[Frame, list[int]]] = []
        for tensor in frame[self.tensors]:
            element: tuple[Frame, list[int]] = ([None] * self.program.registers, [])
            element[0][0] = tensor
            if tensor is None or not self.program.advance(*element):
                return False
            state.append(element)
        frame[self.state] = state
        self._fill(frame)
        return True

    def again(self, frame: Frame) -> bool:
        """The next way of the last element that has one; those behind it begin anew."""
        state = frame[self.state]
        for place in range(len(state) - 1, -1, -1):
            element, choices = state[place]
            if self.program.advance(element, choices, back=True):
                self._fill(frame)
                return True
            choices.clear()
            self.program.advance(element, choices)
        return False

    def _fill(self, frame: Frame) -> None:
        frames = [element for element, _ in frame[self.state]]
        for inner, guards, outer in self.fills:
            frame[outer] = [each[inner] if holds(guards, each) else None for each in frames]


@frozen
class Reader:
    """Choose an operator that reads a tensor and is none of those that have matched already."""

    tensor: Register
    names: frozenset[str] | None
    others: tuple[OperatorRef, ...]
    number: int
    state: Register
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensor = frame[self.tensor]
        if not isinstance(tensor, Tensor):
            return False
        taken = matched_operators(self.others, frame)
        frame[self.state] = iter(
            [
                reader
                for reader in tensor.consumers
                if (self.names is None or reader.code.name in self.names) and reader not in taken
            ]
        )
        return self.again(frame)

    def again(self, frame: Frame) -> bool:
        """The next reader."""
        found: Operator | None = next(frame[self.state], None)
        frame[self.out] = found
        return found is not None


@frozen
class When:
    """A step of one alternative; where another one was chosen there is nothing to do."""

    guards: Guards
    step: Instruction

    @property
    def span(self) -> Span | None:
        """The text that asked for it."""
        return self.step.span

    def run(self, frame: Frame) -> bool:
        return self.step.run(frame) if holds(self.guards, frame) else True


@frozen
class WhenChoice(When):
    """A step of one alternative that has several ways itself."""

    def again(self, frame: Frame) -> bool:
        """Its next way, where its alternative was chosen."""
        step: Any = self.step
        return holds(self.guards, frame) and bool(step.again(frame))


Choice = Swap | Choose | Divide | Each | Reader | WhenChoice

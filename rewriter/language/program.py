"""What a pattern compiles to: a program of tests over registers, run at a root operator.

A frame is a list of registers; register 0 holds the root operator. An instruction fills registers that no earlier one
has filled, or tests registers, so a step back needs no undoing: what is run again is overwritten. Steps with several
ways stand in `choices`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

from attrs import field, frozen

from rewriter.dialect.declaration import EFFECTS, undeclared
from rewriter.dialect.options import FlexbufferValue, OptionsError
from rewriter.language.expressions import Undefined
from rewriter.model import Operator, Tensor
from rewriter.source import Span

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration

Register = int
Frame = list[Any]
Step = Callable[[Frame], bool]


class Instruction(Protocol):
    """One step of a program."""

    @property
    def span(self) -> Span | None:
        """The text that asked for it."""
        ...

    def run(self, frame: Frame) -> bool:
        """Whether the match can go on."""
        ...


# Choices that were made, and how: a step under guards counts only where they hold.
Guards = tuple[tuple[Register, int], ...]


def holds(guards: Guards, frame: Frame) -> bool:
    """Whether every choice was made in this way."""
    return all(frame[register] == way for register, way in guards)


@frozen
class OperatorRef:
    """Where a match keeps an operator that it found, or a list of them, and under which choices it is one."""

    register: Register
    guards: Guards = ()


def matched_operators(refs: tuple[OperatorRef, ...], frame: Frame) -> tuple[Operator, ...]:
    """The operators that a match found, each once, in the order of the pattern."""
    found: list[Operator] = []
    for ref in refs:
        if ref.guards and not holds(ref.guards, frame):
            continue
        value = frame[ref.register]
        if isinstance(value, Operator):
            found.append(value)
        elif value is not None:
            found += _flat(value)
    return tuple(dict.fromkeys(found))


def _flat(value: object) -> Iterator[Any]:
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _flat(each)
    elif value is not None:
        yield value


@frozen
class IsKind:
    """The operator is of one of these kinds."""

    operator: Register
    names: frozenset[str]
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        return frame[self.operator].code.name in self.names


@frozen
class Copy:
    """What an alternative put into a register of its own, into the one that all alternatives share.

    Attributes:
        choice, number: Which choice, and which of the registers that its alternatives share.
    """

    choice: Register
    number: int
    source: Register
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        frame[self.out] = frame[self.source]
        return True


@frozen
class Load:
    """Take an operand of an operator, or None where it is absent; `required` fails there.

    Attributes:
        instead: What an operator is worth that lacks the operand, where its declaration says so.
    """

    operator: Register
    index: int
    out: Register
    required: bool
    instead: Callable[[Operator], Tensor | None] | None = None
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        operator = frame[self.operator]
        inputs = operator.inputs
        tensor = inputs[self.index] if self.index < len(inputs) else None
        if tensor is None and self.instead is not None:
            tensor = self.instead(operator)
        frame[self.out] = tensor
        return tensor is not None or not self.required


@frozen
class LoadPart:
    """Take the operands, a list of them where `many`, that were chosen for one part of the pattern.

    `results`: take results instead.
    """

    operator: Register
    division: Register
    part: int
    many: bool
    out: Register
    required: bool
    results: bool = False
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        start, end = frame[self.division][self.part : self.part + 2]
        operator = frame[self.operator]
        operands = (operator.outputs if self.results else operator.inputs)[start:end]
        if self.many:
            frame[self.out] = operands
            return True
        frame[self.out] = operands[0]
        return operands[0] is not None or not self.required


@frozen
class Result:
    """Take a result of an operator that has `count` of them; None for any number that is large enough."""

    operator: Register
    index: int
    count: int | None
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        outputs = frame[self.operator].outputs
        if len(outputs) != self.count and (self.count is not None or not -len(outputs) <= self.index < len(outputs)):
            return False
        frame[self.out] = outputs[self.index]
        return True


@frozen
class LoadSwapped:
    """Take one of two operands, by the order that was chosen."""

    operator: Register
    index: int
    other: int
    swap: Register
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        inputs = frame[self.operator].inputs
        index = self.other if frame[self.swap] else self.index
        tensor = inputs[index] if index < len(inputs) else None
        frame[self.out] = tensor
        return tensor is not None


@frozen
class Absent:
    """The operand must be absent."""

    tensor: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        return frame[self.tensor] is None


@frozen
class NoMore:
    """The operator has no operands from `count` on."""

    operator: Register
    count: int
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        inputs = frame[self.operator].inputs
        return len(inputs) <= self.count or all(tensor is None for tensor in inputs[self.count :])


@frozen
class Produced:
    """The tensor is a result, by its place, of an operator of one of these names that has `count` of them.

    `names` None: of any operator. `count` None: any of its results, of which there may be any number.
    """

    tensor: Register
    names: frozenset[str] | None
    out: Register
    index: int = 0
    count: int | None = 1
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensor = frame[self.tensor]
        producer = tensor.producer
        if producer is None or (self.names is not None and producer.code.name not in self.names):
            return False
        frame[self.out] = producer
        return self.count is None or (len(producer.outputs) == self.count and producer.outputs[self.index] is tensor)


@frozen
class First:
    """Take the first tensor of a list, which must have one."""

    tensors: Register
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensors = frame[self.tensors]
        frame[self.out] = tensors[0] if tensors else None
        return frame[self.out] is not None


@frozen
class Same:
    """Two operands are one tensor, or constants of the same type, shape, quantization and bytes; or both are absent."""

    tensor: Register
    other: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        return _same(frame[self.tensor], frame[self.other])


def _same(one: object, other: object) -> bool:
    if one is other:
        return True
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(cast("list[object]", one), cast("list[object]", other), strict=False)
        return len(cast("list[object]", one)) == len(cast("list[object]", other)) and all(
            _same(*pair) for pair in pairs
        )
    if not isinstance(one, Tensor):
        return one == other
    return isinstance(other, Tensor) and same_constant(one, other)


def same_constant(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are constants that nothing but their names tells apart."""
    if not one.is_constant or not other.is_constant or one.dtype != other.dtype or one.shape != other.shape:
        return False
    if (one.quantization or other.quantization) and not (
        one.quantization and one.quantization.same_steps(other.quantization)
    ):
        return False
    return one.buffer is other.buffer or one.data == other.data


@frozen
class HasType:
    """The element type is one of these (any where empty), and with `constant` the data is in the file.

    Of a list of tensors, all of them are so.
    """

    tensor: Register
    dtypes: frozenset[str]
    constant: bool
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        found = frame[self.tensor]
        if isinstance(found, list):
            return all(self._of(tensor) for tensor in cast("list[object]", found))
        return self._of(found)

    def _of(self, tensor: object) -> bool:
        if tensor is None:
            return True  # an optional operand that is absent has no type to be wrong
        assert isinstance(tensor, Tensor)
        if self.dtypes and tensor.dtype not in self.dtypes:
            return False
        return tensor.is_constant or not self.constant


UNKNOWN = object()
"""In the register of a number's name, after a test of operands of which there are none."""


@frozen
class Settle:
    """One name in two places, of which the first may not have been there: what it stands for, or False if two things.

    Attributes:
        other: The second place; None after the last one, when what is still not known becomes absent.
    """

    one: Register
    other: Register | None
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        one = frame[self.one]
        other = frame[self.other] if self.other is not None else None
        frame[self.out] = other if one is UNKNOWN else one
        return self.other is None or one is UNKNOWN or other is UNKNOWN or one == other


@frozen
class Dimension:
    """One place of a shape pattern: a size, a register to fill or (`bound`) to agree with, or anything."""

    size: int | None = None
    register: Register | None = None
    bound: bool = False


@frozen
class HasShape:
    """The shape is as written; `run_at` is where a `...` stands, or None. A list of tensors agrees in all names.

    Attributes:
        maybe: Whether there may be no tensor: an operand that is absent, an empty list. Its names stand for nothing.
    """

    tensor: Register
    dimensions: tuple[Dimension, ...]
    run_at: int | None
    maybe: bool = False
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        found = frame[self.tensor]
        if isinstance(found, Tensor):
            return self._of(frame, found, first=True)
        tensors = [each for each in cast("list[Tensor | None]", found or ()) if each is not None]
        if not tensors:
            for dimension in self.dimensions:
                if dimension.register is not None and not dimension.bound:
                    frame[dimension.register] = UNKNOWN
        return all(self._of(frame, tensor, first=not place) for place, tensor in enumerate(tensors))

    def _of(self, frame: Frame, tensor: Tensor, *, first: bool) -> bool:
        sizes = dimensions_of(tensor)
        wanted = self.dimensions
        if self.run_at is None:
            if len(sizes) != len(wanted):
                return False
            pairs = zip(wanted, sizes, strict=True)
        else:
            behind = len(wanted) - self.run_at
            if len(sizes) < len(wanted):
                return False
            pairs = zip(wanted, (*sizes[: self.run_at], *sizes[len(sizes) - behind :]), strict=True)
        for dimension, size in pairs:
            if dimension.register is not None:
                if not dimension.bound and first:
                    frame[dimension.register] = size
                elif frame[dimension.register] != size:
                    return False
            elif dimension.size is not None and dimension.size != size:
                return False
        return True


def dimensions_of(tensor: Tensor) -> tuple[int | None, ...]:
    """The sizes of a tensor; None where the model leaves one open."""
    signature = tensor.shape_signature
    if not signature or -1 not in signature or len(signature) != len(tensor.shape):
        return tensor.shape
    return tuple(None if open_ < 0 else size for size, open_ in zip(tensor.shape, signature, strict=True))


@frozen
class HasAttribute:
    """An attribute has one of these values (any where None); it is then put into `out`, or must equal what is there."""

    operator: Register
    name: str
    declarations: Mapping[str, Declaration] = field(eq=lambda found: tuple(found))
    values: tuple[object, ...] | None = None
    out: Register | None = None
    bound: bool = False
    optional: bool = False
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        operator = frame[self.operator]
        assert isinstance(operator, Operator)
        value = read_attribute(self.declarations, operator, self.name)
        if value is MISSING:
            return self.optional and not has_attribute(self.declarations, operator, self.name)
        values = self.values
        if values is not None and value not in values and not any(same_value(value, wanted) for wanted in values):
            return False
        if self.out is not None:
            if not self.bound:
                frame[self.out] = value
            elif not same_value(frame[self.out], value):
                return False
        return True


def same_value(value: object, wanted: object) -> bool:
    """Whether an attribute has a value; the files keep single precision, the text of a rule does not."""
    if isinstance(wanted, FlexbufferValue):
        return wanted.holds(value)
    if isinstance(value, bool) != isinstance(wanted, bool):
        return False
    if value == wanted or not isinstance(value, float) or not isinstance(wanted, int | float):
        return value == wanted
    try:
        return struct.unpack("<f", struct.pack("<f", wanted)) == struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:
        return False


@frozen
class Element:
    """One place of a list of constants: a number, a register to fill or (`bound`) to agree with, or anything."""

    value: float | bool | None = None
    register: Register | None = None
    bound: bool = False


@frozen
class HasValue:
    """The tensor is a constant whose real values are these, in order; with `splat`, all are the one that is given.

    Attributes:
        shape: Its shape where lists in lists are written; None: it has at most one dimension.
    """

    tensor: Register
    elements: tuple[Element, ...]
    splat: bool
    shape: tuple[int, ...] | None = None
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensor = frame[self.tensor]
        if not isinstance(tensor, Tensor) or not tensor.is_constant:
            return False
        from rewriter.dialect.values import real_values

        try:
            values = real_values(tensor)
        except ValueError:
            return False
        if self.splat:
            return values.size > 0 and bool((values == self.elements[0].value).all())
        if values.size != len(self.elements) or (values.ndim > 1 if self.shape is None else values.shape != self.shape):
            return False
        for place, (element, value) in enumerate(zip(self.elements, values.reshape(-1).tolist(), strict=True)):
            wanted = element.value
            if element.register is not None:
                if not element.bound:
                    frame[element.register] = value
                    continue
                wanted = frame[element.register]
                if wanted is None:
                    return False  # an open dimension is no number
            # Compared by NumPy, so that a number of the text is taken in the constant's precision.
            if wanted is not None and not (values.reshape(-1)[place : place + 1] == wanted).all():
                return False
        return True


@frozen
class HasVersion:
    """The operator's version compares as asked."""

    operator: Register
    comparison: str
    number: int
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        version = frame[self.operator].code.version
        if self.comparison == "==":
            return version == self.number
        return version <= self.number if self.comparison == "<=" else version >= self.number


MISSING = object()


def read_attribute(declarations: Mapping[str, Declaration], operator: Operator, name: str) -> object:
    """An attribute's value by the operator's declaration, or MISSING where there is none or it cannot be read."""
    if name == "custom_options":
        return operator.custom_options
    declaration = declarations.get(operator.code.name)
    if declaration is None:
        declaration = undeclared(operator.code.builtin)
    spec = declaration.attributes.get(name)
    if spec is None:
        return MISSING
    try:
        # Asked directly where it can be: this is most of what matching costs.
        value = operator.attribute(name) if declaration.codec is None else declaration.attribute(operator, name)
    except (KeyError, OptionsError):
        return MISSING
    # A number that its enum has no word for means something that no rule can have had in mind.
    return MISSING if spec.enum and not isinstance(value, str) else value


def has_attribute(declarations: Mapping[str, Declaration], operator: Operator, name: str) -> bool:
    """Whether operators of this kind have an attribute of this name, readable or not."""
    declaration = declarations.get(operator.code.name) or undeclared(operator.code.builtin)
    return name in declaration.attributes


@frozen
class Holds:
    """A condition of the rule's `where` holds.

    Attributes:
        asked: Gives the parts of it that the match answers, and how to get these answers: for whoever explains.
    """

    condition: Callable[[Frame], bool] = field(eq=False)
    span: Span | None = None
    asked: Callable[[], Iterable[tuple[str, Callable[[Frame], Any]]]] = field(default=tuple, eq=False, repr=False)

    def run(self, frame: Frame) -> bool:
        try:
            return self.condition(frame)
        except Undefined:
            return False


@frozen
class Replaceable:
    """The operators that the rule removes may go: their results have no other reader and are no outputs.

    Attributes:
        going: Those that disappear.
        touched: Those that disappear or whose results are given anew; none of them may have side effects or touch a
            variable tensor.
        roots: The results that are given anew, and lists of them, whoever reads them.
        read: What the replacement reads; where a matched operator turns out to compute some of it, that one stays.
    """

    going: tuple[OperatorRef, ...]
    touched: tuple[OperatorRef, ...]
    roots: tuple[Register, ...]
    read: tuple[Register, ...] = ()
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        return bool(self.anew(frame)) and self.obstacle(frame) is None

    def obstacle(self, frame: Frame) -> tuple[Operator, Tensor | None, Operator | None] | None:
        """What forbids it: an operator, the result of it that is still needed, and the reader that needs it."""
        gone = matched_operators(self.going, frame)
        found = self._obstacle(frame, gone, ())
        if found is not None and (staying := self.staying(frame, gone)):
            return self._obstacle(frame, tuple(each for each in gone if each not in staying), staying)
        return found

    def staying(self, frame: Frame, matched: Collection[Operator]) -> tuple[Operator, ...]:
        """Those of some operators that the replacement reads, and those that feed them."""
        waiting: list[Tensor] = []
        for register in self.read:
            value = frame[register]
            if isinstance(value, Tensor):
                waiting.append(value)
            elif value is not None:
                waiting += _flat(value)
        if not any(tensor.producer in matched for tensor in waiting):
            return ()
        anew = self.anew(frame)
        found: dict[Operator, None] = {}
        while waiting:
            tensor = waiting.pop()
            operator = tensor.producer
            if operator is not None and operator in matched and operator not in found and tensor not in anew:
                found[operator] = None
                waiting += [each for each in operator.inputs if each is not None]
        return tuple(found)

    def anew(self, frame: Frame) -> list[Tensor]:
        """The results that are given anew."""
        return [tensor for register in self.roots for tensor in _flat(frame[register])]

    def _obstacle(
        self, frame: Frame, gone: tuple[Operator, ...], staying: tuple[Operator, ...]
    ) -> tuple[Operator, Tensor | None, Operator | None] | None:
        anew = self.anew(frame)
        for operator in gone:
            for tensor in operator.outputs:
                if tensor in anew:
                    continue
                if tensor.is_output:
                    return operator, tensor, None
                for reader in tensor.consumers:
                    if reader not in gone:
                        return operator, tensor, reader
        if not anew[0].is_read and not any(tensor.is_read for tensor in anew):
            # An operator that stays for another of its results would be given anew again, without an end.
            for operator in dict.fromkeys(tensor.producer for tensor in anew if tensor.producer is not None):
                for tensor in operator.outputs:
                    if tensor not in anew and tensor.is_read:
                        return operator, tensor, None
        for operator in gone if self.touched == self.going else matched_operators(self.touched, frame):
            if operator in staying:
                continue
            if operator.code.builtin in EFFECTS:
                return operator, None, None
            for tensor in operator.inputs:
                if tensor is not None and tensor.is_variable:
                    return operator, None, None
        return None


@frozen(eq=False)
class Program:
    """The steps of one pattern.

    Attributes:
        heads: Names that the root operator may have; None for any.
        registers: How many registers the steps need.
        operators: The matched operators, the root first.
        staying: Those of them whose results the replacement reads, and what feeds these.
        depth: How many operators deep the pattern is.
        spread: Whether a match can hold operators that do not all lead to one root.
    """

    heads: frozenset[str] | None
    steps: tuple[Instruction, ...]
    registers: int
    operators: tuple[OperatorRef, ...]
    depth: int
    staying: tuple[OperatorRef, ...] = ()
    spread: bool = False

    @cached_property
    def _runs(self) -> tuple[tuple[Step, Step | None], ...]:
        # Bound once: looking them up again at each step of each match would take longer than most steps.
        return tuple((step.run, getattr(step, "again", None)) for step in self.steps)

    def run(self, root: Operator) -> Frame | None:
        """Run at a root. Returns the filled frame of the first way to match, or None."""
        frame: Frame = [None] * self.registers
        frame[0] = root
        return frame if self.advance(frame, []) else None

    def advance(self, frame: Frame, choices: list[int], *, back: bool = False) -> bool:
        """Run all steps over a frame, trying every way of those that have several.

        Args:
            frame: The registers; what the pattern starts from stands in register 0.
            choices: The steps at which there is still a way to try; empty at first, and kept from call to call.
            back: Give up the match that the last call found, and look for the next one.
        """
        runs = self._runs
        count = len(runs)
        at = 0
        while True:
            if not back:
                while at < count:
                    run, again = runs[at]
                    if not run(frame):
                        break
                    if again is not None:
                        choices.append(at)
                    at += 1
                else:
                    return True
            back = False
            while choices:
                at = choices[-1]
                again = runs[at][1]
                assert again is not None
                if again(frame):
                    at += 1
                    break
                choices.pop()
            else:
                return False

    def matched(self, frame: Frame) -> tuple[Operator, ...]:
        """The operators of a match, the root first."""
        return matched_operators(self.operators, frame)

    def replaced(self, frame: Frame, matched: tuple[Operator, ...]) -> tuple[Operator, ...]:
        """Those of the matched operators in whose place the replacement stands."""
        staying = matched_operators(self.staying, frame) if self.staying else ()
        last = self.steps[-1]
        if isinstance(last, Replaceable) and last.going:
            staying += last.staying(frame, matched)
        return tuple(each for each in matched if each not in staying) if staying else matched

"""What a pattern compiles to: a program of tests over registers, run at a root operator.

A frame is a list of registers; register 0 holds the root operator. An instruction fills registers that no earlier one
has filled, or tests registers, so a step back needs no undoing: what is run again is overwritten. The order in which
alternatives are tried is the order in which the language says that matches count.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import Factory, field, frozen

from rewriter.dialect.declaration import EFFECTS, undeclared
from rewriter.dialect.options import OptionsError
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


@frozen
class Load:
    """Take an operand of an operator, or None where it is absent; `required` fails there."""

    operator: Register
    index: int
    out: Register
    required: bool
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        inputs = frame[self.operator].inputs
        tensor = inputs[self.index] if self.index < len(inputs) else None
        frame[self.out] = tensor
        return tensor is not None or not self.required


@frozen
class Result:
    """Take the only result of an operator."""

    operator: Register
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        outputs = frame[self.operator].outputs
        frame[self.out] = outputs[0] if outputs else None
        return len(outputs) == 1


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
        frame[self.out] = True
        return frame[self.operator].code.name in self.commutative


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
    """The tensor is the only result of an operator of one of these names; None: of any operator."""

    tensor: Register
    names: frozenset[str] | None
    out: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        producer = frame[self.tensor].producer
        if producer is None or (self.names is not None and producer.code.name not in self.names):
            return False
        frame[self.out] = producer
        return len(producer.outputs) == 1


@frozen
class Same:
    """Two operands are one tensor, or constants of the same type, shape, quantization and bytes; or both are absent."""

    tensor: Register
    other: Register
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        one, other = frame[self.tensor], frame[self.other]
        if one is other:
            return True
        return isinstance(one, Tensor) and isinstance(other, Tensor) and same_constant(one, other)


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
    """The element type is one of these (any where empty), and with `constant` the data is in the file."""

    tensor: Register
    dtypes: frozenset[str]
    constant: bool
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensor = frame[self.tensor]
        if tensor is None:
            return True  # an optional operand that is absent has no type to be wrong
        assert isinstance(tensor, Tensor)
        if self.dtypes and tensor.dtype not in self.dtypes:
            return False
        return tensor.is_constant or not self.constant


@frozen
class Dimension:
    """One place of a shape pattern: a size, a register to fill or (`bound`) to agree with, or anything."""

    size: int | None = None
    register: Register | None = None
    bound: bool = False


@frozen
class HasShape:
    """The shape is as written; `run` is where a `...` stands, or None."""

    tensor: Register
    dimensions: tuple[Dimension, ...]
    run_at: int | None
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        tensor = frame[self.tensor]
        if tensor is None:
            return True
        assert isinstance(tensor, Tensor)
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
                if not dimension.bound:
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
    """The tensor is a constant whose real values are these, in order; with `splat`, all are the one that is given."""

    tensor: Register
    elements: tuple[Element, ...]
    splat: bool
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
        if values.ndim > 1 or values.size != len(self.elements):
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
        value = declaration.attribute(operator, name)
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
    """A condition of the rule's `where` holds."""

    condition: Callable[[Frame], bool] = field(eq=False)
    span: Span | None = None

    def run(self, frame: Frame) -> bool:
        try:
            return self.condition(frame)
        except Undefined:
            return False


@frozen
class Replaceable:
    """The operators that the rule removes may go: their results have no other reader and are no outputs.

    `going` are the registers of those that disappear besides the root. None of them, and not the root, may touch a
    variable tensor. The root must have one result, for that is what is replaced.
    """

    going: tuple[Register, ...]
    span: Span | None = field(default=None, eq=False)

    def run(self, frame: Frame) -> bool:
        if len(frame[0].outputs) != 1:
            return False
        gone = [frame[register] for register in self.going]
        gone.append(frame[0])
        for operator in gone[:-1]:
            for tensor in operator.outputs:
                if tensor.is_output:
                    return False
                for reader in tensor.consumers:
                    if reader not in gone:
                        return False
        for operator in gone:
            if operator.code.builtin in EFFECTS:
                return False
            for tensor in operator.inputs:
                if tensor is not None and tensor.is_variable:
                    return False
        return True


@frozen(eq=False)
class Program:
    """The steps of one pattern.

    Attributes:
        heads: Names that the root operator may have; None for any.
        registers: How many registers the steps need.
        operators: The registers of the matched operators, the root first.
        depth: How many operators deep the pattern is.
    """

    heads: frozenset[str] | None
    steps: tuple[Instruction, ...]
    registers: int
    operators: tuple[Register, ...]
    depth: int
    # Bound once: looking them up again at each step of each match would take longer than most steps.
    _runs: tuple[tuple[Step, Step | None], ...] = field(
        init=False,
        default=Factory(
            lambda self: tuple((step.run, step.again if isinstance(step, Swap) else None) for step in self.steps),
            takes_self=True,
        ),
    )

    def run(self, root: Operator) -> Frame | None:
        """Run at a root. Returns the filled frame of the first way to match, or None."""
        frame: Frame = [None] * self.registers
        frame[0] = root
        runs = self._runs
        choices: list[tuple[int, Step]] = []
        at = 0
        count = len(runs)
        while at < count:
            run, again = runs[at]
            if run(frame):
                if again is not None:
                    choices.append((at, again))
            else:
                while choices:
                    at, again = choices.pop()
                    if again(frame):
                        break
                else:
                    return None
            at += 1
        return frame

"""What a delegate takes: the operators that a target lists, and what it asks of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Protocol, cast

from attrs import define, field, frozen

from rewriter.dialect.declaration import Declaration
from rewriter.dialect.options import OptionsError
from rewriter.language.expressions import Frame, Undefined
from rewriter.language.program import Instruction, dimensions_of
from rewriter.model import Operator, Tensor
from rewriter.source import Span


@frozen
class Refusal:
    """What a target asks for, in its own text, and what an operator has instead."""

    asked: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.asked} ({self.found})" if self.found else self.asked


class Check(Protocol):
    """One thing that a target asks of an operator."""

    def failure(self, frame: Frame) -> Refusal | None:
        """What was asked for and not found; None where it holds."""
        ...


@define(eq=False)
class Names(Mapping[str, object]):
    """What the names in a target's conditions stand for at one operator; attributes are read when they are asked for.

    Attributes:
        tensors: Operands and results by name, lists of them where there can be several, and the lists `inputs` (the
            operands that are computed), `constants` (those whose data is in the file) and `outputs`.
    """

    operator: Operator
    declaration: Declaration
    tensors: dict[str, object] = field(factory=dict[str, object])

    @classmethod
    def of(cls, operator: Operator, declaration: Declaration, constants: Mapping[Tensor, Tensor]) -> Names:
        """The names at an operator.

        Args:
            operator: It.
            declaration: Its declaration.
            constants: Tensors that are constant by the time the delegate runs, though the file has an operator compute
                them; each with a stand-in that is.
        """
        operands = [constants.get(each, each) if each is not None else None for each in declaration.logical(operator)]
        found: dict[str, object] = {}
        for specs, group in ((declaration.operands or (), operands), (declaration.results or (), operator.outputs)):
            for index, spec in enumerate(specs):
                if spec.variadic:
                    found[spec.name] = [each for each in group[index:] if each is not None]
                else:
                    found[spec.name] = group[index] if index < len(group) else None
        present = [each for each in operands if each is not None]
        found["inputs"] = [each for each in present if not each.is_constant]
        found["constants"] = [each for each in present if each.is_constant]
        found["outputs"] = list(operator.outputs)
        return cls(operator, declaration, found)

    def __getitem__(self, name: str) -> object:
        if name in self.tensors:
            return self.tensors[name]
        try:
            return self.declaration.attribute(self.operator, name)
        except OptionsError as error:
            raise Undefined(str(error)) from None
        except KeyError:
            raise Undefined(f"the operator's options have no {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.tensors or name in self.declaration.attributes

    def __iter__(self) -> Iterator[str]:
        yield from self.tensors
        yield from self.declaration.attributes

    def __len__(self) -> int:
        return len(self.tensors) + len(self.declaration.attributes)


@frozen
class AttributeCheck:
    """An attribute has one of these values."""

    name: str
    values: tuple[object, ...]
    text: str

    def failure(self, frame: Frame) -> Refusal | None:
        """See `Check`."""
        try:
            value = frame[0][self.name]
        except Undefined as undefined:
            return Refusal(self.text, str(undefined))
        if any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in self.values):
            return None
        return Refusal(self.text, f"{self.name} is {shown(value)}")


@frozen
class VersionCheck:
    """The operator's version compares so with a number."""

    holds: Callable[[int, int], bool]
    number: int
    text: str

    def failure(self, frame: Frame) -> Refusal | None:
        """See `Check`."""
        version: int = frame[0].operator.code.version
        return None if self.holds(version, self.number) else Refusal(self.text, f"it is version {version}")


@frozen
class TypeCheck:
    """What is written behind a name's `:` holds of its tensor, or of each of its tensors.

    Attributes:
        register: Where `steps` look for the tensor.
    """

    name: str
    register: int
    optional: bool
    steps: tuple[Instruction, ...]
    text: str

    def failure(self, frame: Frame) -> Refusal | None:
        """See `Check`."""
        found = frame[0].tensors.get(self.name)
        if found is None:
            return None if self.optional else Refusal(self.text, f"{self.name} is absent")
        frame[self.register] = found
        if all(step.run(frame) for step in self.steps):
            return None
        for tensor in cast("list[object]", found) if isinstance(found, list) else [found]:
            frame[self.register] = tensor
            failing = next((step for step in self.steps if not step.run(frame)), None)
            if failing is not None:
                return Refusal(self.text, f"{self.name} is {described(tensor)}")
        return Refusal(self.text, "the sizes do not agree")


@frozen(eq=False)
class Line:
    """What an `accepts` or `unpacks` line asks of one of its operators.

    Attributes:
        registers: How long a frame has to be.
    """

    checks: tuple[Check, ...]
    registers: int
    span: Span

    def failure(self, names: Names) -> tuple[int, Refusal] | None:
        """How many of its checks held, and why the next one did not; None where all hold."""
        frame: Frame = [names, *[None] * (self.registers - 1)]
        for passed, check in enumerate(self.checks):
            reason = check.failure(frame)
            if reason is not None:
                return passed, reason
        return None


Lines = Mapping[str, tuple[Line, ...]]


@frozen(eq=False)
class Target:
    """A delegate, by what it takes.

    Attributes:
        pack: The pack that it comes from, or None.
        accepts: What is asked of each operator, by operator name; several lines are alternatives.
        unpacks: The same for operators that it runs once, before the model, so that their results are constants.
        unpacks_whole: The same for operators that it runs so only where it then takes everything.
        requires: What is asked of every operator.
        largest: How many partitions it is given at most, the largest ones; None: all.
        first: Whether it is given only what runs before the first operator that it does not take.
    """

    name: str
    pack: str | None
    doc: str
    span: Span
    accepts: Lines
    unpacks: Lines
    unpacks_whole: Lines
    requires: tuple[Line, ...]
    largest: int | None
    first: bool

    @property
    def qualified(self) -> str:
        """`pack.target`, or the target's name where it comes from a file."""
        return f"{self.pack}.{self.name}" if self.pack else self.name

    def refusal(self, names: Names) -> Refusal | None:
        """Why an operator is not taken; None where it is. Of several alternatives the one counts that came furthest."""
        lines = self.accepts.get(names.operator.name)
        if lines is None:
            return Refusal(f"{self.name} takes no {names.operator.name}")
        # What a line says of one operator tells more than what holds for all.
        reason = _nearest_miss(lines, names)
        if reason is not None:
            return reason
        failures = (line.failure(names) for line in self.requires)
        return next((failed[1] for failed in failures if failed is not None), None)

    def unpacked(self, names: Names, *, whole: bool) -> bool:
        """Whether the delegate computes this operator beforehand; `whole`: where it takes everything."""
        name = names.operator.name
        lines = (*self.unpacks.get(name, ()), *(self.unpacks_whole.get(name, ()) if whole else ()))
        return bool(lines) and _nearest_miss(lines, names) is None


def _nearest_miss(lines: Collection[Line], names: Names) -> Refusal | None:
    best: tuple[int, Refusal] | None = None
    for line in lines:
        failed = line.failure(names)
        if failed is None:
            return None
        if best is None or failed[0] >= best[0]:
            best = failed
    return best[1] if best else None


def described(tensor: object) -> str:
    """A tensor in a few words: whether it is constant, its type and shape."""
    if not isinstance(tensor, Tensor):
        return "absent"
    sizes = ", ".join("?" if size is None else str(size) for size in dimensions_of(tensor))
    return f"{'const ' * tensor.is_constant}{tensor.dtype}[{sizes}]"


def shown(value: object) -> str:
    """A value as a target would write it."""
    match value:
        case None:
            return "absent"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.7g}"
        case list() | tuple():
            parts: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
            texts = ["?" if part is None else shown(part) for part in parts[:_LONG]]
            return f"[{', '.join(texts)}{', ...' * (len(parts) > _LONG)}]"
        case str() | int():
            return str(value)
        case _ if getattr(value, "shape", None) == () or getattr(value, "size", _LONG + 1) <= _LONG:
            return shown(value.tolist())  # type: ignore[attr-defined]
        case _:
            return "an array"


_LONG = 8  # elements that a reason shows

"""Drafts: models in which a plan's operators stand, with sizes, attributes and constants that fit each other.

A draft is made from the bottom up: leaves get shapes that suit their first reader, operators get attributes, results
are inferred by the dialect. Where something does not fit, the comparison at which it failed is solved for other numbers
(`rewriter.proof.solve`), and the draft is made again; the rule's own program and builder are asked in the same way
whether the pattern occurs and the replacement can stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from attrs import define, evolve, field

from rewriter.builder import Mismatch
from rewriter.dialect.inference import infer
from rewriter.dialect.types import TensorType
from rewriter.explain import furthest
from rewriter.language.evaluation import zeros
from rewriter.language.rules import Rule
from rewriter.language.terms import TermTensor
from rewriter.model import Buffer, Operator, OperatorCode, Tensor
from rewriter.proof.choice import Source, chance, pick
from rewriter.proof.constants import Content, filled, written
from rewriter.proof.kinds import Assignment
from rewriter.proof.operands import maker
from rewriter.proof.plan import Plan, PlanOperator, PlanTensor, Unfit
from rewriter.proof.scales import leaf_scale, result_scale
from rewriter.proof.settings import choose_notes, choose_settings
from rewriter.proof.shapes import leaf_shape
from rewriter.proof.solve import Repairs, Variable
from rewriter.proof.sparse import sparse
from rewriter.proof.surroundings import Draft, surround
from rewriter.proof.tracked import Trace, Tracked, plain
from rewriter.rewriter import Rewriter

T = TypeVar("T")

Generator = Callable[[tuple[int, ...], str, int], Any]
"""A pack's help: from a shape, an element type and a seed, the values of a constant."""

_TRIES = 120
# How often in a row numbers are solved for, and how often a few choices are made anew, without coming any further.
_REPAIRS = 8
_REDRAWS = 3
_MOST_ELEMENTS = 1 << 14


@define(eq=False, repr=False)
class DraftTensor(Tensor):
    """A tensor of a draft.

    Attributes:
        numbers: The elements of a constant that says how its operator works, tracked, while a pattern is asked.
    """

    numbers: Any = None


@define(eq=False)
class Drafter:
    """Makes drafts of one plan.

    Attributes:
        source: Where choices come from.
        plan: The operators and tensors.
        kinds: The element type of each tensor.
        rule: Whose pattern has to occur.
        special: Whether float constants may be NaN, infinite, or denormal.
        integral: Whether float constants are small whole numbers, so that sums and products of them are exact.
        hints: Numbers that the rule's conditions compare a constant with, by its name.
        generators: A pack's help: for a name of the pattern, a function that gives its constant's values.
        grid: Stored values that operands have to have.
        empty: Whether there may be tensors without elements.
    """

    source: Source
    plan: Plan
    kinds: Assignment
    rule: Rule
    special: bool = False
    integral: bool = False
    hints: Mapping[str, Sequence[float]] = field(factory=dict[str, "Sequence[float]"])
    generators: Mapping[str, Generator] = field(factory=dict[str, "Generator"])
    grid: Mapping[PlanTensor, Any] | None = None
    empty: bool = False
    trace: Trace = field(factory=Trace)
    variables: dict[str, Variable] = field(factory=dict[str, Variable])
    picks: dict[str, Any] = field(factory=dict[str, Any])
    settings: dict[PlanOperator, dict[str, Any]] = field(factory=dict["PlanOperator", "dict[str, Any]"])
    made: dict[PlanTensor, Tensor] = field(factory=dict["PlanTensor", "Tensor"])
    held: dict[PlanTensor, Content] = field(factory=dict["PlanTensor", "Content"])
    step: int = 0
    stage: int = 0
    buffers: list[Buffer] = field(factory=list[Buffer])

    # -- choices ------------------------------------------------------------------------------------------------------

    def pick(self, key: str, options: Sequence[T]) -> T:
        """One of some options, the same again until it is drawn anew."""
        if key not in self.picks or self.picks[key] >= len(options):
            self.picks[key] = self.source.below(len(options)) if len(options) > 1 else 0
        place: int = self.picks[key]
        return options[place]

    def chance(self, key: str, percent: int) -> bool:
        """Whether something that happens in so many of a hundred cases does."""
        if key not in self.picks:
            self.picks[key] = int(chance(self.source, percent))
        return bool(self.picks[key])

    def number(self, key: str, domain: Sequence[int], *, open: bool = False, start: int | None = None) -> Tracked:
        """A number of a domain, which is solved for where it does not fit.

        Args:
            key: Its name. One that is known already keeps the domain that it was first asked for with.
            domain: The values to choose from, the simplest first.
            open: Whether other whole numbers will do where something asks for them.
            start: What it is at first; None: any of the domain.
        """
        found = self.variables.get(key)
        if found is None:
            value = pick(self.source, domain) if start is None else start
            found = self.variables[key] = Variable(key, int(value), tuple(domain), open)
        return Tracked.make(found.value, key, self.trace)

    # -- what makers ask ----------------------------------------------------------------------------------------------

    def rank(self, tensor: PlanTensor | None) -> int:
        """How many dimensions a tensor of the draft has."""
        return 0 if tensor is None or tensor not in self.made else len(self.made[tensor].shape)

    def shape(self, tensor: PlanTensor | None) -> list[Any]:
        """The sizes of a tensor of the draft."""
        return [] if tensor is None or tensor not in self.made else list(self.made[tensor].shape)

    def contents(self, tensor: PlanTensor | None) -> list[Any] | None:
        """The numbers of an operand that says how its operator works, in order; None where there is none."""
        found = None if tensor is None else self.held.get(tensor)
        return None if found is None or found.numbers is None else found.numbers

    def said_shape(self, tensor: PlanTensor | None) -> list[Any] | None:
        """The sizes that the pattern writes for a tensor, where it writes how many there are."""
        if tensor is None:
            return None
        for shape in tensor.said.shapes:
            if shape.back is None:
                return [self.size(each, f"{tensor.key}[{place}]") for place, each in enumerate(shape.front)]
        return None

    def size(self, said: int | str | None, key: str) -> Any:
        """A size that the pattern gives as a number, by a name, or not at all."""
        if isinstance(said, int):
            return said
        if said is not None:
            key = f"named {said}"
        return self.number(key, SIZES, open=True)

    # -- one draft ----------------------------------------------------------------------------------------------------

    def find(self, tries: int = _TRIES) -> Draft:
        """A draft in which the pattern occurs, and whose replacement can stand.

        Raises:
            Unfit: None was found; it says what the one lacked that came furthest.
        """
        repairs = Repairs()
        furthest, kept = -1, self.state()
        repairs_left, redraws_left = _REPAIRS, _REDRAWS
        last = Unfit("nothing was tried")
        for _ in range(tries):
            self.trace.comparisons.clear()
            try:
                draft = self.draft()
                self.match(draft)
                return draft
            except Unfit as unfit:
                unfit.stage = self.stage
                last = unfit if unfit.stage >= last.stage else last
            if self.stage > furthest:
                repairs_left, redraws_left = _REPAIRS, _REDRAWS
            if self.stage >= furthest:
                furthest, kept = self.stage, self.state()
            repairs_left -= 1
            if repairs_left >= 0 and repairs.repair(self.trace, self.variables, self.step, empty=self.empty):
                continue
            redraws_left -= 1
            if redraws_left >= 0:
                self.restore(kept)
                repairs_left = _REPAIRS // 2
                if self.redraw_some():
                    continue
            self.variables.clear()
            self.picks.clear()
            furthest, repairs_left, redraws_left = -1, _REPAIRS, _REDRAWS
        raise last

    def state(self) -> tuple[dict[str, Any], dict[str, Variable]]:
        """What was chosen."""
        return dict(self.picks), {name: evolve(each) for name, each in self.variables.items()}

    def restore(self, state: tuple[dict[str, Any], dict[str, Variable]]) -> None:
        """Go back to what was chosen before."""
        picks, variables = state
        self.picks, self.variables = dict(picks), {name: evolve(each) for name, each in variables.items()}

    def redraw_some(self) -> bool:
        """Forget a few choices, so that they are made anew; False where there are none."""
        keys = [*self.picks, *self.variables]
        for _ in range(1 + self.source.below(3)):
            if keys:
                key = keys[self.source.below(len(keys))]
                self.picks.pop(key, None)
                self.variables.pop(key, None)
        return bool(keys)

    def draft(self) -> Draft:
        """One draft from the present choices.

        Raises:
            Unfit: An operator does not take its operands.
        """
        self.made, self.held, self.settings, self.buffers = {}, {}, {}, []
        operators: list[Operator] = []
        for stage, operator in enumerate(self.plan.operators):
            self.stage = stage
            self.step = len(self.trace.comparisons)
            operators.append(self.operator(operator))
        return surround(self, operators)

    def operator(self, operator: PlanOperator) -> Operator:
        declaration = operator.declaration
        # Data first: attributes and the operands that say how depend on their shapes.
        later: list[tuple[int, PlanTensor]] = []
        places = [(place, each) for place, each in enumerate(operator.operands) if each is not None]
        order = sorted(places, key=lambda each: (each[1].producer is None, bool(operator.spec(each[0]).dtypes)))
        for place, tensor in order:
            if tensor in self.made:
                continue
            spec = operator.spec(place)
            if spec.dtypes and maker(declaration.builtin, spec.name):
                later.append((place, tensor))
            else:
                self.leaf(operator, place, tensor)
        settings = self.settings[operator] = choose_settings(self, operator)
        for place, tensor in sorted(later, key=lambda each: each[0]):
            if tensor not in self.made:
                self.leaf(operator, place, tensor)
        # Here the last word is the operands': how often a channel is repeated, for example.
        settings = self.settings[operator] = choose_settings(self, operator)
        operands = [None if each is None else self.made[each] for each in operator.operands]
        results = self.results(operator, operands, settings)
        return self.operator_of(operator, operands, results, settings)

    def results(self, operator: PlanOperator, operands: list[Tensor | None], settings: dict[str, Any]) -> list[Tensor]:
        inferred = self.inferred(operator, settings, known=False)
        # What a run gives, the file does not know: sizes that follow from it are open there.
        guesses = any(each is not None and self.is_open(each) for each in operator.operands)
        known = self.inferred(operator, settings, known=True) if guesses else inferred
        made: list[Tensor] = []
        for place, tensor in enumerate(operator.results):
            recorded = known[place] if place < len(known) else None
            made.append(self.result(operator, tensor, inferred[place], recorded, operands, settings, place))
        return made

    def is_open(self, tensor: PlanTensor) -> bool:
        """Whether the file leaves open what a tensor's reader makes of it."""
        made = self.made[tensor]
        return made.dynamic or (tensor in self.held and not made.is_constant)

    def inferred(self, operator: PlanOperator, settings: dict[str, Any], *, known: bool) -> Sequence[TensorType | None]:
        """What an operator gives, by its operands as they are in a run, or by what is `known` of them in the file."""
        declaration = operator.declaration
        types = [None if each is None else self.type(each, known=known) for each in operator.operands]
        if declaration.builtin == "CAST":
            # The file's default says nothing; what counts is the result's own type.
            first = types[0]
            return () if first is None else (TensorType(self.kinds[operator.results[0]].dtype, first.shape),)
        try:
            found = infer(declaration, types, settings)
        except (ValueError, LookupError, ArithmeticError) as error:
            raise Unfit(f"{declaration.name}: {error}") from None
        if found is None:
            # The result is as the first operand, or as the pattern says.
            first = operator.operands[0] if operator.operands else None
            shape = self.said_shape(operator.results[0]) or self.shape(first)
            return (TensorType(self.kinds[operator.results[0]].dtype, tuple(shape)),) * len(operator.results)
        if len(found) != len(operator.results):
            raise Unfit(f"{declaration.name} gives {len(found)} results, not {len(operator.results)}")
        return found

    def result(
        self,
        operator: PlanOperator,
        tensor: PlanTensor,
        inferred: TensorType | None,
        recorded: TensorType | None,
        operands: list[Tensor | None],
        settings: dict[str, Any],
        place: int,
    ) -> Tensor:
        kind = self.kinds[tensor]
        shape: Any = inferred.shape if inferred is not None else self.said_shape(tensor) or ()
        dtype = kind.dtype if inferred is None or operator.declaration.shape is None else inferred.dtype
        if dtype != kind.dtype:
            raise Unfit(f"{operator.name} gives {dtype} here")
        sizes = [1 if size is None else size for size in shape]
        signature = shape if recorded is None or len(recorded.shape) != len(shape) else recorded.shape
        count = int(np.prod([int(size) for size in sizes]))
        if any(int(size) < 0 for size in sizes) or (count > _MOST_ELEMENTS and self.grid is None):
            raise Unfit(f"{operator.name} gives a result of {plain(sizes)}")
        made = Tensor.make(
            tensor.name or tensor.key,
            dtype,
            sizes,
            shape_signature=_signature(signature) if None in signature else None,
        )
        if kind.quantized:
            made.quantization = result_scale(self, operator, operands, settings, TensorType(dtype, sizes), place)
        self.made[tensor] = made
        return made

    def operator_of(
        self,
        operator: PlanOperator,
        operands: list[Tensor | None],
        results: list[Tensor],
        settings: dict[str, Any],
    ) -> Operator:
        declaration = operator.declaration
        version = self.version(operator, declaration.version(operands, results, settings))
        code = OperatorCode(declaration.builtin, declaration.code, version)
        made = Operator(code, declaration.inputs(operands), results)
        made.custom = choose_notes(self, operator)
        if declaration.codec is not None:
            try:
                made.custom = declaration.codec.encode({name: plain(value) for name, value in settings.items()})
            except ValueError as error:
                raise Unfit(str(error)) from None
        elif settings:
            specs = declaration.attributes
            made.options = {
                name: value for name, value in settings.items() if not _is_default(value, specs[name].default)
            }
        return made

    def version(self, operator: PlanOperator, lowest: int) -> int:
        wanted = operator.said.version
        if wanted is None:
            return lowest
        sign, number = wanted
        if operator.declaration.code is not None:
            # A custom operator's version is its author's; nothing here says which one its operands need.
            return number
        if (sign == "==" and lowest != number) or (sign == "<=" and lowest > number):
            raise Unfit(f"{operator.name} has version {lowest} here")
        return max(lowest, number) if sign == ">=" else lowest

    def type(self, tensor: PlanTensor, *, known: bool) -> TensorType:
        """What inference is told of a tensor: what it is in a run, or only what is `known` of it in the file."""
        made = self.made[tensor]
        held = self.held.get(tensor)
        values: Callable[[], Sequence[int]] | None = None
        if held is not None and (made.is_constant or not known) and made.dtype in ("i16", "i32", "i64"):
            numbers = held.numbers if held.numbers is not None else held.values(self.kinds[tensor], None).reshape(-1)

            def elements() -> Sequence[int]:
                return tuple(each if isinstance(each, Tracked) else int(each) for each in numbers)

            values = elements
        signature = made.shape_signature
        shape: Any = made.shape
        if known and signature is not None:
            shape = tuple(None if open_ < 0 else size for size, open_ in zip(made.shape, signature, strict=True))
        return TensorType(made.dtype, shape, values)

    # -- leaves -------------------------------------------------------------------------------------------------------

    def leaf(self, operator: PlanOperator, place: int, tensor: PlanTensor) -> None:
        """A tensor that comes from outside the pattern."""
        kind = self.kinds[tensor]
        said = tensor.said
        spec = operator.spec(place)
        make = maker(operator.declaration.builtin, spec.name) if spec.dtypes else None
        constant = self.is_constant(said, spec.name, tensor, structural=make is not None)
        content: Content | None = None
        if self.grid is not None and tensor in self.grid:
            content = Content(self.laid_out(tensor, self.grid[tensor].size), None, self.grid[tensor])
            shape = content.shape
        elif make is not None:
            content = written(self, tensor, make(self, operator, tensor.key))
            shape = content.shape
        elif said.contents and not said.contents[0].splat:
            content = written(self, tensor, None)
            shape = content.shape
        else:
            shape = leaf_shape(self, operator, place, tensor)
            if len(shape) > 6 or int(np.prod([int(size) for size in shape])) > _MOST_ELEMENTS:
                raise Unfit(f"an operand of {plain(shape)}")
        quantization = leaf_scale(self, operator, place, tensor, shape) if kind.quantized else None
        made = DraftTensor.make(tensor.name or tensor.key, kind.dtype, shape, quantization=quantization)
        self.made[tensor] = made
        if content is None:
            content = filled(self, tensor, [int(size) for size in shape], quantization, constant=constant)
        if content is not None:
            self.held[tensor] = content
        if constant:
            assert content is not None
            data = content.bytes(kind, quantization)
            if operator.declaration.builtin == "DENSIFY":
                # It takes nothing else; its kernel fails on a plain constant.
                seed = self.pick(f"{tensor.key}.zeros", range(1 << 16))
                data, made.sparsity = sparse(content.values(kind, quantization), seed)
            made.buffer = self.buffer(data)

    def laid_out(self, tensor: PlanTensor, count: int) -> list[Any]:
        """A shape of so many elements, of as many dimensions as the pattern asks for."""
        rank = next((len(shape.front) for shape in tensor.said.shapes if shape.back is None), 1)
        return [*[1] * (rank - 1), count] if rank else []

    def is_constant(self, said: TermTensor, name: str, tensor: PlanTensor, *, structural: bool) -> bool:
        if said.const or said.contents:
            return True
        if structural:
            return not self.chance(f"{tensor.key}.given", 6)
        if name in ("filter", "bias", "weights", "alpha"):
            return not self.chance(f"{tensor.key}.given", 25)
        return self.chance(f"{tensor.key}.const", 15)

    def buffer(self, data: bytes) -> Buffer:
        if self.chance("aliased", 30):
            for each in self.buffers:
                if each.data == data:
                    return each
        made = Buffer(len(self.buffers) + 1, size=len(data), data=data)
        self.buffers.append(made)
        return made

    # -- the rule's own view ------------------------------------------------------------------------------------------

    def match(self, draft: Draft) -> None:
        """Ask the rule's program and builder.

        Raises:
            Unfit: The pattern does not occur, or the replacement cannot stand.
        """
        self.step = len(self.trace.comparisons)
        self.stage = len(self.plan.operators) + 1
        tracked = {} if self.chance("untracked", 25) else self.tracked(draft)
        for tensor, numbers in tracked.items():
            tensor.numbers = numbers
        try:
            frame = self.rule.program.run(draft.root)
        except (ValueError, LookupError, TypeError) as error:
            raise Unfit(f"the pattern cannot be asked: {error}") from None
        finally:
            for tensor in tracked:
                tensor.numbers = None
        if tracked and frame is not None:
            # Asked again as it will be, with the numbers as plain ones.
            frame = self.rule.program.run(draft.root)
        if frame is None:
            self.stage += furthest(self.rule.program, draft.root).passed
            raise Unfit("the pattern's conditions do not hold")
        self.step = len(self.trace.comparisons)
        self.stage += len(self.rule.program.steps) + 1
        # What an operator computes is found out when the draft is run.
        rewriter = Rewriter(draft.model, draft.model.subgraphs[0], zeros)
        try:
            rewriter.build(self.rule, frame)
        except Mismatch as mismatch:
            raise Unfit(f"the replacement cannot stand: {mismatch}") from None

    def tracked(self, draft: Draft) -> dict[DraftTensor, Any]:
        """The constants of a draft that hold tracked numbers, and these in their shapes."""
        found: dict[DraftTensor, Any] = {}
        for planned, tensor in draft.tensors.items():
            numbers = self.contents(planned)
            if not isinstance(tensor, DraftTensor) or not tensor.is_constant or numbers is None:
                continue
            if any(isinstance(each, Tracked) for each in numbers):
                array = np.empty(len(numbers), dtype=object)
                array[:] = numbers
                found[tensor] = array.reshape([int(size) for size in tensor.shape])
        return found


SIZES = (2, 1, 3, 4, 5, 6, 8)


def _signature(shape: Sequence[Any]) -> tuple[int, ...]:
    return tuple(-1 if size is None else int(size) for size in shape)


def _is_default(value: Any, default: object) -> bool:
    return value is None or (type(plain(value)) is type(default) and plain(value) == default)

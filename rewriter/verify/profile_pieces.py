"""Times where the runtime gives none: each operator as a model of its own, run by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from rewriter.errors import LimitError, ModelError
from rewriter.model import extract
from rewriter.verify.hybrid import Computed
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.profile_result import OperatorTime
from rewriter.verify.region import read_by
from rewriter.verify.runtime import RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewriter.model import Model, Operator, Subgraph, Tensor
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array
    from rewriter.verify.runtime import Kernels, Runtime


SEED = 4
"""Of the inputs that the check makes, those of uniform noise above zero: RSQRT and LOG, say, refuse any others."""

_UNPACKING = ("DENSIFY", "DEQUANTIZE")


@define(eq=False)
class Pieces:
    """A model's operators, one after the other, each on what those before it gave.

    Where one does not run, the operators behind it get made values in place of its results.

    Attributes:
        model: The model.
        entry: The subgraph whose operators are timed; those of others run as part of the operator that calls them.
        runtime: Where they run.
        kernels: With which kernels.
        calls: Reference kernels of operators that the runtime does not know, by the operator's name. They give values,
            not times.
        inputs: A value for each input of the subgraph.
    """

    model: Model
    entry: Subgraph
    runtime: Runtime
    kernels: Kernels
    calls: Mapping[str, KernelCall]
    inputs: list[Array]
    _values: dict[Tensor, Array] = field(factory=dict["Tensor", "Array"], init=False)
    _readers: dict[Tensor, int] = field(factory=dict["Tensor", int], init=False)
    _least: dict[Operator, float] = field(factory=dict["Operator", float], init=False)
    _notes: dict[Operator, str] = field(factory=dict["Operator", str], init=False)

    def run(self, runs: int) -> None:
        """Time every operator.

        Args:
            runs: How many runs to take the least of.

        Raises:
            LimitError: An operator does not finish.
        """
        self._values = dict(zip(self.entry.inputs, self.inputs, strict=True))
        parts = [(operator, _part(operator)) for operator in self.entry.operators]
        self._readers = {}
        for _, part in parts:
            for tensor in read_by(part):
                self._readers[tensor] = self._readers.get(tensor, 0) + 1
        for operator, part in parts:
            if _unpacks(operator):
                self._notes[operator] = "it unpacks a constant, which is done once, before the first run"
            else:
                self._one(operator, part, runs)

    def times(self) -> tuple[OperatorTime, ...]:
        """All operators of the model with the times that were found."""
        made: list[OperatorTime] = []
        for subgraph in self.model.subgraphs:
            for operator in subgraph.operators:
                if subgraph is self.entry:
                    least, note = self._least.get(operator), self._notes.get(operator)
                    made.append(OperatorTime(subgraph.index, operator, least, note=note))
                else:
                    note = "it runs as part of the operator that calls its subgraph"
                    made.append(OperatorTime(subgraph.index, operator, None, note=note, nested=True))
        return tuple(made)

    def _one(self, operator: Operator, part: list[Operator], runs: int) -> None:
        read = read_by(part)
        results: Sequence[Array] | None = None
        try:
            given = [self._value(tensor) for tensor in read]
            piece = extract(part, read, operator.outputs, self.model)
        except (ModelError, ValueError) as error:
            self._notes[operator] = f"it cannot stand as a model of its own: {error}"
        else:
            results = self._timed(operator, piece, given, runs)
            if results is None:
                results = self._computed(part, dict(zip(read, given, strict=True)))
        if results is not None and len(results) == len(operator.outputs):
            self._values.update(zip(operator.outputs, results, strict=True))
        for tensor in read:
            self._readers[tensor] -= 1
            if not self._readers[tensor]:
                self._values.pop(tensor, None)

    def _timed(self, operator: Operator, piece: Model, given: list[Array], runs: int) -> Sequence[Array] | None:
        """Time the operator, and give its results; under the plain fast kernels where the delegate refuses it alone."""
        sets: tuple[Kernels, ...] = ("default", "builtin") if self.kernels == "default" else (self.kernels,)
        for kernels in sets:
            try:
                seconds, results = self._clock(operator, piece, given, kernels, runs)
            except RuntimeFailure as failure:
                if failure.outcome == "hung":
                    raise LimitError(
                        f"{_named(operator)} does not finish: {failure.reason}", hint="--time-limit, fewer --runs"
                    ) from failure
                self._notes.setdefault(operator, f"the {self.kernels} kernels do not run it alone: {failure.reason}")
            else:
                if kernels != self.kernels:
                    self._notes[operator] = "by the builtin kernels: the default ones do not run it alone"
                self._least[operator] = min(seconds, self._least.get(operator, seconds))
                return results
        return None

    def _clock(
        self, operator: Operator, piece: Model, given: list[Array], kernels: Kernels, runs: int
    ) -> tuple[float, Sequence[Array]]:
        source = self.runtime.source(piece)
        header, arrays = self.runtime.loading(source, kernels)
        try:
            request = {"do": "time", "runs": runs, **header}
            answer = self.runtime.ask(_named(operator), kernels, request, [*arrays, *given])
        finally:
            if not isinstance(source, bytes):
                source.unlink(missing_ok=True)
        return answer.header["seconds"], answer.arrays

    def _computed(self, part: list[Operator], values: dict[Tensor, Array]) -> list[Array] | None:
        """What the reference kernel of a part's last operator gives, where there is one that runs."""
        *unpacking, operator = part
        call = self.calls.get(operator.name)
        if call is None:
            return None
        try:
            if unpacking:
                made = [tensor for each in unpacking for tensor in each.outputs]
                piece = extract(unpacking, (), made, self.model)
                values.update(zip(made, self._clock(operator, piece, [], "builtin", 1)[1], strict=True))
            Computed(operator, call, _named(operator), self.kernels).run(values)
        except (ModelError, RuntimeFailure):
            return None
        return [values[tensor] for tensor in operator.outputs]

    def _value(self, tensor: Tensor) -> Array:
        if tensor not in self._values:
            (made,) = make_inputs([slot(tensor)], SEED)
            self._values[tensor] = np.asarray(made)
        return self._values[tensor]


def _part(operator: Operator) -> list[Operator]:
    """An operator with those before it that do no more than unpack a constant for it.

    Kernels take constants that they do not take as inputs, and the runtime unpacks such a one only once.
    """
    unpacking: list[Operator] = []
    open_ends = [operator]
    while open_ends:
        for tensor in open_ends.pop().inputs:
            producer = tensor.producer if tensor is not None else None
            if producer is not None and producer not in unpacking and _unpacks(producer):
                unpacking.append(producer)
                open_ends.append(producer)
    return [*sorted(unpacking, key=lambda each: each.index), operator]


def _unpacks(operator: Operator) -> bool:
    """Whether it unpacks a constant, or what another one has unpacked of one."""
    if operator.name not in _UNPACKING:
        return False
    (tensor,) = operator.inputs
    if tensor is None or tensor.is_constant:
        return tensor is not None
    return tensor.producer is not None and _unpacks(tensor.producer)


def _named(operator: Operator) -> str:
    at = f" at {operator.outputs[0].name!r}" if operator.outputs else ""
    return f"operator {operator.index}, {operator.name}{at}"

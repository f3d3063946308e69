"""Models that no interpreter runs whole: custom operators by their reference kernels, the rest by the interpreter.

The region is cut at such operators, in the order in which its operators run. Each run of operators between two cuts
becomes a model of its own; the values of the tensors that cross a cut are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from attrs import define, evolve, field, frozen

from rewriter.errors import ModelError
from rewriter.verify.arrays import constant, numpy_dtype
from rewriter.verify.kernels import has_private_form, is_private_form_seen
from rewriter.verify.protocol import Array
from rewriter.verify.region import Region
from rewriter.verify.runtime import Kernels, Program, Runtime, RuntimeFailure

if TYPE_CHECKING:
    from rewriter.model import Model, Operator, Tensor
    from rewriter.verify.compare import Comparison

KernelCall = Callable[["Operator", list[Array | None]], Sequence[Array]]
"""A reference kernel: given the operator and its operands in the file's order, it returns the results."""

# A kernel is somebody else's function: these are what such a function raises when it is at fault.
_KERNEL_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    TypeError,
    ValueError,
)

Values = dict["Tensor", Array]


class Step(Protocol):
    """One step of an execution: reads values, adds values."""

    def run(self, values: Values) -> None:
        """Take what it reads from `values`, and add what it computes."""
        ...

    def close(self) -> None:
        """Forget what was loaded for it."""
        ...


@frozen(eq=False)
class Piece:
    """Operators that the interpreter runs, as one program."""

    program: Program
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def run(self, values: Values) -> None:
        """Run the program."""
        results = self.program.run([values[tensor] for tensor in self.inputs])
        values.update(zip(self.outputs, results, strict=True))

    def close(self) -> None:
        """Forget the program."""
        self.program.close()


@frozen(eq=False)
class Computed:
    """A custom operator that its reference kernel computes."""

    operator: Operator
    call: KernelCall
    side: str
    kernels: Kernels

    def run(self, values: Values) -> None:
        """Call the kernel."""
        operator = self.operator
        operands = [None if each is None else _value(each, values) for each in operator.inputs]
        try:
            results = [np.asarray(result) for result in self.call(operator, operands)]
        except _KERNEL_ERRORS as error:
            raise self._failure(f"failed: {type(error).__name__}: {error}") from error
        if len(results) != len(operator.outputs):
            raise self._failure(f"gave {len(results)} results, the operator has {len(operator.outputs)}")
        for tensor, result in zip(operator.outputs, results, strict=True):
            if result.dtype != numpy_dtype(tensor.dtype):
                raise self._failure(f"gave {result.dtype} for {tensor.name!r}, which is {tensor.dtype}")
            values[tensor] = result

    def close(self) -> None:
        """Nothing was loaded."""

    def _failure(self, what: str) -> RuntimeFailure:
        at = self.operator.outputs[0].name
        reason = f"the reference kernel of {self.operator.name} at {at!r} {what}"
        return RuntimeFailure(self.side, self.kernels, "refused", reason)


@frozen(eq=False)
class Execution:
    """A region that is ready to run under one kernel set. `Executor` makes it.

    Attributes:
        whole: Whether the interpreter runs it as it stands, without any reference kernel.
        declared: Loads it with reference kernels, where the runtime's own ran operators that it may run in its own way.
    """

    side: str
    kernels: Kernels
    whole: bool
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    steps: tuple[Step, ...]
    declared: Callable[[], tuple[Step, ...]] | None = None

    def judged(
        self,
        inputs: Sequence[Array],
        expected: Sequence[Array],
        compared: Callable[[Sequence[Array]], list[Comparison]],
    ) -> list[Comparison]:
        """Compare something with what a run gave, and where that differs, with what it means by its declarations.

        Args:
            inputs: Those of the run.
            expected: What it gave.
            compared: Compares with results of this.
        """
        found = compared(expected)
        meant = None if all(each.equal for each in found) else self.meant(inputs)
        if meant is None:
            return found
        by_meaning = compared(meant)
        return by_meaning if all(each.equal for each in by_meaning) else found

    def meant(self, inputs: Sequence[Array]) -> list[Array] | None:
        """What it means by its declarations, where the runtime may have computed something else; None otherwise.

        A runtime that keeps tensors in a form of its own need not decide like the declared kernels: of several largest
        elements, XNNPACK's MaxPoolingWithArgmax2D takes another one than MediaPipe's.
        """
        if self.declared is None:
            return None
        try:
            with Execution(self.side, self.kernels, False, self.inputs, self.outputs, self.declared()) as execution:
                return execution.run(inputs)
        except RuntimeFailure:
            return None

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once: one array for each of the region's inputs gives one for each of its outputs.

        Raises:
            RuntimeFailure: The runtime, or a reference kernel, does not run it.
        """
        values: Values = dict(zip(self.inputs, inputs, strict=True))
        for step in self.steps:
            step.run(values)
        return [_value(tensor, values) for tensor in self.outputs]

    def close(self) -> None:
        """Forget what was loaded for it."""
        for step in self.steps:
            step.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@define(eq=False)
class Executor:
    """Loads models and regions, with the reference kernels that there are.

    Attributes:
        runtime: Where interpreters run.
        calls: Reference kernels, by the operator's name as a pattern writes it: ``CUSTOM[Foo]``.
        prefer_calls: Whether they go before kernels that the runtime may have for such an operator.
    """

    runtime: Runtime
    calls: Mapping[str, KernelCall]
    prefer_calls: bool = False
    _sources: dict[Model, bytes | Path] = field(factory=dict["Model", "bytes | Path"], init=False)

    @classmethod
    def judging(cls, runtime: Runtime, calls: Mapping[str, KernelCall], before: Model) -> Self:
        """The executor for a model and what has come of it.

        A private form that anything else sees in the model before is the declarations' form, whatever the runtime does.
        """
        return cls(runtime, calls, is_private_form_seen(before, calls))

    def model(self, model: Model, kernels: Kernels, side: str, *, entry: int = 0) -> Execution:
        """Load a whole model, as the file that it is; or one that has another of its subgraphs as the main one.

        Raises:
            RuntimeFailure: Neither the interpreter nor the interpreter with reference kernels takes it.
        """
        main = model.subgraphs[entry]
        region = Region(model, tuple(main.operators), tuple(main.inputs), tuple(main.outputs))
        if entry:
            return self.region(region, kernels, side)
        source = self._source(model)
        return self._load(region, kernels, side, lambda: self.runtime.load(source, kernels, side=side), bodies=True)

    def _source(self, model: Model) -> bytes | Path:
        """What the model is loaded from: the file that it stands in, or else what the runtime makes of it, once."""
        if model not in self._sources:
            path = Path(model.binary.name) if model.binary is not None and not model.modified else None
            self._sources[model] = path if path is not None and path.is_file() else self.runtime.source(model)
        return self._sources[model]

    def region(self, region: Region, kernels: Kernels, side: str) -> Execution:
        """Load a region as a model of its own.

        Raises:
            RuntimeFailure: As for `model`.
        """
        if not region.operators:
            return Execution(side, kernels, True, region.inputs, region.outputs, ())
        inputs, outputs = _crossing(region, region.operators, ())

        def load() -> Program:
            return self._program(region.model, region.operators, inputs, outputs, kernels, side)

        whole = Region(region.model, region.operators, inputs, outputs)
        execution = self._load(whole, kernels, side, load, bodies=False)
        return evolve(execution, inputs=region.inputs, outputs=region.outputs)

    def _load(
        self, region: Region, kernels: Kernels, side: str, load: Callable[[], Program], *, bodies: bool
    ) -> Execution:
        computed = any(operator.name in self.calls for operator in region.operators)
        try:
            # The default kernels may well know a custom operator (XNNPACK knows some of MediaPipe's). It is what users
            # will run, so it goes first, and our kernels only stand in where it refuses.
            if not computed or (kernels == "default" and not self.prefer_calls):
                try:
                    piece = Piece(load(), region.inputs, region.outputs)
                except RuntimeFailure as failure:
                    if failure.outcome != "refused" or not computed:
                        raise
                else:
                    declared = partial(self._declared_steps, region, kernels, side)
                    own_way = has_private_form(region.operators, self.calls)
                    return Execution(
                        side, kernels, True, region.inputs, region.outputs, (piece,), declared if own_way else None
                    )
            steps = tuple(self._steps(region, kernels, side))
        except RuntimeFailure as failure:
            raise self._explained(failure, region, bodies=bodies) from failure
        return Execution(side, kernels, False, region.inputs, region.outputs, steps)

    def _declared_steps(self, region: Region, kernels: Kernels, side: str) -> tuple[Step, ...]:
        return tuple(self._steps(region, kernels, side))

    def _steps(self, region: Region, kernels: Kernels, side: str) -> list[Step]:
        steps: list[Step] = []
        try:
            for run in _runs(region.operators, self.calls):
                first = run[0]
                if first.name in self.calls:
                    steps.append(Computed(first, self.calls[first.name], side, kernels))
                    continue
                after = region.operators[region.operators.index(run[-1]) + 1 :]
                inputs, outputs = _crossing(region, run, after)
                program = self._program(region.model, run, inputs, outputs, kernels, side)
                steps.append(Piece(program, inputs, outputs))
        except RuntimeFailure:
            for step in steps:
                step.close()
            raise
        return steps

    def _program(
        self,
        model: Model,
        operators: Sequence[Operator],
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        kernels: Kernels,
        side: str,
    ) -> Program:
        from rewriter.model import extract

        try:
            piece = extract(operators, inputs, outputs, model)
            return self.runtime.load(piece, kernels, side=side)
        except ModelError as error:
            reason = f"a part of it cannot stand as a model of its own: {error.message}"
            raise RuntimeFailure(side, kernels, "refused", reason) from error

    def _explained(self, failure: RuntimeFailure, region: Region, *, bodies: bool) -> RuntimeFailure:
        """Say more where a refusal comes from custom operators that our kernels cannot reach, or do not cover."""
        inside = _bodies(region.model, self.calls) if bodies else []
        if inside:
            reason = (
                f"{failure.reason} ({', '.join(inside)} inside the body of a control-flow operator "
                "cannot be computed by a reference kernel)"
            )
            return RuntimeFailure(failure.side, failure.kernels, failure.outcome, reason)
        return failure


def _bodies(model: Model, calls: Mapping[str, KernelCall]) -> list[str]:
    names = (operator.name for body in model.subgraphs[1:] for operator in body.operators)
    return sorted({name for name in names if name in calls})


def _runs(operators: Sequence[Operator], calls: Mapping[str, KernelCall]) -> list[list[Operator]]:
    """Operators in their order, in runs: each computed one alone, and those between two of them together."""
    runs: list[list[Operator]] = []
    joined = False
    for operator in operators:
        computed = operator.name in calls
        if joined and not computed:
            runs[-1].append(operator)
        else:
            runs.append([operator])
        joined = not computed
    return runs


def _crossing(
    region: Region, run: Sequence[Operator], after: Sequence[Operator]
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """What `run` reads of the region's values, and what of its results the region or the operators `after` it need."""
    made = dict.fromkeys(tensor for operator in run for tensor in operator.outputs)
    given = set(region.inputs)
    # What is given goes before what the file holds: a region may be asked what becomes of another constant.
    read = dict.fromkeys(
        tensor
        for operator in run
        for tensor in operator.inputs
        if tensor is not None
        and tensor not in made
        and (tensor in given or not tensor.is_constant)
        and not tensor.is_variable
    )
    needed = set(region.outputs) | {tensor for operator in after for tensor in operator.inputs if tensor is not None}
    # Where an operator has several results, all that are not read here stay wanted, as they are by whoever reads them
    # elsewhere or did so before: XNNPACK crashes on a MaxPoolingWithArgmax2D whose indices nobody takes.
    read_here = {tensor for operator in run for tensor in operator.inputs}
    several = (operator.outputs for operator in run if len(operator.outputs) > 1)
    needed |= {tensor for outputs in several for tensor in outputs if tensor.consumers or tensor not in read_here}
    return tuple(read), tuple(tensor for tensor in made if tensor in needed and tensor not in given)


def _value(tensor: Tensor, values: Values) -> Array:
    found = values.get(tensor)
    return constant(tensor) if found is None else found

"""Time per operator, as the runtime's own profiler measures it, and by single operators where it cannot."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from rewriter.errors import ModelError
from rewriter.verify.inputs import make_inputs, slot
from rewriter.verify.profile_pieces import SEED, Pieces
from rewriter.verify.profile_result import KernelTime, OperatorTime, Profile
from rewriter.verify.runtime import Runtime, RuntimeFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rewriter.model import Model, Operator, Subgraph
    from rewriter.verify.hybrid import KernelCall
    from rewriter.verify.protocol import Array
    from rewriter.verify.runtime import Kernels

COMMAND = (sys.executable, "-m", "rewriter.verify.profile_child")
_SIDES = ("before", "after")
_OPERATOR, _KERNEL = 2, (4, 8)
"""Kinds of the profiler's events: an operator of the model, and a kernel of a delegate."""
_WHOLE = "Invoke"
_PLAIN = 1
_MICRO = 1e-6
# Of the runs of a single operator, in each round: rounds let noise hit both models alike.
_ROUNDS = 2


def profile_models(
    models: Sequence[Model],
    *,
    kernels: Kernels = "default",
    runs: int = 20,
    threads: int = 1,
    calls: Mapping[str, KernelCall] | None = None,
    time_limit: float = 120.0,
    progress: Callable[[int, int, str], None] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> list[Profile]:
    """Time the operators of a model, or of two models whose runs alternate so that noise hits both.

    All are measured in the same way: by the runtime's profiler where it can profile each of them, or else each operator
    as a model of its own.

    Args:
        models: One model, or a model and what became of it.
        kernels: Which of the runtime's kernels. Under the default ones a delegate takes operators over; its own kernels
            are timed then, and not what operators they stand for.
        runs: How many runs to take the least of; one more goes before them.
        threads: How many threads the kernels may use.
        calls: Reference kernels of custom operators, by operator name: they give the operators behind them true values.
        time_limit: Seconds for one run of a model, or all runs of an operator.
        progress: Called with steps done, steps in all, and what is being done.
        command: What to start instead of the child program, for tests.

    Returns:
        A profile of each.

    Raises:
        LimitError: An operator does not finish.
        ModelError: There is nothing to run, or nothing that could be timed.
    """
    sides = _SIDES if len(models) > 1 else ("the model",)
    with ExitStack() as stack:
        watched = [
            _Watched(model, side, kernels, stack.enter_context(Runtime(time_limit, threads, command)))
            for model, side in zip(models, sides, strict=True)
        ]
        step = _counting(progress, runs)
        try:
            for each in watched:
                each.load()
            for _ in range(runs):
                for each in watched:
                    each.run()
                step("the whole model")
            return [each.profile(runs, threads) for each in watched]
        except RuntimeFailure as failure:
            reason = str(failure) if len(models) > 1 else str(failure).removeprefix(f"{failure.side}: ")
        step = _counting(progress, _ROUNDS)
        pieces = [Pieces(each.model, each.entry, each.runtime, kernels, calls or {}, each.inputs) for each in watched]
        for number in range(_ROUNDS):
            for each in pieces:
                each.run(max(1, (runs + number) // _ROUNDS))
            step("one operator after the other")
        found = [Profile("one-operator models", reason, kernels, threads, runs, each.times()) for each in pieces]
    for side, each in zip(sides, found, strict=True):
        if each.operators and not any(operator.seconds is not None for operator in each.operators):
            first = next((operator.note for operator in each.operators if operator.note), reason)
            raise ModelError(f"no operator of {side} could be timed: {first}", hint=_hint(kernels))
    return found


@define(eq=False)
class _Watched:
    """A model that runs under the profiler, and the least times so far."""

    model: Model
    side: str
    kernels: Kernels
    runtime: Runtime
    entry: Subgraph = field(init=False)
    signature: int = field(init=False)
    inputs: list[Array] = field(init=False)
    _times: dict[tuple[int, int], int] = field(factory=dict[tuple[int, int], int], init=False)
    _kernels: list[tuple[str, int]] | None = field(default=None, init=False)
    _whole: int | None = field(default=None, init=False)
    _listed: dict[int, list[Operator]] = field(factory=dict[int, list["Operator"]], init=False)

    def __attrs_post_init__(self) -> None:
        self.entry, self.signature = _entry(self.model, self.side)
        try:
            self.inputs = make_inputs([slot(tensor) for tensor in self.entry.inputs], SEED)
        except ValueError as error:
            raise ModelError(f"no inputs can be made for {self.side}: {error}") from None

    def load(self) -> None:
        """Load the model under the profiler, and run it once.

        Raises:
            RuntimeFailure: The runtime does not, or falls over it.
        """
        model = self.model
        unchanged = Path(model.binary.name) if model.binary is not None and not model.modified else None
        source = unchanged if unchanged is not None and unchanged.is_file() else self.runtime.source(model)
        header, arrays = self.runtime.loading(source.absolute() if isinstance(source, Path) else source, self.kernels)
        tensors = [tensor.index for tensor in self.entry.inputs]
        self._ask({"do": "load", "signature": self.signature, "inputs": tensors, **header}, [*arrays, *self.inputs])

    def run(self) -> None:
        """Run the model once and keep what was faster than before.

        Raises:
            RuntimeFailure: The runtime falls over it, or its events are not those of this model's operators.
        """
        times: dict[tuple[int, int], int] = {}
        kernels: list[tuple[str, int]] = []
        whole: list[int] = []
        for tag, kind, elapsed, first, second in self._ask({"do": "run"}):
            if kind == _OPERATOR:
                operator = self._operator(second, first)
                if operator is None or tag != (operator.code.custom_code or operator.name):
                    raise self._failure(f"it runs {tag} as operator {first} of subgraph {second}, which is another one")
                # One that is inside a loop runs more than once.
                times[second, first] = times.get((second, first), 0) + elapsed
            elif kind in _KERNEL:
                kernels.append((tag, elapsed))
            elif kind == _PLAIN and tag == _WHOLE:
                whole.append(elapsed)
        if not times and not kernels and self.entry.operators:
            raise self._failure("its profiler reports no operator")
        for key, elapsed in times.items():
            self._times[key] = min(elapsed, self._times.get(key, elapsed))
        if self._kernels is None:
            self._kernels = kernels
        elif [name for name, _ in kernels] != [name for name, _ in self._kernels]:
            raise self._failure("the delegate ran other kernels than the time before")
        else:
            pairs = zip(kernels, self._kernels, strict=True)
            self._kernels = [(name, min(one, other)) for (name, one), (_, other) in pairs]
        if whole:
            # Bodies of loops are invoked, too: the longest is the model.
            self._whole = min(max(whole), max(whole) if self._whole is None else self._whole)

    def profile(self, runs: int, threads: int) -> Profile:
        """What was measured."""
        kernels = self._kernels or []
        operators = [
            self._time(subgraph, operator, delegate=bool(kernels))
            for subgraph in self.model.subgraphs
            for operator in subgraph.operators
        ]
        delegate = tuple(KernelTime(place, name, least * _MICRO) for place, (name, least) in enumerate(kernels))
        whole = None if self._whole is None else self._whole * _MICRO
        return Profile("runtime", None, self.kernels, threads, runs, tuple(operators), delegate, whole)

    def _time(self, subgraph: Subgraph, operator: Operator, *, delegate: bool) -> OperatorTime:
        nested = subgraph is not self.entry
        least = self._times.get((subgraph.index, operator.index))
        if least is not None:
            return OperatorTime(subgraph.index, operator, least * _MICRO, nested=nested)
        if delegate and not nested:
            return OperatorTime(subgraph.index, operator, None, delegated=True)
        note = "the runtime did not run it by itself"
        return OperatorTime(subgraph.index, operator, None, note=note, nested=nested)

    def _operator(self, subgraph: int, index: int) -> Operator | None:
        if subgraph >= len(self.model.subgraphs):
            return None
        if subgraph not in self._listed:
            self._listed[subgraph] = list(self.model.subgraphs[subgraph].operators)
        operators = self._listed[subgraph]
        return operators[index] if index < len(operators) else None

    def _ask(self, header: dict[str, Any], arrays: Sequence[Array] = ()) -> list[tuple[str, int, int, int, int]]:
        answer = self.runtime.ask(self.side, self.kernels, {"program": 1, **header}, arrays)
        return answer.header.get("events", [])

    def _failure(self, what: str) -> RuntimeFailure:
        return RuntimeFailure(
            self.side, self.kernels, "refused", f"what it runs are not the model's own operators: {what}"
        )


def _entry(model: Model, side: str) -> tuple[Subgraph, int]:
    """The subgraph to run and the signature that leads to it: the main one where a signature does, else the first."""
    if not model.subgraphs:
        raise ModelError(f"{side} has no subgraph: there is nothing to run")
    for number, signature in enumerate(model.signatures):
        if signature.subgraph is model.subgraphs[0]:
            return signature.subgraph, number
    return (model.signatures[0].subgraph if model.signatures else model.subgraphs[0]), 0


def _counting(progress: Callable[[int, int, str], None] | None, total: int) -> Callable[[str], None]:
    done = iter(range(1, total + 1))
    return partial(_step, progress, done, total)


def _step(progress: Callable[[int, int, str], None] | None, done: Any, total: int, what: str) -> None:
    if progress is not None:
        progress(next(done), total, what)


def _hint(kernels: Kernels) -> str:
    return "`rewriter apply` with a pack that rewrites its custom operators" + (
        "; --kernels default" if kernels != "default" else ""
    )

"""What a profile says: how long each operator took, and how that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from rewriter.model import Operator, Tensor
    from rewriter.verify.runtime import Kernels

Measured = Literal["runtime", "one-operator models"]
"""By the profiler of the runtime that runs the model, or by running each operator alone."""


@frozen(eq=False)
class OperatorTime:
    """How long an operator took.

    Attributes:
        subgraph: The subgraph that it stands in.
        operator: The operator.
        seconds: The least of all runs; 0.0 where it was less than the clock can tell, None where there is no time.
        delegated: Whether it has none because a delegate runs it, as part of its own kernels.
        note: Why there is no time otherwise, or what is special about it.
        nested: Whether its time is part of that of a control-flow operator.
    """

    subgraph: int
    operator: Operator
    seconds: float | None
    delegated: bool = False
    note: str | None = None
    nested: bool = False

    @property
    def kind(self) -> str:
        """The operator's name."""
        return self.operator.name

    @property
    def result(self) -> Tensor | None:
        """Its first result."""
        return self.operator.outputs[0] if self.operator.outputs else None


@frozen
class KernelTime:
    """How long a kernel of the delegate took. Which operators it does the work of, the runtime does not tell.

    Attributes:
        place: Which it is, in the order in which they run.
        kernel: The delegate's own name for it.
        seconds: The least of all runs.
    """

    place: int
    kernel: str
    seconds: float


@frozen
class KindTime:
    """All operators, or all kernels of the delegate, of one name.

    Attributes:
        kind: The name.
        delegate: Whether it is that of a kernel of the delegate.
        count: How many have a time.
        seconds: How long they took together.
    """

    kind: str
    delegate: bool
    count: int
    seconds: float


@frozen(eq=False)
class Profile:
    """How long the operators of a model take.

    Attributes:
        measured: How.
        reason: Why not by the runtime, where it was not.
        kernels: Which of the runtime's kernels.
        threads: How many threads they could use.
        runs: How many runs the times are the least of.
        operators: Every operator of the model once, in the file's order.
        delegate: The kernels of the delegate, in the order in which they run.
        whole: Seconds that the least run of the whole model took; None where it was never run as a whole.
    """

    measured: Measured
    reason: str | None
    kernels: Kernels
    threads: int
    runs: int
    operators: tuple[OperatorTime, ...]
    delegate: tuple[KernelTime, ...] = ()
    whole: float | None = None
    kinds: tuple[KindTime, ...] = field(init=False)

    @kinds.default  # pyright: ignore[reportUntypedFunctionDecorator, reportUnknownMemberType, reportAttributeAccessIssue]
    def _add_up(self) -> tuple[KindTime, ...]:
        found: dict[tuple[str, bool], tuple[int, float]] = {}
        parts = [(each.kind, False, each.seconds) for each in self.operators if not each.nested]
        parts += [(each.kernel, True, each.seconds) for each in self.delegate]
        for kind, delegate, seconds in parts:
            if seconds is not None:
                count, before = found.get((kind, delegate), (0, 0.0))
                found[kind, delegate] = (count + 1, before + seconds)
        made = [KindTime(kind, delegate, *rest) for (kind, delegate), rest in found.items()]
        return tuple(sorted(made, key=lambda each: (-each.seconds, each.kind)))

    @property
    def total(self) -> float:
        """Seconds of all operators and kernels together; those inside control flow count with that."""
        return sum(each.seconds for each in self.kinds)

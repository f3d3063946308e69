"""What the runtime's default delegate takes of a model, as the runtime itself has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from rewriter.model import Model
    from rewriter.verify.runtime import Runtime

DELEGATE = "DELEGATE"


@frozen
class Delegated:
    """How the runtime cut the first subgraph.

    Attributes:
        partitions: How many there are.
        outside: The operators that an output depends on and that run outside the partitions, by index.
    """

    partitions: int
    outside: tuple[int, ...]


def delegated(runtime: Runtime, model: Model | bytes | Path) -> Delegated:
    """Have the runtime prepare a model with its default kernels, and read what it is going to run.

    The runtime lists the model's operators, those too whose work the delegate does; so it is asked backwards, from the
    outputs, what computes each tensor, and where a delegate does, that counts.

    Raises:
        RuntimeFailure: The runtime refuses the model, or falls over it.
    """
    operators, outputs = runtime.plan(model, "default")
    computed_by = {tensor: place for place, (_, _, results) in enumerate(operators) for tensor in results}
    waiting = [computed_by[tensor] for tensor in outputs if tensor in computed_by]
    seen: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += [computed_by[tensor] for tensor in operators[place][1] if tensor in computed_by]
    made = sum(1 for name, _, _ in operators if name == DELEGATE)
    outside = tuple(sorted(place for place in seen if operators[place][0] != DELEGATE))
    return Delegated(made, outside)

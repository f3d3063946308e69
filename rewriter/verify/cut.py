"""Operators that a rule cut off behind a model's outputs, and how the old outputs come back from the new ones.

A rule that drops outputs leaves those from which its left side computes them. Before anything is compared, the left
side is applied to the new outputs: it is the conversion from the new interface to the old one.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from attrs import define, frozen

from rewriter.verify.arrays import convert

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rewriter.model import Tensor
    from rewriter.verify.hybrid import Execution, Executor
    from rewriter.verify.protocol import Array
    from rewriter.verify.region import Region
    from rewriter.verify.runtime import Kernels


@frozen(eq=False)
class Cut:
    """What one application of a rule cut off.

    Attributes:
        region: The operators that went. They read some of the new outputs, and compute the old ones.
        before: The subgraph's outputs before.
        after: Those after it, as tensors of that time: a later rule may have put others in their places.
    """

    region: Region
    before: tuple[Tensor, ...]
    after: tuple[Tensor, ...]


@define(eq=False)
class Restoration:
    """Computes the outputs that a model had before operators were cut off, from those that it has now.

    Attributes:
        cuts: The last one first, each with what runs it.
    """

    cuts: Sequence[tuple[Cut, Execution]] = ()

    @classmethod
    @contextmanager
    def of(cls, cuts: Sequence[Cut], executor: Executor, kernels: Kernels) -> Generator[Restoration]:
        """Load what was cut off, in the order in which it was.

        Raises:
            RuntimeFailure: It does not run.
        """
        with ExitStack() as stack:
            loaded = [
                (cut, stack.enter_context(executor.region(cut.region, kernels, "what was cut off")))
                for cut in reversed(cuts)
            ]
            yield cls(loaded)

    def __call__(self, outputs: Sequence[Tensor], values: Sequence[Array]) -> tuple[Sequence[Tensor], Sequence[Array]]:
        """Go back to the outputs of the time before the first cut.

        Args:
            outputs: The outputs as they are now.
            values: Their values, one for each.

        Returns:
            The outputs of that time, and their values.

        Raises:
            RuntimeFailure: What was cut off does not run on them.
        """
        for cut, execution in self.cuts:
            known = {
                then: convert(value, now, then) for now, then, value in zip(outputs, cut.after, values, strict=True)
            }
            results = execution.run([known[tensor] for tensor in cut.region.inputs])
            known.update(zip(cut.region.outputs, results, strict=True))
            outputs, values = cut.before, [known[tensor] for tensor in cut.before]
        return outputs, values

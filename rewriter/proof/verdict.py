"""What the property tests of a rule came to, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from rewriter.verify.compare import Comparison
    from rewriter.verify.protocol import Array
    from rewriter.verify.runtime import Kernels

Status = Literal["passed", "refuted", "no instance"]
Shown = Literal["claimed", "tested", "identity", "all values"]

STRENGTH: tuple[Shown, ...] = ("claimed", "tested", "identity", "all values")
"""What can have been shown of a rule, from the weakest on."""


@frozen
class Badge:
    """What was shown of a rule.

    Attributes:
        shown: `claimed`: nothing yet. `tested`: both sides agree on examples. `identity`: and they are the same
            expression in exact arithmetic, so that only rounding can tell them apart. `all values`: every value that
            the operands can have was tried.
        examples: How many examples agree.
    """

    shown: Shown = "claimed"
    examples: int = 0

    def __str__(self) -> str:
        return f"tested ({self.examples})" if self.shown == "tested" else self.shown

    def covers(self, wanted: Shown) -> bool:
        """Whether this much, or more, was shown."""
        return STRENGTH.index(self.shown) >= STRENGTH.index(wanted)


@frozen(eq=False)
class Counterexample:
    """A model on which a rule's two sides differ.

    Attributes:
        before: The model in which the pattern occurs, as the bytes of a file.
        after: What the rule made of it; None where it could not be made or written.
        inputs: One array for each input of `before`, in its order.
        reason: What is wrong, in one sentence.
        kernels: Under which of the runtime's kernels; None where they have no part in it.
        output: The name of the output that differs; None where it is not a matter of figures.
        left, right: That output's value by the model before and after.
        comparison: How they compare; its `index` is the first element that differs.
        model, replaced: The models as text, a line for each operator and tensor.
        condition: A condition that would exclude it, as `where` would say it, if one could be guessed.
    """

    before: bytes
    after: bytes | None
    inputs: tuple[Array, ...]
    reason: str
    kernels: Kernels | None = None
    output: str | None = None
    left: Array | None = None
    right: Array | None = None
    comparison: Comparison | None = None
    model: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    condition: str | None = None


@frozen(eq=False)
class Verdict:
    """What came out for one rule.

    Attributes:
        rule: Its qualified name, `pack.rule`.
        status: `no instance` where no model could be made in which the pattern occurs and that some runtime runs.
        examples: How many instances were run, both sides, and agreed.
        badge: What that shows.
        seed: With it, the same examples come again.
        seconds: How long it took.
        counterexample: Where refuted.
        reason: Where there is no instance: what stood in the way.
        notes: What a reader should know besides: kernels that refused, crashes that were survived, forms of the
            pattern of which no instance was found.
    """

    rule: str
    status: Status
    examples: int = 0
    badge: Badge = field(factory=Badge)
    seed: int = 0
    seconds: float = 0.0
    counterexample: Counterexample | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()

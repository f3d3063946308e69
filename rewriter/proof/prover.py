"""Shows of a rule that its two sides agree, or finds a model on which they do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration
    from rewriter.language.rules import Rule
    from rewriter.proof.profile import Profile
    from rewriter.proof.regressions import Regressions
    from rewriter.proof.verdict import Verdict


class Prover:
    """Stands in for the prover until that is there."""

    def __init__(
        self,
        profile: Profile,
        *,
        seed: int = 0,
        examples: int | None = None,
        declarations: Mapping[str, Declaration],
        regressions: Regressions | None = None,
        generators: Mapping[str, Any],
    ) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """End the runtime."""

    def prove(self, rule: Rule, progress: Callable[[int, int, str], None] | None = None) -> Verdict:
        """Test one rule."""
        raise NotImplementedError

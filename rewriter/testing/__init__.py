"""What authors of rules use in their own tests.

    from rewriter.testing import check_rules

    def test_my_rules():
        check_rules("my_pack")

Names are loaded when they are first asked for: the pytest plugin lives in this package, and must cost nothing where
nobody uses it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.packs import values_for
    from rewriter.proof.profile import PROFILES, Profile
    from rewriter.proof.prover import Prover
    from rewriter.proof.regressions import Regressions
    from rewriter.proof.verdict import Badge, Counterexample, Verdict
    from rewriter.testing.check import check_rules

__all__ = [
    "PROFILES",
    "Badge",
    "Counterexample",
    "Profile",
    "Prover",
    "Regressions",
    "Verdict",
    "check_rules",
    "values_for",
]

_HOMES = {
    **dict.fromkeys(("PROFILES", "Profile"), "proof.profile"),
    **dict.fromkeys(("Badge", "Counterexample", "Verdict"), "proof.verdict"),
    "Prover": "proof.prover",
    "Regressions": "proof.regressions",
    "check_rules": "testing.check",
    "values_for": "packs",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"rewriter.{home}"), name)


def __dir__() -> list[str]:
    return __all__

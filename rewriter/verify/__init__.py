"""The check: models run before and after, in a runtime at arm's length, and compared output by output.

Names are loaded when they are first asked for: what is behind them needs NumPy, which a run without a check does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.verify.applications import places_of
    from rewriter.verify.check import check_model
    from rewriter.verify.evaluator import RuntimeEvaluator
    from rewriter.verify.kernels import kernel_calls
    from rewriter.verify.place import Place, place_between
    from rewriter.verify.profile import profile_models
    from rewriter.verify.region import Region, region_between
    from rewriter.verify.replay import Replay
    from rewriter.verify.result import Blame, CheckResult, VerifyResult
    from rewriter.verify.runtime import Runtime, RuntimeFailure
    from rewriter.verify.verify import verify_models

_HOMES = {
    "check_model": "check",
    "kernel_calls": "kernels",
    "places_of": "applications",
    "Place": "place",
    "place_between": "place",
    "profile_models": "profile",
    "Region": "region",
    "region_between": "region",
    "Replay": "replay",
    "Blame": "result",
    "CheckResult": "result",
    "VerifyResult": "result",
    "Runtime": "runtime",
    "RuntimeEvaluator": "evaluator",
    "RuntimeFailure": "runtime",
    "verify_models": "verify",
}

__all__ = [
    "Blame",
    "CheckResult",
    "Place",
    "Region",
    "Replay",
    "Runtime",
    "RuntimeEvaluator",
    "RuntimeFailure",
    "VerifyResult",
    "check_model",
    "kernel_calls",
    "place_between",
    "places_of",
    "profile_models",
    "region_between",
    "verify_models",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

"""rewriter: rewrites TensorFlow Lite (LiteRT) models by declarative rules, and shows that the results stay unchanged.

    import rewriter

    result = rewriter.apply("in.tflite", packs=["mediapipe"], rules=["my.pat"])
    result.model.save("out.tflite")
    print(result.report)

Names are loaded when they are first asked for, so that a command which needs few of them starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.errors import (
        CheckError,
        CycleError,
        LanguageError,
        LimitError,
        ModelError,
        PackError,
        RewriterError,
        UsageError,
    )
    from rewriter.language.rules import Rule, RuleSet
    from rewriter.many import ManyResult, apply_many
    from rewriter.model import Model
    from rewriter.packs import function
    from rewriter.pipeline import Phase, Pipeline, read_pipeline
    from rewriter.run import Result, RunReport, apply, apply_bytes, load
    from rewriter.selection import compile_rules

__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("Result", "RunReport", "apply", "apply_bytes", "load"), "run"),
    "compile_rules": "selection",
    **dict.fromkeys(("ManyResult", "apply_many"), "many"),
    **dict.fromkeys(("Phase", "Pipeline", "read_pipeline"), "pipeline"),
    **dict.fromkeys(("Rule", "RuleSet"), "language.rules"),
    "Model": "model",
    "function": "packs",
    **dict.fromkeys(
        (
            "CheckError",
            "CycleError",
            "LanguageError",
            "LimitError",
            "ModelError",
            "PackError",
            "RewriterError",
            "UsageError",
        ),
        "errors",
    ),
}

__all__ = [
    "CheckError",
    "CycleError",
    "LanguageError",
    "LimitError",
    "ManyResult",
    "Model",
    "ModelError",
    "PackError",
    "Phase",
    "Pipeline",
    "Result",
    "RewriterError",
    "Rule",
    "RuleSet",
    "RunReport",
    "UsageError",
    "__version__",
    "apply",
    "apply_bytes",
    "apply_many",
    "compile_rules",
    "function",
    "load",
    "read_pipeline",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__

"""Model Explorer as a viewer: both graphs of a run, with the operators that rules touched.

    pip install ai-edge-model-explorer
    model-explorer --extensions=rewriter.integrations.model_explorer report.json

`report.json` is what `rewriter apply --report report.json` wrote. Given a `.tflite` file instead, the adapter shows
what the default packs would make of it. Nothing here imports Model Explorer; `main`, which it imports, does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rewriter
from rewriter.errors import UsageError


def read_report(path: str) -> dict[str, Any]:
    """The document of a report.

    Raises:
        UsageError: The file is no report.
    """
    hint = "rewriter apply in.tflite --report report.json"
    try:
        document: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint=hint) from None
    if not isinstance(document, dict) or not {"format", "program", "models"} <= document.keys():
        raise UsageError(f"{path}: is no report of rewriter", hint=hint)
    return document  # pyright: ignore[reportUnknownVariableType]


def preview(path: str) -> dict[str, Any]:
    """The document of what the default packs would make of a model, which is neither checked nor written."""
    return rewriter.apply(path, check="none").report.document()

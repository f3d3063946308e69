"""What a model's metadata tells of the rules that made it what it is: one line of JSON for each run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from rewriter.model.graph import Metadata

if TYPE_CHECKING:
    from rewriter.driver import Report
    from rewriter.model import Model

NAME = "rewriter"
"""The name of the metadata."""


def record(model: Model, pipeline: str, report: Report) -> None:
    """Note in a model what was done to it, if anything was.

    Args:
        model: The rewritten model; it is changed.
        pipeline: The SHA-256 of the pipeline that asked for it, in hex.
        report: What the rules did.
    """
    from rewriter import __version__

    if not report.applications:
        return
    line = json.dumps({"rewriter": __version__, "pipeline": pipeline, "rules": report.rules_applied()}) + "\n"
    before = [each for each in model.metadata if each.name == NAME]
    lines = [*(bytes(each.buffer.content(model.file)) for each in before), line.encode()]
    model.metadata = [each for each in model.metadata if each not in before]
    model.metadata.append(Metadata(NAME, model.new_buffer(b"".join(lines))))
    model.modified = True


def recorded(model: Model) -> list[dict[str, Any]]:
    """What earlier runs noted in a model, the first one first: `rewriter` (the version), `pipeline` and `rules`.

    What cannot be read as such a note is passed over.
    """
    found: list[dict[str, Any]] = []
    for each in model.metadata:
        if each.name != NAME:
            continue
        for line in bytes(each.buffer.content(model.file)).splitlines():
            try:
                entry: Any = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and isinstance(cast("dict[str, Any]", entry).get("rules"), dict):
                found.append(cast("dict[str, Any]", entry))
    return found

"""What a model's metadata tells of the rules that made it what it is: one line of JSON for each run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from rewriter.model.graph import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewriter.model import Model

NAME = "rewriter"
"""The name of the metadata."""


def record(model: Model, *, version: str, pipeline: str, rules: Mapping[str, int]) -> None:
    """Note in a model what was done to it.

    Args:
        model: The rewritten model; it is changed.
        version: The version of this program.
        pipeline: The SHA-256 of the pipeline that asked for it, in hex.
        rules: How often each rule fired.
    """
    line = json.dumps({"rewriter": version, "pipeline": pipeline, "rules": dict(rules)}) + "\n"
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

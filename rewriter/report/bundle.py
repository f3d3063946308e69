"""What was done to the models of a bundle, as one document."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


def merged(documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """One document for the models of a bundle, each named in what it contributed."""
    whole: dict[str, Any] = {
        "rules_applied": {},
        "applications": [],
        "operators": {"before": 0, "after": 0},
        "stop_reason": "fixed point",
        "misses": [],
        "not_used": [],
        "packs_left_out": [],
        "check": {"level": "", "status": "skipped", "outputs": [], "blamed": []},
        "seconds": {"read": 0.0, "match": 0.0, "write": 0.0, "check": 0.0},
    }
    for name, document in documents.items():
        for rule, count in document["rules_applied"].items():
            whole["rules_applied"][rule] = whole["rules_applied"].get(rule, 0) + count
        for part in ("applications", "misses"):
            whole[part] += [{"model": os.path.basename(name), **each} for each in document[part]]
        # Of the same rules, so the same for each model.
        whole["not_used"] = document["not_used"]
        whole["packs_left_out"] = document["packs_left_out"]
        for side in ("before", "after"):
            whole["operators"][side] += document["operators"][side]
        for step in whole["seconds"]:
            whole["seconds"][step] += document["seconds"][step]
        check = document["check"]
        whole["check"]["level"] = check["level"]
        for part in ("outputs", "blamed"):
            whole["check"][part] += [{"model": os.path.basename(name), **each} for each in check.get(part, ())]
    statuses = {document["check"]["status"] for document in documents.values()}
    whole["check"]["status"] = next(each for each in ("failed", "passed", "skipped") if each in statuses)
    return whole

"""A run over many models as one page: a table of all, and packed the graphs of those that rules changed."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from rewriter.report.many import folder_of, is_bad
from rewriter.report.pair import FORMAT, run_json

if TYPE_CHECKING:
    from rewriter.run import RunReport

MOST = 40_000_000
"""Bytes that all packed graphs of a page may take, so that a browser opens it. The largest are left out first."""

_SHOWN = ("input", "output", "result", "operators", "bytes", "rules_applied", "seconds")


@frozen
class Graphs:
    """What the page shows of one file when somebody opens it.

    Attributes:
        packed: What `run_json` gives for each of its models, as JSON, compressed. A browser unpacks it when it is asked
            for: a graph is ten to thirty times as long as what is left of it.
        rules: What is told of each rule that was applied.
    """

    packed: bytes
    rules: Sequence[Mapping[str, Any]]


def graphs_of(reports: Mapping[str, RunReport]) -> Graphs | None:
    """The graphs of a file's models.

    Args:
        reports: What a run said of each model, by its name in the bundle.

    Returns:
        None where no rule was applied, so that there is nothing to compare.
    """
    if not any(report.rewriting.applications for report in reports.values()):
        return None
    models = [run_json(name, report.models, report) for name, report in reports.items() if report.models is not None]
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    text = json.dumps(models, separators=(",", ":"), allow_nan=False).encode()
    rules = {rule["rule"]: rule for model in models for rule in model["rules"]}
    return Graphs(packing.compress(text) + packing.flush(), list(rules.values()))


def zoo_json(
    program: str, rows: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]
) -> dict[str, Any]:
    """What the page holds.

    Args:
        program: The version of this program.
        rows: What a run over many models gives, with `graphs` where these are to be shown.
        rules: What each rule did, over all models.
        summary: What the rows add up to.
    """
    told: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        told |= {rule["rule"]: rule for rule in (row["graphs"].rules if row.get("graphs") else ())}
    room = MOST
    kept: set[int] = set()
    for size, place in sorted(
        (len(row["graphs"].packed), place) for place, row in enumerate(rows) if row.get("graphs")
    ):
        room -= size
        if room >= 0:
            kept.add(place)
    return {
        "format": FORMAT,
        "program": program,
        "folder": folder_of([row["input"] for row in rows]) if rows else "",
        "bad": [result for result in summary["results"] if is_bad(result)],
        "rows": [_row(row, drawn=place in kept) for place, row in enumerate(rows)],
        "rules": [{**told.get(rule["rule"], {}), **rule} for rule in rules],
        "summary": dict(summary),
    }


def _row(row: Mapping[str, Any], *, drawn: bool) -> dict[str, Any]:
    """What the table shows, and what is shown of a row where its graphs are not."""
    shown = {name: row[name] for name in _SHOWN if name in row}
    error = row["error"]
    shown["error"] = None if error is None else {name: error[name] for name in ("message", "try")}
    if "check" in row:
        check = row["check"]
        worst = [output["max_rel"] for output in check.get("outputs", ())]
        shown["check"] = {
            **{name: check[name] for name in ("level", "status") if name in check},
            "outputs": len(worst),
            # JSON has no infinity: null stands for it, and is the worst.
            "max_rel": None if None in worst else max(worst, default=None),
        }
    graphs = row.get("graphs")
    if graphs is not None:
        shown["graphs"] = base64.b64encode(graphs.packed).decode() if drawn else ""
    return shown

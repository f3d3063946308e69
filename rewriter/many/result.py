"""What came of a run over many models."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from attrs import frozen

from rewriter import __version__
from rewriter.many.tasks import Row
from rewriter.report.file import check_report_name, is_page, write_json, write_page
from rewriter.report.zoo import zoo_json

_DONE = "rewritten"


@frozen
class ManyResult:
    """A row for each model, and what they add up to.

    Attributes:
        rows: In the order of the models; each is what the command's JSON document says of the model.
        seconds: Wall time.
        stopped: How many models there are no rows for, because somebody stopped the run.
    """

    rows: tuple[Row, ...]
    seconds: float = 0.0
    stopped: int = 0

    @property
    def exit_code(self) -> int:
        """The worst of all: 3 where a limit was reached, 2 where something was unreadable, 1 where a check failed."""
        return max((row["exit"] for row in self.rows), default=0)

    @property
    def results(self) -> dict[str, int]:
        """How many models there are of each result, the most frequent first."""
        return dict(Counter(row["result"] for row in self.rows).most_common())

    def rules(self) -> list[dict[str, Any]]:
        """What each rule did: `rule`, `models` and `places`; the one that was applied in most models first.

        Models that failed are not counted: what rules did in them was thrown away.
        """
        models: Counter[str] = Counter()
        places: Counter[str] = Counter()
        for row in self.rows:
            for rule, count in row.get("rules_applied", {}).items() if row["result"] == _DONE else ():
                models[rule] += 1
                places[rule] += count
        order = sorted(models, key=lambda rule: (-models[rule], -places[rule], rule))
        return [{"rule": rule, "models": models[rule], "places": places[rule]} for rule in order]

    def sums(self) -> dict[str, dict[str, int]]:
        """Operators and bytes before and after, of the models that were rewritten or that no rule matched."""
        sums = {"operators": {"before": 0, "after": 0}, "bytes": {"before": 0, "after": 0}}
        for row in self.rows:
            if "bytes" not in row:
                continue
            for part, sides in sums.items():
                for side in sides:
                    sides[side] += row[part][side]
        return sums

    def to_json(self) -> dict[str, Any]:
        """The document of a command with `--json` over many models."""
        rows = [{name: value for name, value in row.items() if name != "graphs"} for row in self.rows]
        rules = {"rules": self.rules()} if any("rules_applied" in row for row in self.rows) else {}
        return {"models": rows, **rules, "summary": self.summary()}

    def summary(self) -> dict[str, Any]:
        """What the rows add up to."""
        summary: dict[str, Any] = {"models": len(self.rows), "results": self.results, "seconds": round(self.seconds, 3)}
        if any("bytes" in row for row in self.rows):
            summary |= self.sums()
        if self.stopped:
            summary["not_done"] = self.stopped
        return summary

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a file: a page to look at where it ends in `.html`, `to_json` where in `.json`.

        A page draws the graphs of the models that rules changed if the run was asked for them.

        Args:
            path: Where to.

        Raises:
            UsageError: The file cannot be written, or ends in something else.
        """
        check_report_name(path)
        if is_page(path):
            write_page(path, zoo_json(__version__, self.rows, self.rules(), self.summary()))
        else:
            write_json(path, self.to_json())

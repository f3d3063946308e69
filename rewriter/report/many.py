"""What came of a run over many models, as tables and sentences for a person."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rewriter.report.words import number, size

if TYPE_CHECKING:
    from rewriter.many.result import ManyResult

GAP = 2
_LEAST = 16  # columns that a name keeps
_RULES = 20  # shown; the rest is counted
_ROWS = 40  # at a terminal; of more, those without news are counted
_NO_NEWS = ("unchanged", "equal")
_BAD = ("check failed", "different", "not compared", "error", "limit", "crashed")

Table = tuple[list[tuple[str, ...]], tuple[int, ...], tuple[int, ...]]
"""Rows of which the first is the heading; columns whose cells end together; columns to leave out, the first first."""


def is_bad(result: str) -> bool:
    """Whether a result is one that somebody has to look at."""
    return result in _BAD


def common_folder(result: ManyResult) -> str:
    """The folder that all models stand in, with the slash at its end; empty for one model, or where they share none."""
    return folder_of([row["input"] for row in result.rows]) if len(result.rows) > 1 else ""


def folder_of(names: Sequence[str]) -> str:
    """The folder that files stand in, of which there is at least one, with the slash at its end."""
    first, last = min(names), max(names)  # what these two have in common, all have
    alike = next((place for place, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first))
    return first[: max(first.rfind(each, 0, alike) for each in {"/", os.sep}) + 1]


def shown_rows(result: ManyResult, width: int | None, *, verbose: bool = False) -> tuple[list[int], str]:
    """Which rows a person is shown, by number, and a line on the others: at a terminal those that are news.

    Args:
        result: The rows.
        width: How many columns the terminal has; None where all go to a file or a program.
        verbose: Whether all are shown all the same.
    """
    every = list(range(len(result.rows)))
    if width is None or verbose or len(every) <= _ROWS:
        return every, ""
    news = [number for number in every if result.rows[number]["result"] not in _NO_NEWS]
    left = Counter(row["result"] for row in result.rows if row["result"] in _NO_NEWS)
    return news, ", ".join(f"{count:,} {what}" for what, count in left.items())


def fitted(table: Table, width: int | None, *, name: int = 0) -> list[list[str]]:
    """Rows with their cells padded, so that a line fits: names lose their beginnings, then columns are left out.

    Args:
        table: The rows.
        width: In columns; None for as wide as it gets.
        name: The column whose cells may be cut.
    """
    rows, right, droppable = table
    keep = list(range(len(rows[0])))
    widths = [max(len(row[column]) for row in rows) for column in keep]

    def total() -> int:
        return sum(widths[column] for column in keep) + GAP * (len(keep) - 1)

    if width is not None:
        for column in droppable:
            if total() - max(widths[name] - _LEAST, 0) <= width:
                break
            keep.remove(column)
        if total() > width:
            widths[name] = max(widths[name] - (total() - width), min(_LEAST, widths[name]))
    shown: list[list[str]] = []
    for row in rows:
        cells = [_cut(cell, widths[column]) if column == name else cell for column, cell in enumerate(row)]
        shown.append(
            [cells[each].rjust(widths[each]) if each in right else cells[each].ljust(widths[each]) for each in keep]
        )
    return shown


def _cut(cell: str, width: int) -> str:
    """A name's end, which tells it from others better than its beginning."""
    return cell if len(cell) <= width else "…" + cell[len(cell) - width + 1 :]


def applied(result: ManyResult) -> Table:
    """A row for each model that was to be rewritten."""
    rows: list[tuple[str, ...]] = [("model", "result", "applied", "operators", "size", "check")]
    folder = common_folder(result)
    for row in result.rows:
        count = sum(row.get("rules_applied", {}).values())
        rows.append(
            (
                row["input"].removeprefix(folder),
                row["result"],
                str(count) if count else "",
                _change(row.get("operators"), str),
                _change(row.get("bytes"), size),
                _check(row) if count else "",
            )
        )
    return rows, (2,), (4, 2, 5)


def _check(row: Mapping[str, Any]) -> str:
    check = row["check"]
    return "none" if check["level"] == "none" else check["status"]


def _change(sides: Mapping[str, int] | None, write: Callable[[int], str]) -> str:
    if sides is None:
        return ""
    before, after = write(sides["before"]), write(sides["after"])
    return before if before == after else f"{before} -> {after}"


def compared(result: ManyResult) -> Table:
    """A row for each pair of models that were run."""
    rows: list[tuple[str, ...]] = [("model", "result", "outputs", "max abs", "max rel")]
    folder = common_folder(result)
    for row in result.rows:
        outputs = row.get("outputs", [])
        rows.append(
            (
                row["input"].removeprefix(folder),
                row["result"],
                str(len(outputs)) if outputs else "",
                _worst(outputs, "max_abs"),
                _worst(outputs, "max_rel"),
            )
        )
    return rows, (2, 3, 4), (4, 3, 2)


def _worst(outputs: Sequence[Mapping[str, Any]], figure: str) -> str:
    if not outputs:
        return ""
    # JSON has no infinity: null stands for it.
    return "inf" if any(each[figure] is None for each in outputs) else f"{max(each[figure] for each in outputs):.3g}"


def studied(result: ManyResult) -> Table:
    """A row for each model of which targets were asked."""
    folder = common_folder(result)
    names = {each["target"] for row in result.rows for each in row.get("targets", ())}
    if len(names) == 1:
        rows: list[tuple[str, ...]] = [("model", "operators", "partitions", "outside", "with rules", "allowing")]
        rows += [(row["input"].removeprefix(folder), *_one_target(row)) for row in result.rows]
        return rows, (1, 2, 3, 4), (5, 2, 1)
    rows = [("model", "operators", "whole on", "with rules")]
    for row in result.rows:
        if row["error"] is not None:
            rows.append((row["input"].removeprefix(folder), row["result"], "", ""))
            continue
        whole, ruled = (sum(not _outside(each, rules=rules) for each in row["targets"]) for rules in (False, True))
        of = f"{whole} of {number(len(row['targets']), 'target')}"
        rows.append(
            (row["input"].removeprefix(folder), str(row["operators"]), of, str(ruled) if ruled != whole else "")
        )
    return rows, (1, 3), (1,)


def _one_target(row: Mapping[str, Any]) -> tuple[str, ...]:
    if row["error"] is not None:
        return (row["result"], "", "", "", "")
    found: Sequence[Mapping[str, Any]] = row["targets"]
    bodies = [body for each in found for body in each["bodies"]]
    partitions = sum(len(each["partitions"]) for each in (*found, *bodies))
    outside, ruled = (sum(_outside(each, rules=rules) for each in found) for rules in (False, True))
    allow = dict.fromkeys(name for each in found for rule in each["rules"] for name in rule["allow"])
    after = str(ruled) if any(each["after"] for each in found) else ""
    return (str(row["operators"]), str(partitions), str(outside), after, ", ".join(allow))


def _outside(document: Mapping[str, Any], *, rules: bool) -> int:
    after = document["after"] if rules else None
    return len((after or document)["blocked"])


def by_target(result: ManyResult) -> Table:
    """A row for each target, over all models."""
    rows: list[tuple[str, ...]] = [("target", "models whole", "with rules", "operators outside", "with rules")]
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in result.rows:
        for each in row.get("targets", ()):
            found.setdefault(each["target"], []).append(each)
    for name, documents in found.items():
        left, ruled = ([_outside(each, rules=rules) for each in documents] for rules in (False, True))
        rows.append((name, str(left.count(0)), str(ruled.count(0)), f"{sum(left):,}", f"{sum(ruled):,}"))
    return rows, (1, 2, 3, 4), ()


def by_rule(result: ManyResult) -> Table | None:
    """A row for each rule that was applied; None where there was none."""
    found = [(each["rule"], each["models"], each["places"]) for each in result.rules()]
    return _rules(found, ("rule", "models", "places"))


def by_lifting_rule(result: ManyResult) -> Table | None:
    """A row for each rule that would let a target take more; None where there is none."""
    models: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for row in result.rows:
        lifted = {
            (rule, each["subgraph"], each["index"])
            for document in row.get("targets", ())
            for each in document["blocked"]
            for rule in each["lifted_by"]
        }
        models.update({rule for rule, *_ in lifted})
        places.update(rule for rule, *_ in lifted)
    found = [(rule, count, places[rule]) for rule, count in models.items()]
    found.sort(key=lambda each: (-each[1], -each[2], each[0]))
    return _rules(found, ("rule", "models", "operators lifted"))


def _rules(found: Sequence[tuple[str, int, int]], heading: tuple[str, str, str]) -> Table | None:
    if not found:
        return None
    rows: list[tuple[str, ...]] = [heading, *((rule, f"{models:,}", f"{places:,}") for rule, models, places in found)]
    return rows, (1, 2), ()


def summary(result: ManyResult) -> list[str]:
    """How many models there were, and what they add up to."""
    counts = ", ".join(f"{count:,} {name}" for name, count in result.results.items())
    lines = [f"{number(len(result.rows), 'model')} in {result.seconds:.1f} s: {counts}"]
    if result.stopped:
        lines.append(f"stopped: {number(result.stopped, 'model')} not done")
    sums = result.sums()
    if sums["bytes"]["before"]:
        lines.append(f"operators: {_change(sums['operators'], '{:,}'.format)}; size: {_change(sums['bytes'], size)}")
    return lines


def failures(result: ManyResult, width: int | None, *, verbose: bool = False) -> list[str]:
    """What was wrong with each model that failed, and what to try; those with one reason together."""
    groups: dict[tuple[tuple[str, ...], str], list[Mapping[str, Any]]] = {}
    for row in result.rows:
        if row["error"] is not None:
            what: Mapping[str, Any] = row["error"]
            said = ("the check failed", *what["lines"]) if "lines" in what else (what["message"],)
            groups.setdefault((said, what["try"] or ""), []).append(row)
        elif row["result"] in ("different", "not compared"):
            shown = row["failures"][: None if verbose else 2]
            groups.setdefault(((row["result"], *shown), ""), []).append(row)
    lines: list[str] = []
    for ((message, *more_lines), hint), rows in groups.items():
        first, *more = [row["input"] for row in rows]
        also = f" and {len(more)} more" if more and not verbose else ""
        lines += _folded(f"{first}{also}: {message}", width)
        for line in more_lines:
            lines += _folded(f"  {line}", width)
        lines += [f"    {name}, too" for name in (more if verbose else ())]
        lines += _folded(f"  = try: {hint}", width) if hint else []
        for row in rows if verbose else ():
            error: Mapping[str, Any] = row["error"] or {}
            detail: str = error.get("detail", "")
            lines += [f"    {line}" for line in detail.rstrip().splitlines()]
    return lines


def _folded(text: str, width: int | None) -> list[str]:
    if width is None:
        return [text]
    start = len(text) - len(text.lstrip())
    return textwrap.wrap(
        text, width, subsequent_indent=" " * (start + 4), break_long_words=False, break_on_hyphens=False
    )

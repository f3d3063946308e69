"""What delegates take of a model, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rewriter.language.rules import Rule
from rewriter.report.words import columns, number
from rewriter.targets import Blocked, Lift, Prediction, Study

_SHOWN = 12  # kinds of blocked operators
_PLACES = 6  # of one kind


def to_json(study: Study) -> dict[str, Any]:
    """One target's part of `rewriter targets --json`."""
    before = study.before
    return {
        "target": before.target.name,
        "pack": before.target.pack,
        "doc": before.target.doc,
        **_prediction(before),
        "blocked": [_blocked(each, study.lifts.get((each.subgraph, each.index), ())) for each in before.blocked],
        "rules": [_rule(rule) for rule in study.rules],
        "after": None if study.after is None else _after(study.after),
    }


def _prediction(found: Prediction) -> dict[str, Any]:
    main, *others = [[list(each) for each in partitions] for partitions in found.partitions] or [[]]
    more = [{"subgraph": index, "partitions": each} for index, each in enumerate(others, 1)]
    return {"partitions": main, "bodies": more}


def _after(found: Prediction) -> dict[str, Any]:
    return {**_prediction(found), "blocked": [_place(each) for each in found.blocked]}


def _place(each: Blocked) -> dict[str, Any]:
    return {
        "subgraph": each.subgraph,
        "index": each.index,
        "operator": each.operator.name,
        "reason": each.reason,
    }


def _blocked(each: Blocked, ways: Sequence[Lift]) -> dict[str, Any]:
    return {
        **_place(each),
        "lifted_by": [rule.qualified for rule in ways[0].rules] if ways else [],
        "allow": list(ways[0].allowances) if ways else [],
        "other_ways": [[rule.qualified for rule in way.rules] for way in ways[1:]],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    allow = list(Lift((rule,)).allowances)
    return {"rule": rule.qualified, "doc": rule.doc, "equal": str(rule.equality), "allow": allow}


def overview(studies: Sequence[Study], operators: int, width: int | None = None) -> list[str]:
    """A line for each target.

    Args:
        studies: What each takes.
        operators: How many there are in the model.
        width: In columns; where it is too small, less is said of what rules would change. None for no limit.
    """
    lines = _overview(studies, operators, brief=False)
    return _overview(studies, operators, brief=True) if width and max(map(len, lines)) > width else lines


def _overview(studies: Sequence[Study], operators: int, *, brief: bool) -> list[str]:
    rows = [("target", "partitions", "inside", "outside", "with rules", "")]
    for study in studies:
        before, after = study.before, study.after
        outside = len(before.blocked)
        left = "" if after is None else f"{len(after.blocked)} outside"
        allow = " and ".join(Lift(study.rules).allowances)
        rows.append(
            (
                before.target.name,
                str(before.count),
                str(operators - outside),
                str(outside),
                left if brief or after is None else f"{left}, {number(after.count, 'partition')}",
                allow and (f"({allow})" if brief else f"(allowing {allow})"),
            )
        )
    return columns(rows)


def detail(study: Study, operators: int, *, everything: bool = False) -> Iterator[str]:
    """The lines on one target: how the model is cut, what stays outside and why, and what rules would change.

    Args:
        study: What it takes.
        operators: How many there are in the model.
        everything: Whether kinds of blocked operators beyond the first ones are shown.
    """
    before, after = study.before, study.after
    inside = operators - len(before.blocked)
    title = f" ({before.target.doc})" if before.target.doc else ""
    yield f"{before.target.name}{title}"
    yield f"  {number(before.count, 'partition')}, {inside} of {number(operators, 'operator')} inside"
    groups: dict[tuple[str, str, tuple[str, ...]], list[Blocked]] = {}
    for each in before.blocked:
        ways = study.lifts.get((each.subgraph, each.index), ())
        rules = tuple(rule.qualified for rule in ways[0].rules) if ways else ()
        # What differs in sizes alone is one kind; the first one's are shown.
        groups.setdefault((each.operator.name, each.refusal.asked, rules), []).append(each)
    shown = list(groups.items()) if everything else list(groups.items())[:_SHOWN]
    for (name, _, rules), members in shown:
        yield f"  {name} {_places(members)}: {members[0].reason}"
        if rules:
            yield f"      lifted by {', '.join(rules)}"
    if len(groups) > len(shown):
        yield f"  and {len(groups) - len(shown)} more kinds (-v)"
    if after is not None:
        outside = number(len(after.blocked), "operator")
        yield f"  with these rules: {number(after.count, 'partition')}, {outside} outside"
        allowed = Lift(study.rules).allowances
        if allowed:
            yield f"      they need {' and '.join(f'--allow {each}' for each in allowed)}"


def _places(members: Sequence[Blocked]) -> str:
    names = [str(each.index) if not each.subgraph else f"{each.subgraph}:{each.index}" for each in members]
    more = f" and {len(names) - _PLACES} more" if len(names) > _PLACES else ""
    return ", ".join(names[:_PLACES]) + more

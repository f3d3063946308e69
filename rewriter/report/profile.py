"""How long operators take, as a table for a person and as data for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewriter.report.words import columns, cut, name_of, number, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.profile_result import KindTime, OperatorTime, Profile

_SLOWEST = 10
_LONG, _MUCH = 0.01, 1.25
"""Seconds, and a ratio. What the runtime does between operators is far less than this share of a run of this length."""
_DELEGATE = "XNNPACK"
"""The only delegate that the runtime uses unasked."""


def describe_profile(name: str, profiles: Sequence[Profile], width: int | None, *, verbose: bool) -> list[str]:
    """A profile of a model, or those of a model before and after, beside each other.

    Args:
        name: What it is called.
        profiles: One, or two.
        width: How many columns there are; None for any number.
        verbose: Whether all operators are shown, and names in full.
    """
    first = profiles[0]
    lines = wrapped(f"{name}: {_how(first)}", width, hang=2)
    if first.reason is not None:
        lines += wrapped(f"not by the runtime's profiler: {first.reason}", width, hang=2)
    lines += ["", *(cut(row, width) for row in (_compared(*profiles) if len(profiles) > 1 else _alone(first)))]
    if any(map(_disturbed, profiles)):
        text = (
            "other programs kept the machine busy: no run of the whole model went as fast as its operators did in the "
            "best run of each (more --runs, or a quieter time)"
        )
        lines += ["", *wrapped(text, width, hang=2)]
    sides = ("before", "after") if len(profiles) > 1 else ("",)
    for side, profile in zip(sides, profiles, strict=True):
        lines += _taken_over(side, profile, width)
        lines += _slowest(side, profile, width, verbose=verbose)
        lines += _without(side, profile, width, verbose=verbose)
    return lines


def profile_json(profile: Profile) -> dict[str, Any]:
    """All that a profile says."""
    total = profile.total
    return {
        "measured": profile.measured,
        "reason": profile.reason,
        "whole_ms": _ms(profile.whole),
        "sum_ms": _ms(total),
        "kinds": [
            {
                "kind": each.kind,
                "delegate": each.delegate,
                "count": each.count,
                "ms": _ms(each.seconds),
                "share": round(_share(each.seconds, total), 4),
            }
            for each in profile.kinds
        ],
        "operators": [
            {
                "subgraph": each.subgraph,
                "index": each.operator.index,
                "operator": each.kind,
                "result": None if each.result is None else each.result.name,
                "ms": _ms(each.seconds),
                "delegated": each.delegated,
                "nested": each.nested,
                "note": each.note,
            }
            for each in profile.operators
        ],
        "delegate": [
            {"index": each.place, "kernel": each.kernel, "ms": _ms(each.seconds)} for each in profile.delegate
        ],
    }


def _how(profile: Profile) -> str:
    threads = number(profile.threads, "thread")
    if profile.measured == "runtime":
        how = "time of each operator by the runtime's profiler"
    else:
        how = "CPU time of each operator as a model of its own"
    return f"{how}, {profile.kernels} kernels, {threads}, least of {number(profile.runs, 'run')}"


def _alone(profile: Profile) -> list[str]:
    total = profile.total
    rows = [("kind", "count", "ms", "share")]
    rows += [
        (_kind(each), str(each.count), _text(each.seconds), f"{100 * _share(each.seconds, total):.1f} %")
        for each in profile.kinds
    ]
    rows.append(("all", str(sum(each.count for each in profile.kinds)), _text(total), ""))
    if profile.whole is not None:
        rows.append(("whole model", "", _text(profile.whole), ""))
    return columns(rows, right=(1, 2, 3))


def _compared(before: Profile, after: Profile) -> list[str]:
    sides = [{(each.kind, each.delegate): each for each in profile.kinds} for profile in (before, after)]
    order = sorted({*sides[0], *sides[1]}, key=lambda key: (-max(_seconds(side.get(key)) for side in sides), key))
    rows: list[tuple[str, ...]] = [("kind", "count", "", "ms before", "after", "change")]
    for key in order:
        old, new = (side.get(key) for side in sides)
        shown = old or new
        assert shown is not None
        counts = [str(each.count) if each else "-" for each in (old, new)]
        times = [_text(each.seconds) if each else "-" for each in (old, new)]
        rows.append((_kind(shown), *counts, *times, _change(_seconds(old), _seconds(new))))
    totals = [profile.total for profile in (before, after)]
    counts = [str(sum(each.count for each in profile.kinds)) for profile in (before, after)]
    rows.append(("all", *counts, *map(_text, totals), _change(*totals)))
    if before.whole is not None and after.whole is not None:
        change = _change(before.whole, after.whole)
        rows.append(("whole model", "", "", _text(before.whole), _text(after.whole), change))
    return columns(rows, right=(1, 2, 3, 4, 5))


def _taken_over(side: str, profile: Profile, width: int | None) -> list[str]:
    kinds: dict[str, int] = {}
    for each in profile.operators:
        if each.delegated:
            kinds[each.kind] = kinds.get(each.kind, 0) + 1
    if not kinds:
        return []
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    count = sum(kinds.values())
    title = f"{side}: " if side else ""
    text = (
        f"{title}{_DELEGATE} runs {number(count, 'operator')} by {number(len(profile.delegate), 'kernel')} of its own, "
        f"and the runtime does not tell which is whose: {parts} (--kernels builtin times each)"
    )
    return ["", *wrapped(text, width, hang=2)]


def _slowest(side: str, profile: Profile, width: int | None, *, verbose: bool) -> list[str]:
    timed = [each for each in profile.operators if each.seconds is not None]
    rows = [
        (each.seconds or 0.0, f"{_prefix(each)}{each.operator.index}", each.kind, _result(each, verbose), _mark(each))
        for each in timed
    ]
    rows += [(each.seconds, f"{each.place}", f"{_DELEGATE}: {each.kernel}", "", "") for each in profile.delegate]
    rows.sort(key=lambda row: -row[0])
    if not rows:
        return []
    listed = rows if verbose else rows[:_SLOWEST]
    more = f" (of {len(rows)}; -v shows all)" if len(listed) < len(rows) else ""
    title = (
        f"slowest operators{f' {side}' if side else ''}{more}" if not verbose else f"operators{f' {side}' * bool(side)}"
    )
    shown = columns([(_text(seconds), *rest) for seconds, *rest in listed], right=(0, 1))
    return ["", title, *(cut(f"  {row}", width) for row in shown)]


def _without(side: str, profile: Profile, width: int | None, *, verbose: bool) -> list[str]:
    """The operators without a time, those with the same reason together."""
    reasons: dict[str, list[OperatorTime]] = {}
    for each in profile.operators:
        if each.seconds is None and each.note is not None:
            reasons.setdefault(each.note, []).append(each)
    lines: list[str] = []
    for reason, operators in reasons.items():
        listed = operators if verbose else operators[:3]
        names = ", ".join(f"{_prefix(each)}{each.operator.index} {each.kind}" for each in listed)
        more = f" and {len(operators) - len(listed)} more" if len(listed) < len(operators) else ""
        lines += wrapped(f"no time for {names}{more}: {reason}", width, hang=2)
    title = f"{side}:" if side else ""
    return ["", *([title] if title else []), *lines] if lines else []


def _disturbed(profile: Profile) -> bool:
    return profile.whole is not None and profile.whole > _LONG and profile.whole > _MUCH * profile.total


def _kind(each: KindTime) -> str:
    return f"{_DELEGATE}: {each.kind}" if each.delegate else each.kind


def _prefix(each: OperatorTime) -> str:
    return f"{each.subgraph}:" if each.subgraph else ""


def _result(each: OperatorTime, verbose: bool) -> str:
    return "" if each.result is None else name_of(each.result, whole=verbose)


def _mark(each: OperatorTime) -> str:
    if each.nested:
        return "part of the operator that calls its subgraph"
    return each.note or ""


def _seconds(each: KindTime | None) -> float:
    return 0.0 if each is None else each.seconds


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _change(before: float, after: float) -> str:
    return "" if not before else f"{100 * (after - before) / before:+.1f} %"


def _text(seconds: float) -> str:
    return f"{1e3 * seconds:.3f}"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1e3 * seconds, 6)

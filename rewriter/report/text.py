"""A run's report as text for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewriter.driver import Report
    from rewriter.model import Operator, Tensor
    from rewriter.run import RunReport
    from rewriter.verify.compare import Comparison
    from rewriter.verify.result import CheckResult, OutputResult

_OPERATORS = 12  # of one place
_FAILURES = 5  # shown besides the applications that are to blame
_PLACES = 10  # shown by name; the rest is counted


def _operators(several: Sequence[Operator]) -> str:
    names = [operator.name for operator in several]
    if len(names) <= _OPERATORS:
        return ", ".join(names)
    return f"{', '.join(names[:_OPERATORS])} and {len(names) - _OPERATORS} more"


def _tensor(tensor: Tensor, count: int) -> str:
    """A tensor's name in quotes; where it has none, its number in the source, whose subgraph has `count` tensors."""
    if tensor.name:
        return repr(tensor.name)
    # What was made on the way has no number there, and a key of another kind.
    return f"#{tensor.key}" if 0 <= tensor.key < count else "a new tensor without a name"


def _misses(rewriting: Report) -> list[str]:
    """Where rules matched and could not be applied; one place shows what others with the same reason lack too."""
    groups: dict[tuple[str, str], list[str]] = {}
    for miss in rewriting.misses:
        groups.setdefault((miss.rule, miss.reason), []).append(miss.root)
    lines: list[str] = []
    for (rule, reason), roots in list(groups.items())[:_PLACES]:
        more = f" and {len(roots) - 1} more place{'s' * (len(roots) > 2)}" if len(roots) > 1 else ""
        lines.append(f"{rule} matched at {roots[0]!r}{more}, but: {reason}")
    return lines


def describe(report: RunReport) -> str:
    """What a run did and what its check found, a fact a line, without a final newline."""
    rewriting = report.rewriting
    lines: list[str] = []
    for name, count in rewriting.rules_applied().items():
        lines.append(f"{name}: {count} place{'s' * (count != 1)}")
    counts = [len(each.tensors) for each in report.models[0].subgraphs] if report.models else []
    for each in rewriting.applications[:_PLACES]:
        count = counts[each.subgraph] if each.subgraph < len(counts) else 0
        if each.what:
            lines.append(f"  {_tensor(each.roots[0], count) if each.roots else repr(each.place)} {each.what}")
            continue
        went = _operators(each.removed) or "nothing"
        came = _operators(each.inserted) or ", ".join(_tensor(result, count) for result in each.results)
        roots = ", ".join(_tensor(root, count) for root in (*each.roots, *each.dropped))
        lines.append(f"  {roots}: {went} -> {came}")
    if len(rewriting.applications) > _PLACES:
        lines.append(f"  and {len(rewriting.applications) - _PLACES} more")
    if not rewriting.applications:
        lines.append("no rule matched: the output is the input, byte for byte")
    else:
        lines.append(f"operators: {rewriting.operators_before} -> {rewriting.operators_after}")
    lines += _misses(rewriting)
    lines += [f"{name} was left out: {reason}" for name, reason in report.not_used.items()]
    lines += [f"left out: {reason}" for reason in report.packs_left_out.values()]
    lines += describe_check(report.check) if report.check else _unchecked(report)
    return "\n".join(lines)


def _unchecked(report: RunReport) -> list[str]:
    return ["checked: nothing (--check none)"] if report.level == "none" and report.rewriting.applications else []


def describe_check(check: CheckResult) -> list[str]:
    """What a check found, a fact a line."""
    failures = failed_lines(check, most=None)
    return [f"check {check.status}: {_scope(check)}", *describe_outputs(check.outputs, failures, check.warnings)]


def failed_lines(check: CheckResult, *, most: int | None = _FAILURES) -> list[str]:
    """Why a check did not pass, a reason a line: places that have one in common share a line.

    Args:
        check: What it found.
        most: How many lines there are besides those on applications that are to blame; the others are counted.
    """
    blames = sum(1 for each in map(str, check.blamed) if each in check.failures)
    first, others = list(check.failures[:blames]), check.failures[blames:]
    groups: dict[tuple[str, str], list[str]] = {}
    for sentence in others:
        rule, root, reason = unshown(check, sentence) or ("", "", sentence)
        groups.setdefault((rule, reason), []).append(root)
    lines: list[str] = []
    for (rule, reason), roots in groups.items():
        more = f" and {len(roots) - 1} more place{'s' * (len(roots) > 2)}" if len(roots) > 1 else ""
        lines.append(f"{rule} at {roots[0]!r}{more}: {reason}" if rule else reason)
    if most is not None and len(lines) > most:
        lines[most:] = [f"and {len(lines) - most} more reasons (--report FILE.json holds all)"]
    return first + lines


def unshown(check: CheckResult, sentence: str) -> tuple[str, str, str] | None:
    """Rule, root and reason of a failure that is no difference: a place of which nothing could be shown; else None."""
    for place in check.places:
        reason = sentence.removeprefix(f"{place.rule} at {place.root!r}: ")
        if reason != sentence:
            return place.rule, place.root, reason
    return None


def describe_outputs(outputs: Iterable[OutputResult], failures: Iterable[str], warnings: Iterable[str]) -> list[str]:
    """What a comparison found for each output, then what failed and what is to be known."""
    lines: list[str] = []
    for output in outputs:
        verdict = "equal" if output.comparison.equal else "DIFFERENT"
        figures = f"max abs {output.comparison.max_abs:.3g}, max rel {output.comparison.max_rel:.3g}"
        lines.append(f"  {output.name!r}, {output.kernels} kernels: {verdict}, {figures}{_rounded(output.comparison)}")
    lines += [f"  {sentence}" for sentence in failures]
    lines += [f"  note: {sentence}" for sentence in warnings]
    return lines


def _rounded(found: Comparison) -> str:
    """What is let pass although it is more than stated: rounding was seen to do as much."""
    if found.excused:
        count = f"{found.excused:,} of {found.compared:,} elements"
        return f"; {count} differ by more than {found.limit:.3g}, where rounding alone tips a decision"
    if found.equal and found.slack and found.max_abs > found.limit - found.slack:
        return f"; rounding alone moves it by up to {found.slack:.3g}"
    return ""


def _scope(check: CheckResult) -> str:
    places = f"{len(check.places)} place{'s' * (len(check.places) != 1)} by itself"
    if len(check.places) != 1:
        places = f"{len(check.places)} places by themselves"
    if check.level == "rules":
        return places
    inputs = max((each.ran for each in check.kernels), default=0)
    return f"the whole model on {inputs} inputs, and {places}"

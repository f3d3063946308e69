"""`rewriter explain`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import click

from rewriter import run, selection
from rewriter.cli import complete
from rewriter.cli.output import check_kinds, choosing_rules, common, load_or_read, print_json
from rewriter.cli.progress import waiting
from rewriter.errors import UsageError
from rewriter.explain import Attempt, Explanation, explain, tensors_called
from rewriter.source import Span

_NEAR = 3  # names that are told where a tensor is not found
_NO_PATTERN = "it is a cleanup and has no pattern; `rewriter apply --dry-run` says what it changes and what it leaves"


@click.command("explain")
@click.argument("model", shell_complete=complete.files(*complete.MODELS))
@choosing_rules("Explain the rules of an installed pack.", "Explain the rules of a file.", "Explain only this rule.")
@click.option(
    "--at", metavar="TENSOR|#INDEX", help="Explain one place: the operator that computes this tensor: its name, or #8."
)
@common
def command(
    model: str,
    packs: tuple[str, ...],
    files: tuple[str, ...],
    only: tuple[str, ...],
    at: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Say why rules did or did not match in MODEL: near misses first, with the condition that failed.

    \b
    rewriter explain model.tflite -r my.pat
    rewriter explain model.tflite -p mediapipe --at conv2d_transpose
    """
    check_kinds((model,), files)
    if not packs and not files:
        raise UsageError("which rules are to be explained?", hint="-p PACK or -r FILE.pat")
    rules = selection.gather(packs or (), files, only)
    loaded = load_or_read(model)
    if at is not None and not tensors_called(loaded, at):
        names = [tensor.name for subgraph in loaded.subgraphs for tensor in subgraph.tensors if tensor.name]
        near = [*get_close_matches(at, names), *(name for name in names if at.casefold() in name.casefold())]
        hint = ", ".join(map(repr, list(dict.fromkeys(near))[:_NEAR]))
        raise UsageError(
            f"the model has no tensor {at!r}", hint=hint or "`rewriter inspect --operators` names them all"
        )
    with run.evaluator(rules) as evaluator:
        found: list[Explanation] = []
        with waiting("explaining", quiet=quiet or as_json) as progress:
            for number, rule in enumerate(rules):
                if progress is not None:
                    progress(number, len(rules), rule.qualified)
                found.append(explain(loaded, rule, at, evaluator))
    cleanups = {each.qualified: _NO_PATTERN for each in rules.cleanups}
    if as_json:
        document = [_json(each) for each in found]
        document += [{"rule": name, "reason": reason, "attempts": []} for name, reason in cleanups.items()]
        print_json({"rules": document})
        return 0
    shown = 20 if verbose else 3
    parts = [*(_text(each, shown) for each in found), *(f"{name}: {reason}" for name, reason in cleanups.items())]
    click.echo("\n\n".join(parts))
    return 0


def _text(explanation: Explanation, shown: int) -> str:
    name = explanation.rule.qualified
    if explanation.reason is not None:
        return f"{name}: {explanation.reason}"
    matched = [each for each in explanation.attempts if each.matched]
    missed = [each for each in explanation.attempts if not each.matched]
    stuck = sum(each.found for each in missed)
    more = f"; its pattern at {stuck} more, where the replacement cannot stand" if stuck else ""
    parts = [f"{name}: matches at {len(matched)} of {len(explanation.attempts)} roots{more}"]
    # Many roots fail at one place of the rule's text; one of them shows what the others lack too.
    groups: dict[Span | None, list[Attempt]] = {}
    for each in missed:
        groups.setdefault(each.span, []).append(each)
    for members in list(groups.values())[:shown]:
        alike = f"\nand {len(members) - 1} more fail there" if len(members) > 1 else ""
        parts.append(members[0].render() + alike)
    if len(groups) > shown:
        parts.append(f"and {len(groups) - shown} more kinds of misses, farther off (-v)")
    parts += [each.render() for each in matched[:shown]]
    if len(matched) > shown:
        parts.append(f"and {len(matched) - shown} more places where it matches (-v)")
    return "\n\n".join(parts)


def _json(explanation: Explanation) -> dict[str, Any]:
    return {
        "rule": explanation.rule.qualified,
        "reason": explanation.reason,
        "attempts": [_attempt_json(each) for each in explanation.attempts],
    }


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    span = attempt.span
    return {
        "subgraph": attempt.subgraph,
        "root": attempt.root,
        "matched": attempt.matched,
        "passed": attempt.passed,
        "tests": attempt.tests,
        "reason": attempt.reason,
        "line": span.line if span else None,
        "column": span.column if span else None,
    }

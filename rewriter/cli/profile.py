"""`rewriter profile`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rewriter import run, selection
from rewriter.address import what_else
from rewriter.bundle import is_bundle, models_of
from rewriter.cli import complete
from rewriter.cli.output import check_kinds, choosing_rules, common, print_json, terminal_width
from rewriter.cli.progress import waiting
from rewriter.errors import ModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewriter.language.rules import RuleSet
    from rewriter.verify.profile_result import Profile
    from rewriter.verify.runtime import Kernels


@click.command("profile")
@click.argument("model", shell_complete=complete.files(*complete.MODELS))
@click.argument("after", required=False, shell_complete=complete.files(*complete.MODELS))
@choosing_rules(
    "Compare with what a pack's rules make of it.", "Compare with what a file's rules make.", "Use only this rule."
)
@click.option(
    "--allow", multiple=True, type=click.Choice(selection.ALLOWANCES), help="Allow rules, as in `rewriter apply`."
)
@click.option(
    "--kernels",
    type=click.Choice(["default", "builtin", "reference"]),
    default="default",
    show_default=True,
    help="Which of the runtime's kernels: with its delegate, the fast ones without, or the plain ones.",
)
@click.option(
    "--runs", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Runs to take the least of."
)
@click.option("--threads", type=click.IntRange(1, 1024), default=1, show_default=True, help="Threads for the kernels.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="For one run of a model.",
)
@common
def command(
    model: str,
    after: str | None,
    packs: tuple[str, ...],
    files: tuple[str, ...],
    only: tuple[str, ...],
    allow: tuple[str, ...],
    kernels: Kernels,
    runs: int,
    threads: int,
    time_limit: float,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Show how long each operator of MODEL takes; with AFTER, or with rules, before and after beside each other.

    What rules make of MODEL is only timed: it is not checked, and nothing is written.

    \b
    rewriter profile model.tflite
    rewriter profile model.tflite --kernels builtin -v
    rewriter profile before.tflite after.tflite
    rewriter profile model.tflite -p mediapipe
    """
    check_kinds((model, after or ""), files)
    rewrites = bool(packs or files)
    if after is not None and rewrites:
        raise UsageError(
            "rules make the model to compare with, so it cannot be named, too", hint="leave out one of them"
        )
    if (only or allow) and not rewrites:
        raise UsageError("--rule and --allow choose among rules, and there are none", hint="-p PACK, -r FILE.pat")
    rules = selection.gather(packs, files, only) if rewrites else None
    pairs = _pairs(model, after, rules, allow)
    options: dict[str, Any] = {"kernels": kernels, "runs": runs, "threads": threads, "time_limit": time_limit}
    documents: list[dict[str, Any]] = []
    parts: list[str] = []
    for name, (models, applied) in pairs.items():
        with waiting("timing", quiet=quiet or as_json) as progress:
            profiles = run.profile(models, **options, progress=progress, declared=rules.declarations if rules else {})
        if as_json:
            documents.append(_document(name, profiles, applied))
        elif not quiet:
            parts.append("\n".join(_lines(name, profiles, applied, verbose=verbose)))
    if as_json:
        print_json({"kernels": kernels, "runs": runs, "threads": threads, "models": documents})
    elif not quiet:
        click.echo("\n\n".join(parts))
    return 0


_Applied = dict[str, int] | None


def _pairs(
    model: str, after: str | None, rules: RuleSet | None, allow: tuple[str, ...]
) -> dict[str, tuple[list[run.Model], _Applied]]:
    """The models to time, by name: each alone, or with what it became, and how often which rule was applied then."""
    found = _models(model)
    if rules is not None:
        pairs: dict[str, tuple[list[run.Model], _Applied]] = {}
        for name, each in found.items():
            result = run.apply(each, rules=[rules], check="none", allow=allow)
            applied = result.report.rewriting.rules_applied()
            # Where no rule applies there is nothing to compare with.
            pairs[name] = ([each, result.model] if applied else [each], applied)
        return pairs
    if after is None:
        return {name: ([each], None) for name, each in found.items()}
    others = _models(after)
    if len(found) == len(others) == 1:
        return {name: ([each, *others.values()], None) for name, each in found.items()}
    inside = {name.removeprefix(after): each for name, each in others.items()}
    if {name.removeprefix(model) for name in found} != inside.keys():
        raise UsageError(f"{model} and {after} do not hold models of the same names", hint="compare models one by one")
    return {name: ([each, inside[name.removeprefix(model)]], None) for name, each in found.items()}


def _models(name: str) -> dict[str, run.Model]:
    """The models of a file, by name; one that is no bundle holds itself."""
    if name == "-":
        data = sys.stdin.buffer.read()
        return _unpacked(data, "-") if is_bundle(data) else {"-": run.load(data)}
    try:
        with open(name, "rb") as file:
            head = file.read(8)
            if is_bundle(head):
                return _unpacked(head + file.read(), name)
    except OSError as error:
        raise ModelError(f"{name}: cannot be read: {error.strerror}", hint=what_else(name)) from None
    return {name: run.load(name)}


def _unpacked(data: bytes, name: str) -> dict[str, run.Model]:
    found = {called: run.load(inside) for called, inside in models_of(data, name).items()}
    if not found:
        raise ModelError(f"{name}: the bundle holds no TFLite model")
    return found


def _document(name: str, profiles: list[Profile], applied: Mapping[str, int] | None) -> dict[str, Any]:
    from rewriter.report.profile import profile_json

    sides = [profile_json(each) for each in profiles]
    return {"model": name, "rules_applied": applied, "before": sides[0], "after": sides[1] if sides[1:] else None}


def _lines(name: str, profiles: list[Profile], applied: Mapping[str, int] | None, *, verbose: bool) -> list[str]:
    from rewriter.report.profile import describe_profile

    lines: list[str] = []
    if applied is not None:
        what = ", ".join(f"{rule} {count} times" if count > 1 else rule for rule, count in applied.items())
        lines = [f"rules applied, unchecked: {what}" if what else "no rule applies: there is nothing to compare with"]
    return [*lines, *describe_profile(name, profiles, terminal_width(), verbose=verbose)]

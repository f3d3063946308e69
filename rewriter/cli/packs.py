"""`rewriter packs`."""

from __future__ import annotations

import click

from rewriter import packs
from rewriter.cli import complete
from rewriter.cli.output import common, print_json, print_lines, show_left_out
from rewriter.cli.progress import waiting
from rewriter.language.rules import Cleanup, Rule, RuleSet
from rewriter.proof.record import Records
from rewriter.proof.verdict import Badge


@click.command("packs")
@click.argument("name", required=False, shell_complete=complete.packs)
@common
def command(name: str | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """List the installed rule packs, or the rules of one.

    A pack marked "default" is used by `apply` when none is named. What a rule states of its two sides is followed by
    what was shown of that: "claimed" is nothing; "tested", "identity" and "all values" are what `rewriter test` shows.

    \b
    rewriter packs
    rewriter packs mediapipe
    """
    with waiting("reading packs", quiet=quiet or as_json):
        sets, wrong = ({name: packs.load(name)}, dict[str, str]()) if name else packs.load_all(shown=True)
    loaded = [(packs.find(each), rules) for each, rules in sets.items()]
    records = Records()
    if as_json:
        left_out = [{"pack": each, "reason": reason} for each, reason in wrong.items()]
        print_json({"packs": [_json(pack, rules, records) for pack, rules in loaded], "left_out": left_out})
        return 0
    lines: list[str] = []
    for pack, rules in loaded:
        default = ", default" if packs.is_default(rules) else ""
        serves = f", for {', '.join(rules.serves)}" if rules.serves else ""
        lines.append(f"{pack.name} ({pack.distribution} {pack.version}{default}{serves})")
        if rules.doc:
            lines.append(f"  {rules.doc}")
        lines += [f"  target {target.name}: {target.doc}" for target in rules.targets]
        for rule in rules:
            if rule.used or name or verbose:
                unused = "" if rule.used else "  (only where asked for)"
                lines.append(f"  {rule.qualified}: {rule.equality}, {records.badge(rule)}{unused}")
                if rule.doc:
                    lines.append(f"      {rule.doc}")
        for cleanup in rules.cleanups:
            if cleanup.used or name or verbose:
                unused = "" if cleanup.used else "  (only where asked for)"
                lines.append(f"  {cleanup.qualified}: {cleanup.equality}, cleanup{unused}")
                if cleanup.doc:
                    lines.append(f"      {cleanup.doc}")
    print_lines(lines)
    show_left_out(wrong)
    return 0


def _json(pack: packs.Pack, rules: RuleSet, records: Records) -> dict[str, object]:
    return {
        "name": pack.name,
        "doc": rules.doc,
        "distribution": pack.distribution,
        "version": pack.version,
        "default": packs.is_default(rules),
        "serves": list(rules.serves),
        "targets": [target.name for target in rules.targets],
        "rules": [_rule_json(rule, records.badge(rule)) for rule in rules]
        + [_rule_json(cleanup, Badge()) for cleanup in rules.cleanups],
    }


def _rule_json(rule: Rule | Cleanup, badge: Badge) -> dict[str, object]:
    return {
        "rule": rule.qualified,
        "kind": "cleanup" if isinstance(rule, Cleanup) else "rule",
        "doc": rule.doc,
        "equal": str(rule.equality),
        "used": rule.used,
        "shown": badge.shown,
        "examples": badge.examples,
    }

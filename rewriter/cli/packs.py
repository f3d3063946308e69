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
from rewriter.report.words import number


@click.command("packs")
@click.argument("name", required=False, shell_complete=complete.packs)
@common
def command(name: str | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """List the installed rule packs, a line for each; with NAME, or with -v, their rules.

    A pack marked "default" is used by `apply` when none is named. What a rule states of its two sides is followed by
    what was shown of that: "claimed" is nothing; "tested", "identity" and "all values" are what `rewriter test` shows.

    \b
    rewriter packs
    rewriter packs mediapipe
    rewriter packs -v
    """
    with waiting("reading packs", quiet=quiet or as_json):
        sets, wrong = ({name: packs.load(name)}, dict[str, str]()) if name else packs.load_all(shown=True)
    loaded = [(packs.find(each), rules) for each, rules in sets.items()]
    records = Records()
    if as_json:
        left_out = [{"pack": each, "reason": reason} for each, reason in wrong.items()]
        print_json({"packs": [_json(pack, rules, records) for pack, rules in loaded], "left_out": left_out})
        return 0
    if not quiet:
        for pack, rules in loaded:
            print_lines(_rules(pack, rules, records) if name or verbose else [_line(pack, rules)])
        if not name and not verbose:
            click.echo("`rewriter packs NAME` lists the rules of a pack, `rewriter packs -v` those of all")
    show_left_out(wrong)
    return 0


def _line(pack: packs.Pack, rules: RuleSet) -> str:
    """A pack in a line: what it is called, how much is in it, and what for."""
    counts = (("rule", len(rules.rules) + len(rules.cleanups)), ("target", len(rules.targets)))
    holds = ", ".join(number(count, what) for what, count in counts if count) or "no rules"
    return f"{_name(pack, rules)} {holds}" + (f": {rules.doc}" if rules.doc else "")


def _name(pack: packs.Pack, rules: RuleSet) -> str:
    default = ", default" if packs.is_default(rules) else ""
    serves = f", for {', '.join(rules.serves)}" if rules.serves else ""
    return f"{pack.name} ({pack.distribution} {pack.version}{default}{serves})"


def _rules(pack: packs.Pack, rules: RuleSet, records: Records) -> list[str]:
    """A pack with its targets, rules and cleanups."""
    lines = [_name(pack, rules), *([f"  {rules.doc}"] if rules.doc else [])]
    lines += [f"  target {target.name}: {target.doc}" for target in rules.targets]
    for each in (*rules, *rules.cleanups):
        shown = "cleanup" if isinstance(each, Cleanup) else records.badge(each)
        unused = "" if each.used else "  (only where asked for)"
        lines.append(f"  {each.qualified}: {each.equality}, {shown}{unused}")
        lines += [f"      {each.doc}"] if each.doc else []
    return lines


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

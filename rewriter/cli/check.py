"""`rewriter check`."""

from __future__ import annotations

import click

from rewriter import packs
from rewriter.cli import complete
from rewriter.cli.output import common, diagnostic_json, print_json
from rewriter.errors import LanguageError
from rewriter.language.findings import findings
from rewriter.language.rules import RuleSet
from rewriter.selection import read_rules
from rewriter.source import Diagnostic


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE.pat...", shell_complete=complete.files(".pat"))
@click.option(
    "--explain",
    is_flag=True,
    help="Print what each rule resolves to; with -v also how patterns are looked for and laid over each other.",
)
@common
def command(files: tuple[str, ...], explain: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Find every mistake in FILEs that can be found without a model.

    The files are taken as the rules of one run: rules of different files can shadow or undo each other.

    \b
    rewriter check my.pat
    rewriter check my.pat --explain
    rewriter check my.pat --explain -v
    rewriter check first.pat second.pat
    """
    errors: list[Diagnostic] = []
    sets: list[RuleSet] = []
    for name in files:
        try:
            sets.append(read_rules(name))
        except LanguageError as error:
            errors += error.diagnostics
    warnings = findings(sets, packs.declared_codes) if as_json or not quiet else []
    if as_json:
        document: dict[str, object] = {
            "errors": [diagnostic_json(each) for each in errors],
            "warnings": [diagnostic_json(each) for each in warnings],
        }
        print_json(document)
        return 2 if errors else 0
    for each in [*errors, *warnings]:
        click.echo(each.render() + "\n", err=True)
    if explain:
        from rewriter.report.explain import explain_decisions, explain_rule

        every = [rule for each in sets for rule in each]
        parts = [explain_rule(rule, program=verbose) for rule in every]
        parts += [
            f"{each.qualified}\n  by {each.function.__module__}.{each.function.__qualname__}\n  {each.equality}"
            for every_set in sets
            for each in every_set.cleanups
        ]
        click.echo("\n\n".join([*parts, explain_decisions(every)] if verbose else parts))
    if not quiet:
        rules = sum(len(each) for each in sets)
        counts = [_count(len(errors), "error"), _count(len(warnings), "warning"), _count(rules, "rule")]
        targets = sum(len(each.targets) for each in sets)
        counts += [_count(targets, "target")] * bool(targets)
        cleanups = sum(len(each.cleanups) for each in sets)
        counts += [_count(cleanups, "cleanup")] * bool(cleanups)
        click.echo(", ".join(counts), err=bool(errors))
    return 2 if errors else 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"

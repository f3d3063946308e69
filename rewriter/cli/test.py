"""`rewriter test`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from rewriter import cache
from rewriter.cli import complete
from rewriter.cli.output import common, print_json, terminal_width
from rewriter.cli.progress import waiting
from rewriter.errors import UsageError
from rewriter.proof.profile import PROFILES, profile_named
from rewriter.proof.regressions import DEFAULT, Regressions
from rewriter.testing.finding import DEFAULT_PROFILE, Examination, Finding
from rewriter.testing.suite import UNTESTED, Suite, suites


@click.command("test")
@click.argument("sources", nargs=-1, required=True, metavar="FILE.pat|PACK...", shell_complete=complete.packs_or_files)
@click.option("--examples", type=click.IntRange(min=1), metavar="N", help="How many instances of each rule.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Where examples come from.")
@click.option(
    "--rule",
    "only",
    multiple=True,
    shell_complete=complete.rules,
    metavar="NAME",
    help="Test only this rule; * stands for any letters. Repeatable.",
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default=DEFAULT_PROFILE,
    show_default=True,
    help="How much is tried: "
    + ", ".join(f"{each.name} {each.examples:,}" for each in PROFILES.values())
    + " examples.",
)
@click.option(
    "--save",
    metavar="DIR",
    default=str(DEFAULT),
    show_default=True,
    help="Where counterexamples are kept and tried first.",
)
@click.option("--record", "recorded", is_flag=True, help="Write what was shown beside the pack's .pat files.")
@common
def command(
    sources: tuple[str, ...],
    examples: int | None,
    seed: int,
    only: tuple[str, ...],
    profile: str,
    save: str,
    recorded: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Test rules by their own text: instances are made from each pattern, and both sides run and compared.

    What is given is a file where there is one of this name or it ends in .pat, otherwise a pack's name. A rule with two
    directions is tested in both. Cleanups are named, not tested: they have no pattern to make instances of.

    Exit code: 0 every rule passed; 1 one was refuted, or no instance of it was found; 2 a file has mistakes, or a
    pack or a rule is unknown.

    \b
    rewriter test my.pat
    rewriter test mediapipe --profile thorough
    rewriter test my.pat --rule fold_mul --seed 7
    """
    chosen = suites(sources, only)
    if recorded and any(suite.pack is None for suite in chosen):
        file = next(suite.source for suite in chosen if suite.pack is None)
        raise UsageError(f"{file}: only a pack has a place for what was shown", hint="leave --record out")
    notes = cache.directory()
    if notes is not None:
        from rewriter.proof.prover import keep_notes_in

        keep_notes_in(notes / "hypothesis")
    examination = Examination(profile_named(profile), seed, examples, Regressions(save))
    findings: list[tuple[Suite, Finding]] = []
    for suite in chosen:
        with examination.prover(suite) as prover:
            for rule in suite.rules:
                with waiting(f"testing {rule.qualified}", quiet=quiet or as_json) as progress:
                    finding = examination.examine(prover, suite, rule, progress)
                findings.append((suite, finding))
                if not as_json and (finding.failed or not quiet):
                    click.echo("\n".join(finding.lines(terminal_width(), verbose=verbose)))
        for cleanup in () if as_json or quiet else suite.cleanups:
            click.echo(f"{cleanup.qualified}: {UNTESTED}")
    for complaint in examination.regressions.complaints:
        click.echo(f"note: {complaint}", err=True)
    files = _record(chosen, findings) if recorded else []
    if as_json:
        cleanups = [each.qualified for suite in chosen for each in suite.cleanups]
        document: dict[str, object] = {"rules": [finding.to_json() for _, finding in findings]}
        print_json(document | ({"not_tested": cleanups} if cleanups else {}))
    elif not quiet:
        click.echo(_summary([finding for _, finding in findings]))
        for file in files:
            click.echo(f"written: {file}")
    return 1 if any(finding.failed for _, finding in findings) else 0


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter(each.verdict.status for each in findings)
    parts = [f"{count} {status}" for status in ("passed", "refuted", "no instance") if (count := counts[status])]
    return f"{len(findings)} rule{'s' * (len(findings) != 1)}: {', '.join(parts)}"


def _record(chosen: Sequence[Suite], findings: Sequence[tuple[Suite, Finding]]) -> list[str]:
    """Write the records of the packs that were tested; where they are now."""
    from rewriter import packs
    from rewriter.proof.record import record

    files: list[str] = []
    for suite in chosen:
        assert suite.pack is not None
        entries = [each.entry for where, each in findings if where is suite and each.entry is not None]
        files.append(str(record(packs.find(suite.pack), packs.load(suite.pack), entries)))
    return files

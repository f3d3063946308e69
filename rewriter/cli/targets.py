"""`rewriter targets`."""

from __future__ import annotations

import click

from rewriter import packs as installed
from rewriter import run, selection
from rewriter.cli.output import common, print_json, show_left_out
from rewriter.errors import UsageError
from rewriter.language.rules import RuleSet
from rewriter.report.targets import detail, overview, to_json
from rewriter.source import nearest
from rewriter.targets import Target, study


@click.command("targets")
@click.argument("model")
@click.option("--target", "names", multiple=True, metavar="NAME", help="Say all about this target.")
@click.option("-p", "--pack", "packs", multiple=True, metavar="PACK", help="Try the rules of this pack, and no others.")
@click.option("-r", "--rules", "files", multiple=True, metavar="FILE.pat", help="Targets and rules of a file.")
@common
def command(
    model: str,
    names: tuple[str, ...],
    packs: tuple[str, ...],
    files: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Say what delegates take of MODEL: the partitions, what stays outside and why, the rules that would change it.

    Without --target there is a line for each target: those of the files that are given, or else all installed ones. The
    rules are those of all installed packs, lossy ones and such as change the interface included; which allowance they
    need is said.

    \b
    rewriter targets model.tflite
    rewriter targets model.tflite --target nnapi_1_2
    rewriter targets model.tflite -r my_delegate.pat
    """
    given = [selection.read_rules(path) for path in files]
    known = _known(packs)
    chosen = _chosen(names, given, list(known.values()))
    sets = [*given, *(rules for name, rules in known.items() if not packs or name in packs)]
    loaded = run.load(model)
    whole = RuleSet.union(given)
    find = installed.finder()
    with run.evaluator(whole) as evaluator:
        studies = study(loaded, chosen, sets, lambda code: whole.declarations.get(code) or find(code), evaluator)
    if as_json:
        documents = [to_json(each) for each in studies]
        print_json(documents[0] if len(documents) == 1 else {"targets": documents})
        return 0
    count = sum(1 for _ in loaded.operators())
    if names or len(chosen) == 1:
        click.echo("\n\n".join("\n".join(detail(each, count, everything=verbose)) for each in studies))
    else:
        click.echo("\n".join(overview(studies, count)))
    return 0


def _known(named: tuple[str, ...]) -> dict[str, RuleSet]:
    """The installed packs. One that has mistakes takes no others with it, unless it is asked for."""
    asked = {name: installed.load(name) for name in dict.fromkeys(named)}
    others, wrong = installed.load_all()
    show_left_out(wrong)
    return asked | others


def _chosen(names: tuple[str, ...], given: list[RuleSet], known: list[RuleSet]) -> list[Target]:
    """The targets that are asked for; a file's before installed ones of the same name."""
    own = [target for rules in given for target in rules.targets]
    every = [*own, *(target for rules in known for target in rules.targets)]
    if not names:
        if not every:
            raise UsageError("there are no targets", hint="-r FILE.pat with a `target` item")
        return own or every
    found: list[Target] = []
    for name in dict.fromkeys(names):
        target = next((each for each in every if name in (each.name, each.qualified)), None)
        if target is None:
            hint = nearest(name, [each.name for each in every]) or ", ".join(sorted({each.name for each in every}))
            raise UsageError(f"there is no target {name!r}", hint=hint or "-r FILE.pat with a `target` item")
        found.append(target)
    return found

"""`rewriter new-pack`."""

from __future__ import annotations

from pathlib import Path

import click

from rewriter import packs
from rewriter.cli.output import common, print_json
from rewriter.errors import UsageError
from rewriter.template import project


@click.command("new-pack")
@click.argument("name")
@click.option("-o", "--output", metavar="FOLDER", help="Where to write. Default: rewriter-NAME here.")
@common
def command(name: str, output: str | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Write a pack project to start from: rules, a custom operator with its kernel, tests, and what installs it.

    \b
    rewriter new-pack my_rules
    cd rewriter-my-rules && pip install -e ".[test]" && pytest
    """
    files = project(name)
    _refuse_taken(name)
    folder = Path(output or f"rewriter-{name.replace('_', '-')}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty", hint="another folder: -o FOLDER")
        for place, text in files.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}") from None
    if as_json:
        print_json({"folder": str(folder), "files": sorted(files)})
    elif not quiet:
        click.echo("\n".join(f"written: {folder / place}" for place in sorted(files)))
        click.echo(f'next: cd {folder} && pip install -e ".[test]" && pytest')
    return 0


def _refuse_taken(name: str) -> None:
    """See that no installed pack is called that: two of one name cannot be told apart, and neither could be used."""
    pack = packs.installed().get(name)
    if pack is not None:
        raise UsageError(
            f"there is a pack {name!r} already, in {pack.distribution} {pack.version}",
            hint=f"another name: rewriter new-pack my_{name}",
        )
    if name in packs.unusable():
        raise UsageError(f"there is a pack {name!r} already: {packs.unusable()[name].message}", hint="another name")

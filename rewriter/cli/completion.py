"""`rewriter completion`."""

from __future__ import annotations

import os

import click

from rewriter.cli import VARIABLE
from rewriter.cli.complete import SHELLS
from rewriter.errors import UsageError


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)), required=False)
def command(shell: str | None) -> int:
    """Print what makes SHELL complete commands, options, packs, rules, targets and files; by default for your own.

    \b
    eval "$(rewriter completion bash)"              in ~/.bashrc
    eval "$(rewriter completion zsh)"               in ~/.zshrc, behind compinit
    rewriter completion fish > ~/.config/fish/completions/rewriter.fish
    """
    from rewriter.cli.group import program

    name = shell or os.path.basename(os.environ.get("SHELL", ""))
    if name not in SHELLS:
        raise UsageError(f"there is no completion for {name or 'an unknown shell'}", hint=", ".join(SHELLS))
    click.echo(SHELLS[name](program, {}, "rewriter", VARIABLE).source(), nl=False)
    return 0

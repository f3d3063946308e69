"""The program and its commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

COMMANDS = {
    "apply": "Rewrite a model to a fixed point and check that its results are unchanged.",
    "check": "Find every mistake in .pat files that can be found without a model.",
    "completion": "Print what makes bash, zsh or fish complete commands, names and files.",
    "demo": "Show the main job on a model that the program makes itself.",
    "diff": "Show what changed from one model to another, operator by operator.",
    "explain": "Say why rules did or did not match in a model.",
    "fmt": "Give .pat files the one layout; comments are kept.",
    "inspect": "Show what is in a model.",
    "lsp": "Serve an editor: errors, completion and more while .pat files are written.",
    "new-pack": "Write a pack project to start from.",
    "ops": "Show operators' declarations: operands, attributes, versions, quantization.",
    "packs": "List the installed rule packs, or the rules of one.",
    "profile": "Show how long each operator takes, before and after.",
    "targets": "Say what delegates take of a model, what they leave and why, and which rules help.",
    "test": "Test rules by instances made from their own text, and refute those that are wrong.",
    "verify": "Run two models on the same inputs and compare their outputs.",
}


class Program(click.Group):
    """A group that knows its commands' names and first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"rewriter.cli.{cmd_name.replace('-', '_')}").command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        # Click would import every command for the line that describes it.
        named = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from rewriter.source import nearest

            close = nearest(name, COMMANDS)
            ctx.fail(f"there is no command {name!r}; try: {close or ', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rewriter")
def program() -> None:
    """Rewrite TensorFlow Lite (LiteRT) models by declarative rules, and show that the results stay unchanged.

    \b
    rewriter demo                                   see it work
    rewriter apply in.tflite -p mediapipe -o out.tflite
    rewriter apply in.tflite -r my.pat -o out.tflite

    The documentation is in docs/ of the checkout: tutorial.md to begin with, index.md for all of it.
    """

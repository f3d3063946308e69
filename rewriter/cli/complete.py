"""What a shell is told when somebody presses Tab: names of packs, rules and targets, and the files that fit.

A person waits for it: nothing is compiled, and no model is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete, add_completion_class

if TYPE_CHECKING:
    from rewriter.packs import Pack

MODELS = (".tflite", ".task", ".lite", ".bin")
_RULE = re.compile(r"^\s*(?:rule|cleanup)\s+(\w+)", re.MULTILINE)
_TARGET = re.compile(r"^\s*target\s+(\w+)", re.MULTILINE)
_PATH = "path"

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]

_BASH = """\
%(complete_func)s() {
    local kind value answer
    COMPREPLY=()
    answer=$(
        IFS=$'\\n'
        COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null
    )
    while IFS=$'\\t' read -r kind value; do
        if [[ $kind == path ]]; then
            compopt -o filenames
            COMPREPLY+=("${value%%/}")
        elif [[ -n $kind ]]; then
            COMPREPLY+=("$value")
        fi
    done <<< "$answer"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local answer line kind value described
    local -a names texts
    (( $+commands[${words[1]}] )) || [[ -x ${words[1]} ]] || return 1
    answer=$(
        export COMP_WORDS="${(pj:\\n:)words}" COMP_CWORD=$((CURRENT - 1)) %(complete_var)s=zsh_complete
        "${words[1]}" 2>/dev/null
    )
    for line in "${(@f)answer}"; do
        kind=${line%%%%$'\\t'*}
        line=${line#*$'\\t'}
        value=${line%%%%$'\\t'*}
        described=${line#*$'\\t'}
        if [[ $kind == path && $value == */ ]]; then
            compadd -S '' -- "$value"
        elif [[ $kind == path ]]; then
            compadd -- "$value"
        elif [[ -n $kind ]]; then
            names+=("$value")
            texts+=("$value${described:+  -- $described}")
        fi
    done
    (( $#names )) && compadd -l -d texts -a names
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -lx COMP_WORDS (string join \\n -- $words | string collect)
    set -lx COMP_CWORD (commandline --current-token --cut-at-cursor | string collect)
    set -lx %(complete_var)s fish_complete
    command $words[1] 2>/dev/null
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def _words() -> list[str]:
    """The words of the command line. Quotes are the shell's; of what is half written one may be missing."""
    return [word.replace("\\ ", " ").strip("'\"") for word in os.environ["COMP_WORDS"].split("\n")]


class _Numbered:
    """A shell that says which word the cursor is in."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, number = _words(), int(os.environ["COMP_CWORD"])
        words = [*words, *[""] * (number + 1 - len(words))]
        return words[1:number], words[number]


class Bash(_Numbered, BashComplete):
    """GNU Bash, 4.4 and later."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        # Bash breaks words at `=`: what stands before one is no value of its own.
        args, incomplete = super().get_completion_args()
        args = [word for word in args if word != "="]
        return args, "" if incomplete == "=" else incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type}\t{item.value}"


class Zsh(_Numbered, ZshComplete):
    """Z shell."""

    source_template = _ZSH

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type}\t{item.value}\t{_line(item.help)}"


class Fish(FishComplete):
    """fish."""

    source_template = _FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        # Of the words before the cursor the one that is being written may be the last, or is not there yet.
        words, incomplete = _words()[1:], os.environ["COMP_CWORD"].strip("'\"\n")
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return [word for word in words if word], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.value}\t{_line(item.help)}" if item.help else str(item.value)


SHELLS = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Have click answer the shells by what is here."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


# -- what fits --------------------------------------------------------------------------------------------------------


def files(*endings: str) -> Complete:
    """Completes paths: folders, and files of these endings; all files where none is given."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        return list(_paths(incomplete, endings))

    return complete


def _paths(incomplete: str, endings: tuple[str, ...]) -> Iterator[CompletionItem[Any]]:
    start, name = incomplete[: len(incomplete) - len(os.path.basename(incomplete))], os.path.basename(incomplete)
    try:
        with os.scandir(os.path.expanduser(start) or ".") as found:
            entries = sorted(found, key=lambda each: each.name)
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(name) or (entry.name.startswith(".") and not name):
            continue
        if entry.is_dir():
            yield CompletionItem(f"{start}{entry.name}/", type=_PATH)
        elif not endings or entry.name.lower().endswith(endings):
            yield CompletionItem(start + entry.name, type=_PATH)


def packs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The names of installed packs."""
    from rewriter.packs import installed

    return _items(installed(), incomplete)


def packs_or_files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """Packs and `.pat` files."""
    return [*packs(context, parameter, incomplete), *_paths(incomplete, (".pat",))]


def rules(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The names of rules in the packs and files that the command line has so far, or in all packs."""
    named: dict[str, None] = {}
    for pack, text in _texts(context):
        for name in _RULE.findall(text):
            named[name] = None
            if pack and incomplete:
                named[f"{pack}.{name}"] = None
    return _items(sorted(named), incomplete)


def targets(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The names of targets in files that the command line has so far, and in all packs."""
    named = {name for _, text in _texts(context, every=True) for name in _TARGET.findall(text)}
    return _items(sorted(named), incomplete)


def operators(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
    """The names of builtin operators, in capitals however they are begun."""
    from rewriter.dialect.dialect import builtin_declarations

    return _items(sorted(builtin_declarations()), incomplete.upper())


def _texts(context: click.Context, *, every: bool = False) -> Iterator[tuple[str, str]]:
    """Rule texts, each with the name of its pack, or with none."""
    from rewriter.packs import installed

    given: dict[str, Any] = context.params
    paths: Iterable[str] = [*(given.get("files") or ()), *(given.get("sources") or ())]
    known = installed()
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                yield "", file.read()
        except OSError:
            continue
    asked = {*(given.get("packs") or ()), *(given.get("sources") or ())}
    found: list[Pack] = [pack for name, pack in known.items() if name in asked]
    for pack in found if (found or paths) and not every else known.values():
        for text in pack.texts():
            yield pack.name, text


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem[Any]]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]

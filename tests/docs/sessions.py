"""Shell sessions in the documentation, run and held to what the page shows.

A block of `console` shows commands behind `$ ` and below each what it prints. `...` stands for anything: within a line
for a part of it, on a line of its own for any number of lines. `$ echo $?` shows the exit status of the command before,
which is 0 where none is shown. Blocks of `python` run too, in their place.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

_FENCE = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STATUS = "echo $?"
_PROGRAM = "rewriter"


@frozen
class Shown:
    """One command, or one block of Python, and what the page says comes of it.

    Attributes:
        command: The words of a command line; the first is `rewriter`, or the interpreter for a block of Python.
        line: Where it stands on the page, from 1.
        output: What it prints; None where the page does not show it, as for Python.
    """

    command: tuple[str, ...]
    line: int
    output: str | None
    status: int


def shown(text: str) -> list[Shown]:
    """Everything that a page runs, in its order."""
    found: list[Shown] = []
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start(2)) + 1
        if fence[1] == "python":
            found.append(Shown((sys.executable, "-c", fence[2]), line, None, 0))
        else:
            found += _session(fence[2], line)
    return found


def _session(block: str, line: int) -> list[Shown]:
    found: list[Shown] = []
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
        head, _, output = part.partition("\n")
        if part:
            assert head.startswith("$ "), f"line {line}: a session begins with a command behind '$ ', not with {head!r}"
        if head == f"$ {_STATUS}":
            last = found.pop()
            found.append(Shown(last.command, last.line, last.output, int(output)))
        elif part:
            command = tuple(shlex.split(head[2:]))
            assert command[0] == _PROGRAM, f"line {line}: only {_PROGRAM} is run, not {command[0]}"
            found.append(Shown(command, line, output, 0))
        line += part.count("\n")
    return found


def replay(page: Path, folder: Path) -> None:
    """Run what a page shows, in its order, in a folder that holds the files it speaks of.

    Raises:
        AssertionError: A command prints something else, or ends with another status; the message shows the difference.
    """
    every = shown(page.read_text())
    assert every, f"{page} shows no command"
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "120"}
    program = os.path.join(os.path.dirname(sys.executable), _PROGRAM)
    for each in every:
        words = [program, *each.command[1:]] if each.command[0] == _PROGRAM else each.command
        done = subprocess.run(
            words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        at = f"{page}:{each.line}: {shlex.join(each.command)}"
        assert done.returncode == each.status, f"{at}\nended with {done.returncode}, not {each.status}\n{done.stdout}"
        if each.output is not None and not agrees(each.output, done.stdout):
            lines = difflib.ndiff(each.output.splitlines(), done.stdout.splitlines())
            raise AssertionError(f"{at}\n- on the page, + printed\n" + "\n".join(lines))


def agrees(expected: str, printed: str) -> bool:
    """Whether a command printed what a page shows, where `...` on the page is anything; blanks at ends do not count."""
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n" for line in lines
    )
    stripped = "".join(line.rstrip() + "\n" for line in printed.strip("\n").split("\n"))
    return re.fullmatch(pattern, stripped) is not None

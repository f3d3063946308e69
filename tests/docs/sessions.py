"""Shell sessions in the documentation, run and held to what the page shows.

A block of `console` shows commands behind `$ ` and below each what it prints. `...` stands for anything: within a line
for a part of it, on a line of its own for any number of lines. `$ echo $?` shows the exit status of the command before,
which is 0 where none is shown. Blocks of `sh` are commands of which the page shows no output, and blocks of `python`
run too, in their place. A block behind a sentence that ends in a file's name and a colon is written to that file.

Pages that install something do so in an environment of their own, without any index.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from tests.docs.fences import Fence, fences

_STATUS = "echo $?"
PROGRAMS = ("rewriter", "cd", "cat", "pip", "python", "pytest")
RUN = ("console", "sh", "python")


@frozen
class Shown:
    """One step of a page: a command, a block of Python or a file, and what the page says comes of it.

    Attributes:
        command: The words of a command line; the interpreter for a block of Python, `>` and a name for a file.
        line: Where it stands on the page, from 1.
        output: What it prints, or what is in the file; None where the page does not show it.
    """

    command: tuple[str, ...]
    line: int
    output: str | None
    status: int


def shown(text: str) -> list[Shown]:
    """Everything that a page runs or writes, in its order."""
    return [each for fence in fences(text) if fence.excerpt is None for each in _steps(fence)]


def _steps(fence: Fence) -> list[Shown]:
    if fence.file is not None:
        return [Shown((">", fence.file), fence.line, fence.text, 0)]
    if fence.language == "python":
        return [Shown(("python", "-c", fence.text), fence.line, None, 0)]
    if fence.language == "sh":
        commands = [(number, shlex.split(line, comments=True)) for number, line in enumerate(fence.text.splitlines())]
        return [_command(words, fence.line + number, None) for number, words in commands if words]
    return _session(fence.text, fence.line) if fence.language == "console" else []


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
            found.append(_command(shlex.split(head[2:]), line, output))
        line += part.count("\n")
    return found


def _command(words: list[str], line: int, output: str | None) -> Shown:
    assert words[0] in PROGRAMS, f"line {line}: only {', '.join(PROGRAMS)} are run, not {words[0]}"
    return Shown(tuple(words), line, output, 0)


def replay(page: Path, folder: Path) -> None:
    """Run what a page shows, in its order, in a folder that holds the files it speaks of.

    Raises:
        AssertionError: A command prints something else, or ends with another status; the message shows the difference.
    """
    every = shown(page.read_text())
    assert any(each.command[0] != ">" for each in every), f"{page} shows no command"
    with TemporaryDirectory(prefix="rewriter-page-") as room:
        alone = any(each.command[0] == "pip" for each in every)
        programs = _environment(Path(room)) if alone else Path(sys.executable).parent
        here = folder
        for each in every:
            here = _step(each, f"{page}:{each.line}: {shlex.join(each.command)}", here, programs, Path(room))


def _step(step: Shown, at: str, here: Path, programs: Path, room: Path) -> Path:
    """Take one step; gives the folder in which the next one runs."""
    program, *words = step.command
    if program == "cd":
        assert (here / words[0]).is_dir(), f"{at}\nthere is no such folder"
        return here / words[0]
    if program == ">":
        (here / words[0]).write_text(step.output or "")
        return here
    line = {
        "rewriter": [programs / "rewriter"],
        "python": [programs / "python"],
        "pip": [programs / "python", "-m", "pip"],
        "pytest": [programs / "python", "-m", "pytest", "-p", "no:cacheprovider"],
        "cat": [shutil.which("cat") or "cat"],
    }[program]
    environment = os.environ | {
        "NO_COLOR": "1",
        "COLUMNS": "120",
        # What the machine remembers of rules has no place on a page.
        "REWRITER_CACHE_DIR": str(room / "cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it so: no isolation
        "PIP_NO_INDEX": "1",
        "PIP_QUIET": "2",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    done = subprocess.run(
        [*line, *words],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == step.status, f"{at}\nended with {done.returncode}, not {step.status}\n{done.stdout}"
    if step.output is not None and not agrees(step.output, done.stdout):
        lines = difflib.ndiff(step.output.splitlines(), done.stdout.splitlines())
        raise AssertionError(f"{at}\n- on the page, + printed\n" + "\n".join(lines))
    return here


def _environment(room: Path) -> Path:
    """The programs of a new environment that sees all that is installed here, and takes what a page installs."""
    folder = room / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "outer.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    program = folder / "bin" / "rewriter"
    program.write_text(f"#!{folder}/bin/python\nimport sys\nfrom rewriter.cli import main\nsys.exit(main())\n")
    program.chmod(0o755)
    return folder / "bin"


def agrees(expected: str, printed: str) -> bool:
    """Whether a command printed what a page shows, where `...` on the page is anything; blanks at ends do not count."""
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n" for line in lines
    )
    stripped = "".join(line.rstrip() + "\n" for line in printed.strip("\n").split("\n"))
    return re.fullmatch(pattern, stripped) is not None

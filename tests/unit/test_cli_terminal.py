"""Commands as a person sees them, in a real terminal: lines that fit, colour, progress; and none of that in a pipe."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from rewriter.demo import demo_model
from tests.unit.commands import RIGHT, WRONG
from tests.unit.commands import rewriter as command

pexpect = pytest.importorskip("pexpect", reason="needs a pseudo-terminal")

PROGRAM = Path(sys.executable).parent / "rewriter"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LONG = "a_model_whose_name_is_longer_than_anybody_would_want_to_read_in_a_table"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "zoo").mkdir()
    for name in ("in.tflite", f"zoo/{LONG}.tflite"):
        demo_model().save(tmp_path / name)
    (tmp_path / "zoo" / "bad.tflite").write_bytes(b"hello")
    (tmp_path / "right.pat").write_text(RIGHT)
    (tmp_path / "wrong.pat").write_text(WRONG)
    return tmp_path


def shown(place: Path, *words: str, width: int, **environment: str) -> tuple[int, str]:
    """The exit code, and all that is written to a terminal."""
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    terminal = pexpect.spawn(
        str(PROGRAM),
        list(words),
        cwd=str(place),
        env=clean | {"TERM": "xterm-256color"} | environment,
        dimensions=(40, width),
        encoding="utf-8",
        timeout=120,
    )
    out = terminal.read()
    terminal.close()
    return terminal.exitstatus, out


def lines(out: str) -> list[str]:
    """What is left on the screen of each line."""
    plain = ESCAPE.sub("", out).replace("\r\n", "\n")
    return [line.rpartition("\r")[2] for line in plain.split("\n")]


MANY = ("apply", "zoo", "-r", "right.pat", "--check", "none", "-o", "out", "-j", "1")


@pytest.mark.parametrize("width", [60, 200])
def test_tables_and_reports_fit_the_width(width: int, place: Path) -> None:
    done, out = shown(place, *MANY, width=width)
    assert done == 2, out
    assert not [line for line in lines(out) if len(line) > width]
    assert any(line.startswith(f"{LONG}.tflite ") for line in lines(out)) == (width == 200)
    assert any(line.split()[0].endswith("table.tflite") and " rewritten " in line for line in lines(out) if line)


def test_a_report_fits_the_width(place: Path) -> None:
    done, out = shown(place, "apply", "in.tflite", "-r", "right.pat", "--check", "none", width=60)
    assert done == 0, out
    assert "operators: 3 -> 4" in out
    assert not [line for line in lines(out) if len(line) > 60]


def test_a_pipe_gets_whole_names_no_colour_and_no_progress(place: Path) -> None:
    done = command(*MANY, cwd=place)
    assert f"\n{LONG}.tflite " in done.text
    assert "\x1b" not in done.text + done.err
    assert done.err == ""


def test_what_is_wrong_is_coloured_at_a_terminal_unless_nobody_wants_that(place: Path) -> None:
    words = ("apply", "none.tflite", "-r", "right.pat")
    assert COLOUR.search(shown(place, *words, width=80)[1])
    for unwanted in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert not COLOUR.search(shown(place, *words, width=80, **unwanted)[1])
    assert not COLOUR.search(shown(place, *words, "--no-color", width=80)[1])


def test_progress_shows_after_a_second_and_leaves_nothing_behind(place: Path) -> None:
    program = """
import sys, time
from rewriter.cli.progress import waiting
with waiting("counting") as progress:
    for number in range(20):
        progress(number, 20, "[sheep]")
        time.sleep(float(sys.argv[1]))
print("done")
"""
    for seconds, seen in (("0.08", True), ("0.001", False)):
        terminal = pexpect.spawn(
            sys.executable, ["-c", program, seconds], cwd=str(place), dimensions=(40, 80), encoding="utf-8", timeout=60
        )
        out = terminal.read()
        terminal.close()
        assert terminal.exitstatus == 0, out
        assert ("counting [sheep]" in ESCAPE.sub("", out)) == seen
        assert re.search(r"\d/20", out) or not seen
        assert lines(out)[-2:] == ["done", ""]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["aply"], "error: there is no command 'aply'; try: apply"),
        (["apply"], "error: missing argument 'MODEL...'"),
        (["apply", "in.tflite", "--chek", "none"], "error: no such option '--chek'"),
        (["apply", "in.tflite", "--check", "nome"], "error: invalid value for '--check': 'nome'"),
        (["verify", "in.tflite"], "error: missing argument 'B'"),
    ],
)
def test_a_slip_is_one_line_and_what_to_try(words: list[str], first: str, place: Path) -> None:
    done = command(*words, cwd=place)
    assert done.code == 2
    line, hint, *more = done.err.splitlines()
    assert line.startswith(first)
    assert hint.startswith("  = try: rewriter")
    assert not more


def test_every_command_shows_examples_in_its_help(place: Path) -> None:
    from rewriter.cli.group import COMMANDS, program

    for name in COMMANDS:
        found = program.get_command(None, name)  # pyright: ignore[reportArgumentType]
        assert found is not None
        assert f"rewriter {name}" in (found.help or ""), name

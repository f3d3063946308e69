"""Broken packs from elsewhere, as who types commands meets them: each is named in a line and stops nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.rules.transpose_conv import Case, custom_model

if TYPE_CHECKING:
    from pathlib import Path

CASE = Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0)
OPERATOR = "op CUSTOM[{0}](value) -> result shape {0}.same kernel {0}.same\nrule one CUSTOM[{0}](x: f32) -> RELU(x)\n"
RULE = "RELU(RELU(x)) -> RELU(x)\n"
SAME = "def same(value):\n    return value\n"

# distribution: the pack's name, its rules, its Python
PACKS = {
    "raising": ("raising", OPERATOR.format("raising"), f"{SAME}raise RuntimeError('no licence\\nhere')\n"),
    "python": ("python", OPERATOR.format("python"), f"{SAME}def other(value) return\n"),
    "typing": ("typing", RULE + "rule two RELUU(x -> x\n", ""),
    "first": ("twin", RULE, ""),
    "second": ("twin", RULE, ""),
    "healthy": ("healthy", OPERATOR.format("healthy"), f"{SAME}import sys\nprint('IMPORTED', file=sys.stderr)\n"),
}
TYPING = "left out: pack 'typing' of of-typing 1.0 has mistakes: typing.pat:2:15: this '(' is never closed"
TWIN = "left out: two packs are called 'twin': one of of-first 1.0, one of of-second 1.0"
RAISING = "left out: pack 'raising' of of-raising 1.0 fails to load: RuntimeError: no licence here"
PYTHON = "left out: pack 'python' of of-python 1.0 fails to load: SyntaxError: expected ':' (__init__.py, line 3)"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for distribution, (pack, rules, python) in PACKS.items():
        folder = tmp_path / "installed" / f"pack_of_{distribution}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(python)
        (folder / f"{distribution}.pat").write_text(rules)
        info = tmp_path / "installed" / f"of_{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: of-{distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[rewriter.packs]\n{pack} = {folder.name}\n")
    (tmp_path / "in.tflite").write_bytes(custom_model(CASE, (1, 9, 8, 2)))
    return tmp_path


def run(place: Path, *arguments: str, **environment: str) -> tuple[int, str, list[str]]:
    """How a command ends where the packs are installed, what it prints, and the lines that it says beside that."""
    program = "import sys; from rewriter.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(place / "installed")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr.splitlines()


def test_the_list_imports_none_and_names_those_whose_rules_cannot_be_read(place: Path) -> None:
    status, out, said = run(place, "packs", "--json")
    document = json.loads(out)
    assert status == 0
    assert {each["name"] for each in document["packs"]} >= {"raising", "python", "healthy", "mediapipe", "toco"}
    assert [f"left out: {each['reason']}" for each in document["left_out"]] == [TYPING, TWIN]
    assert said == []


def test_a_run_names_each_in_a_line_and_goes_on(place: Path) -> None:
    status, out, said = run(place, "apply", "in.tflite", "-o", "out.tflite", "--check", "none")
    assert status == 0
    assert "mediapipe.transpose_conv_bias_operand.forward: 1 place" in out
    left_out = [line for line in out.splitlines() if line.startswith("left out:")]
    assert sorted(left_out) == sorted([TYPING, RAISING, PYTHON, TWIN])
    assert said == ["IMPORTED"]


@pytest.mark.parametrize(
    ("pack", "reason"),
    [("raising", RAISING), ("python", PYTHON), ("twin", TWIN)],
)
def test_who_asks_for_a_broken_one_is_told_in_a_line(place: Path, pack: str, reason: str) -> None:
    status, _, said = run(place, "apply", "in.tflite", "-p", pack, "-o", "out.tflite")
    assert status == 2
    assert said[0] == reason.replace("left out:", "error:")
    assert not (place / "out.tflite").exists()


@pytest.mark.parametrize(
    ("flag", "environment"), [(["--no-plugins"], {}), ([], {"REWRITER_NO_PLUGINS": "1"})], ids=["flag", "environment"]
)
def test_none_is_looked_at_where_plugins_are_off(place: Path, flag: list[str], environment: dict[str, str]) -> None:
    status, out, said = run(place, "apply", "in.tflite", "--check", "none", "--dry-run", *flag, **environment)
    assert (status, said) == (0, [])
    assert "mediapipe.transpose_conv_bias_operand.forward: 1 place" in out
    assert "left out" not in out

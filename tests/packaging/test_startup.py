"""What starting costs: a command that checks nothing needs none of the slow libraries, and does not import them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.rules.transpose_conv import Case, custom_model

if TYPE_CHECKING:
    from pathlib import Path

SLOW = {"numpy", "flatbuffers", "ai_edge_litert", "tensorflow", "hypothesis", "rich", "importlib.metadata"}
"""Tenths of a second each, where the whole command has four."""


def imported_by(program: str, *arguments: str, folder: Path) -> set[str]:
    """The slow modules that a program imports; those that are there before its first line are not its doing."""
    whole = f"""
import sys
before = set(sys.modules)
try:
    exec({program!r})
except SystemExit as stop:
    assert not stop.code, stop.code
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", whole, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    modules = set(done.stderr.rpartition("\n")[0].rpartition("\n")[2].split())
    assert "rewriter" in modules
    return modules & SLOW


@pytest.mark.parametrize(
    "module",
    ["rewriter", "rewriter.cli", "rewriter.model", "rewriter.verify", "rewriter.packs", "rewriter.testing"],
)
def test_importing_a_package_imports_nothing_slow(module: str, tmp_path: Path) -> None:
    assert imported_by(f"import {module}", folder=tmp_path) == set()


def test_declaring_every_operator_imports_nothing_slow(tmp_path: Path) -> None:
    program = "import rewriter; from rewriter.dialect.dialect import builtin_declarations; dict(builtin_declarations())"
    assert imported_by(program, folder=tmp_path) == set()


def test_the_public_names_are_there_without_anything_slow(tmp_path: Path) -> None:
    program = "import rewriter; [getattr(rewriter, name) for name in rewriter.__all__]"
    assert imported_by(program, folder=tmp_path) == set()


def test_rewriting_without_a_check_needs_nothing_slow(tmp_path: Path) -> None:
    case = Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0)
    (tmp_path / "model.tflite").write_bytes(custom_model(case, (1, 9, 8, 2)))
    (tmp_path / "rule.pat").write_text("CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)\n")
    arguments = ["apply", "model.tflite", "-r", "rule.pat", "-o", "out.tflite", "--check", "none"]
    program = f"import sys; from rewriter.cli import main; sys.argv[1:] = {arguments!r}; sys.exit(main())"
    imported_by(program, folder=tmp_path)  # makes what is kept between runs
    slow = imported_by(program, folder=tmp_path)
    assert b"Convolution2DTransposeBias" not in (tmp_path / "out.tflite").read_bytes()
    # The rule does not declare the operator: the packs that are installed are asked.
    assert slow <= {"importlib.metadata"}

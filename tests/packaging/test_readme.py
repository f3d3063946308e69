"""What the README shows is what happens, and its links and those of the documentation lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.transpose_conv import Case, custom_model
from tests.shared import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
TARGETS = {"make demo", "make test"}
"""Not run here: the one sets up an environment of its own, the other is what runs this test."""


def blocks(language: str) -> list[str]:
    """The README's blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """The README's commands, line by line."""
    return [line for block in blocks("sh") for line in block.splitlines() if line]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the README says is at hand: its rule in `rule.pat`, and a model that the rule is for."""
    (tmp_path / "rule.pat").write_text(blocks("pat")[0])
    case = Case(1, rows=(5, 3, 2), columns=(4, 3, 2), channels=3, out_channels=2, padding="SAME", seed=0)
    (tmp_path / "model.tflite").write_bytes(custom_model(case, (1, 9, 8, 2)))
    return tmp_path


def test_its_targets_are_the_makefiles() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = {f"make {name}" for name in re.findall(r"^(\w+):", makefile, re.MULTILINE)}
    assert set(re.findall(r"make \w+(?=`)", README)) | TARGETS <= targets
    assert {command for command in commands() if not command.startswith("rewriter ")} == TARGETS


def test_its_commands_run_in_the_order_in_which_they_are_shown(folder: Path) -> None:
    program = Path(sys.executable).with_name("rewriter")
    for command in commands():
        if command in TARGETS:
            continue
        done = subprocess.run(
            [program, *shlex.split(command)[1:]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if command.startswith("rewriter apply"):
            assert b"Convolution2DTransposeBias" not in (folder / "out.tflite").read_bytes(), command


def test_its_python_runs(folder: Path) -> None:
    for block in blocks("python"):
        done = subprocess.run([sys.executable, "-c", block], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
    assert (folder / "out.tflite").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []

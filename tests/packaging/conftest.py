"""The distributions, built once, and an environment of their own to install them into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

from tests.packaging.project import FOLDERS
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@frozen
class Environment:
    """A virtual environment away from the checkout; `folder` is also where its commands run."""

    folder: Path

    def run(self, *command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment; unless `check` is False, it must end with status 0."""
        program = self.folder / "venv" / "bin" / command[0]
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env=_clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def install(self, *what: str | Path) -> None:
        """Install distributions without what they depend on, which is there already, and without any index."""
        options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
        _run(
            [
                sys.executable,
                "-m",
                "pip",
                "--python",
                self.folder / "venv" / "bin" / "python",
                "install",
                *options,
                *what,
            ]
        )


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that is built from it."""
    # Built from a copy: setuptools leaves its work in the folder that it builds.
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source)
    for folder in FOLDERS.values():
        shutil.copytree(CHECKOUT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path_factory.mktemp("distributions")
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source])
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """The wheel."""
    (wheel,) = distributions.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel installed; what it depends on is found where these tests find it."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    venv = environment.folder / "venv"
    _run([sys.executable, "-m", "venv", "--without-pip", venv])
    (packages,) = venv.glob("lib/python*/site-packages")
    # Such a folder is searched last, and .pth files in it, like that of an editable install, are not read.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment.install(wheel)
    return environment


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, env=_clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

"""The wheel and the sdist hold all that the checkout holds, and the wheel works where the checkout is not."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

from tests.packaging.project import settings, shipped_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packaging.conftest import Environment


def test_every_package_folder_is_declared() -> None:
    folders = {place.rpartition("/")[0].replace("/", ".") for place, _ in shipped_files()}
    assert sorted(folders) == settings()["tool"]["setuptools"]["packages"]


def test_every_folder_is_a_package() -> None:
    places = {place for place, _ in shipped_files()}
    folders = {place.rpartition("/")[0] for place in places}
    assert {f"{folder}/__init__.py" for folder in folders} <= places


def test_the_wheel_holds_every_file_as_it_is_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {place: path.read_bytes() for place, path in shipped_files()}


def test_the_sdist_holds_every_file(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    checkout = next(iter(shipped_files()))[1].parents[1]
    wanted = {path.relative_to(checkout).as_posix() for _, path in shipped_files()}
    assert wanted | {"pyproject.toml", "README.md", "LICENSE"} <= held


def test_the_wheel_says_which_command_and_which_packs_it_brings(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        entry_points = configparser.ConfigParser()
        entry_points.read_string(archive.read(name).decode())
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert dict(entry_points["console_scripts"]) == settings()["project"]["scripts"]
    assert dict(entry_points["pytest11"]) == settings()["project"]["entry-points"]["pytest11"]
    assert dict(entry_points["rewriter.packs"]) == settings()["project"]["entry-points"]["rewriter.packs"]


def test_the_installed_package_is_the_wheels(installed: Environment) -> None:
    program = "import rewriter, rewriter.grammar; print(rewriter.__file__); print(rewriter.grammar.__file__)"
    places = installed.run("python", "-c", program).stdout.split()
    assert all(place.startswith(str(installed.folder)) for place in places)


def test_demo_runs_away_from_the_checkout(installed: Environment) -> None:
    assert "Convolution2DTransposeBias" in installed.run("rewriter", "demo").stdout


def test_grammar_and_declarations_are_read_out_of_a_zip_file(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "rule.pat").write_text("MUL(x, 1.0) -> x\n")
    assert json.loads(run_from_zip(wheel, tmp_path, "check", "rule.pat", "--json"))["errors"] == []


def test_packs_are_read_out_of_a_zip_file(wheel: Path, tmp_path: Path) -> None:
    packs = json.loads(run_from_zip(wheel, tmp_path, "packs", "--json"))["packs"]
    (mediapipe,) = (pack for pack in packs if pack["name"] == "mediapipe")
    assert mediapipe["rules"]


def run_from_zip(wheel: Path, folder: Path, *arguments: str) -> str:
    """Run a command out of the wheel, which is not installed and not unpacked; return what it prints."""
    program = f"""
import sys
sys.path.insert(0, {str(wheel)!r})
import rewriter, rewriter.cli
assert rewriter.__file__.startswith({str(wheel)!r}), rewriter.__file__
sys.exit(rewriter.cli.main())
"""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout

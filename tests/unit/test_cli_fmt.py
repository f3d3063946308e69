"""`rewriter fmt`: files in place, standard input, `--check`, mistakes, and the document for scripts."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from rewriter.cli import main

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, AFTER = "ADD(x,0.0)->x # why", "ADD(x, 0.0) -> x  # why\n"
WRONG = "ADD(x y) -> x\nMUL(x, 2x) -> x\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.pat").write_text(BEFORE)
    (tmp_path / "done.pat").write_text(AFTER)
    (tmp_path / "wrong.pat").write_text(WRONG)
    return tmp_path


def test_files_are_formatted_in_place_and_keep_their_permissions(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "plain.pat").chmod(0o640)
    untouched = (files / "done.pat").stat()
    assert main(["fmt", "plain.pat", "done.pat"]) == 0
    assert (files / "plain.pat").read_text() == AFTER
    assert stat.S_IMODE((files / "plain.pat").stat().st_mode) == 0o640
    now = (files / "done.pat").stat()
    assert (now.st_ino, now.st_mtime_ns) == (untouched.st_ino, untouched.st_mtime_ns)
    assert capsys.readouterr() == ("changed: plain.pat\n", "")
    assert sorted(path.name for path in files.iterdir()) == ["done.pat", "plain.pat", "wrong.pat"]


def test_a_link_stays_a_link(files: Path) -> None:
    (files / "link.pat").symlink_to("plain.pat")
    assert main(["fmt", "link.pat"]) == 0
    assert (files / "link.pat").is_symlink()
    assert (files / "plain.pat").read_text() == AFTER


def test_check_names_what_would_change_and_changes_nothing(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", "plain.pat", "done.pat"]) == 1
    assert capsys.readouterr() == ("would change: plain.pat\n", "")
    assert (files / "plain.pat").read_text() == BEFORE
    assert main(["fmt", "--check", "done.pat"]) == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_says_nothing(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "-q", "--check", "plain.pat"]) == 1
    assert main(["fmt", "-q", "plain.pat"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("check", [False, True])
def test_a_file_with_mistakes_is_left_alone_and_the_others_are_done(
    files: Path, capsys: pytest.CaptureFixture[str], check: bool
) -> None:
    assert main(["fmt", "wrong.pat", "missing.pat", "plain.pat", *["--check"] * check]) == 2
    assert (files / "wrong.pat").read_text() == WRONG
    assert (files / "plain.pat").read_text() == (BEFORE if check else AFTER)
    out, err = capsys.readouterr()
    assert "plain.pat" in out
    assert all(place in err for place in ("wrong.pat:1:7", "wrong.pat:2:8", "2 errors", "missing.pat: cannot be read"))


def _give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input_is_formatted_to_standard_output(
    files: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    _give(monkeypatch, BEFORE + "\u00e4")
    assert main(["fmt", "-", "plain.pat"]) == 0
    assert capsysbinary.readouterr() == ((AFTER.rstrip() + "\u00e4\n").encode(), b"changed: plain.pat\n")


def test_standard_input_can_be_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _give(monkeypatch, BEFORE)
    assert main(["fmt", "--check", "-"]) == 1
    assert capsys.readouterr() == ("would change: -\n", "")
    _give(monkeypatch, WRONG)
    assert main(["fmt", "-"]) == 2
    out, err = capsys.readouterr()
    assert (out, "standard input:1:7" in err) == ("", True)


def test_json_is_one_document(files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["fmt", "--json", "--check", "plain.pat", "done.pat"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document == {"files": ["plain.pat", "done.pat"], "changed": ["plain.pat"], "errors": []}
    _give(monkeypatch, BEFORE)
    assert main(["fmt", "--json", "-", "wrong.pat", "missing.pat"]) == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["changed"], document["text"], err) == (["-"], AFTER, "")
    assert [(error["file"], error["line"]) for error in document["errors"]] == [
        ("wrong.pat", 1),
        ("wrong.pat", 2),
        ("missing.pat", None),
    ]
    assert all(error.keys() == {"code", "file", "line", "column", "message", "try"} for error in document["errors"])


def test_a_file_that_cannot_be_written_is_an_error_and_the_others_are_done(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "second.pat").write_text(BEFORE)

    def refuse(source: str, target: str) -> None:
        if target.endswith("plain.pat"):
            raise OSError(errno.EROFS, "Read-only file system")
        rename(source, target)

    rename = os.rename
    monkeypatch.setattr(os, "replace", refuse)
    assert main(["fmt", "plain.pat", "second.pat"]) == 2
    assert capsys.readouterr().out == "changed: second.pat\n"
    assert [(files / name).read_text() for name in ("plain.pat", "second.pat")] == [BEFORE, AFTER]
    assert len(list(files.iterdir())) == 4

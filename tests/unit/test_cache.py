"""The cache makes nothing different but the time it takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rewriter.cache import cached

if TYPE_CHECKING:
    from pathlib import Path


class Maker:
    def __init__(self, value: object) -> None:
        self.value = value
        self.calls = 0

    def __call__(self) -> object:
        self.calls += 1
        return self.value


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_value_is_made_once_for_a_key(directory: Path) -> None:
    make = Maker({"a": (1, 2.5, b"x", None)})
    assert [cached("kind", ("v1", 2), make) for _ in range(3)] == [make.value] * 3
    assert make.calls == 1
    assert len(list(directory.iterdir())) == 1


def test_other_keys_and_kinds_have_values_of_their_own(directory: Path) -> None:
    assert directory
    assert cached("kind", 1, Maker("one")) == "one"
    assert cached("kind", 2, Maker("two")) == "two"
    assert cached("other", 1, Maker("three")) == "three"
    assert cached("kind", 1, Maker("never")) == "one"


@pytest.mark.parametrize("damage", [b"", b"\x00" * 3, b"garbage that is no checksum"])
def test_a_damaged_file_is_made_again(directory: Path, damage: bytes) -> None:
    cached("kind", 1, Maker("one"))
    (file,) = directory.iterdir()
    file.write_bytes(damage)
    assert cached("kind", 1, Maker("again")) == "again"
    assert cached("kind", 1, Maker("never")) == "again"


def test_a_file_of_another_key_is_not_taken(directory: Path) -> None:
    cached("kind", 1, Maker("one"))
    (first,) = directory.iterdir()
    cached("kind", 2, Maker("two"))
    (second,) = set(directory.iterdir()) - {first}
    second.write_bytes(first.read_bytes())
    assert cached("kind", 2, Maker("made")) == "made"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="file modes are POSIX's")
def test_a_file_that_others_could_write_is_not_read(directory: Path) -> None:
    cached("kind", 1, Maker("one"))
    (file,) = directory.iterdir()
    file.chmod(0o666)
    assert cached("kind", 1, Maker("made")) == "made"


def test_where_nothing_can_be_written_values_are_just_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setenv("REWRITER_CACHE_DIR", str(tmp_path / "file"))
    make = Maker("value")
    assert [cached("kind", 1, make), cached("kind", 1, make)] == ["value", "value"]
    assert make.calls == 2


def test_a_value_that_cannot_be_stored_is_just_made(directory: Path) -> None:
    make = Maker(object())
    assert cached("kind", 1, make) is make.value
    assert cached("kind", 1, make) is make.value
    assert not directory.exists()


def test_the_directory_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REWRITER_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    cached("kind", 1, Maker("one"))
    assert len(list((tmp_path / "xdg" / "rewriter").iterdir())) == 1
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cached("kind", 1, Maker("one"))
    assert len(list((tmp_path / "home" / ".cache" / "rewriter").iterdir())) == 1


def test_of_the_states_of_one_thing_the_last_is_kept(directory: Path) -> None:
    first, second = Maker("first"), Maker("second")
    for make in (first, second):
        assert cached("kind", make.value, make, latest_of="thing") == make.value
        assert cached("kind", make.value, make, latest_of="thing") == make.value
    assert (first.calls, second.calls) == (1, 1)
    assert len(list(directory.iterdir())) == 1
    assert cached("kind", first.value, first, latest_of="thing") == "first"
    assert first.calls == 2

"""What is no model is refused in one line that names it; the command line adds exit code 2 and writes nothing."""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from rewriter.cli import main
from rewriter.errors import ModelError
from rewriter.model import read

if TYPE_CHECKING:
    from pathlib import Path


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("labels.txt", "cat\ndog\n")
    return out.getvalue()


CONTENTS = {
    "nothing": (b"", "not a TFLite model: the file is empty"),
    "a few bytes": (b"\x10\0\0", "not a TFLite model: it begins with 10 00 00"),
    "text": (b"# A read-me file, not a model\n", "not a TFLite model: it looks like text"),
    "json": (b'  {"version": 3}', "not a TFLite model: it looks like JSON"),
    "zip": (zipped(), "not a TFLite model: it is a zip archive"),
    "another flatbuffer": (b"\x1c\0\0\0ARRO" + bytes(40), "not a TFLite model: its file identifier is b'ARRO'"),
    "nothing but the identifier": (b"\x10\0\0\0TFL3", "damaged model: something in it lies outside the file"),
    "the identifier and zeros": (
        b"\x10\0\0\0TFL3" + bytes(40),
        "damaged model: the Model at byte 16 has a damaged vtable",
    ),
    "the identifier and ones": (
        b"\x10\0\0\0TFL3" + b"\xff" * 40,
        "damaged model: the Model at byte 16 has a damaged vtable",
    ),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_is_no_model_is_named_and_described(kind: str, tmp_path: Path) -> None:
    content, message = CONTENTS[kind]
    path = tmp_path / "it.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read(path)
    assert caught.value.message.startswith(f"{path}: {message}")
    assert "\n" not in caught.value.message
    with pytest.raises(ModelError) as caught:
        read(content)
    assert caught.value.message.startswith(f"<bytes>: {message}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.tflite: cannot be read: No such file or directory"):
        read(tmp_path / "none.tflite")


def test_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path}: cannot be read: Is a directory"):
        read(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="pipe: is a pipe or a device") as caught:
        read(tmp_path / "pipe")
    assert caught.value.hint == "use - to read from standard input"


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.tflite"
    path.write_bytes(b"secret")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser may read every file")
    with pytest.raises(ModelError, match=r"secret\.tflite: cannot be read: Permission denied"):
        read(path)


@pytest.mark.parametrize("kind", ["nothing", "json", "the identifier and zeros"])
@pytest.mark.parametrize(
    "verb", [["inspect"], ["apply", "-o", "out.tflite", "--check", "none"]], ids=["inspect", "apply"]
)
def test_the_command_line_says_it_and_exits_with_2(
    kind: str, verb: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    content, message = CONTENTS[kind]
    (tmp_path / "it.tflite").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert main([verb[0], "it.tflite", *verb[1:]]) == 2
    said, complained = capfd.readouterr()
    assert said == ""
    assert f"it.tflite: {message}" in complained
    assert [each.name for each in tmp_path.iterdir()] == ["it.tflite"]

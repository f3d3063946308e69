"""Saving: what stands under the target's name is the old file or the new one, whole, whatever happens on the way."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from rewriter.errors import ModelError
from rewriter.model import read
from tests.corpus.bindings import differences, pack, unpack
from tests.shared import CHECKOUT
from tests.unit.sample_model import rename_first, sample

# Saves a rewritten model, and is killed when most of it has been written.
KILLED = """
import io, os, signal, sys
from rewriter.model import read, writer
from tests.unit.sample_model import rename_first

put_buffer, written = writer._Stream.put_buffer, []
def put_and_die(stream, buffer):
    put_buffer(stream, buffer)
    written.append(buffer)
    if len(written) == 3:
        stream.close()
        os.kill(os.getpid(), signal.SIGKILL)
writer._Stream.put_buffer = put_and_die

model = read(sys.argv[1])
rename_first(model)
model.save(sys.argv[2])
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    path.write_bytes(pack(sample()))
    return path


def test_a_file_that_nobody_may_write_to_is_not_replaced(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.tflite"
    target.write_bytes(b"the old file")
    target.chmod(0o444)
    with pytest.raises(ModelError, match=r"target\.tflite is write-protected"):
        read(model).save(target)
    assert target.read_bytes() == b"the old file"
    assert set(tmp_path.iterdir()) == {model, target}


def test_a_run_that_is_killed_while_it_writes_leaves_the_old_file_whole(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.tflite"
    target.write_bytes(b"the old file")
    command = [sys.executable, "-c", KILLED, str(model), str(target)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert target.read_bytes() == b"the old file"
    (half,) = (each for each in tmp_path.iterdir() if each not in (model, target))
    assert half.stat().st_size > 0
    # What was left behind is no obstacle to the next run, and no name that a model would have.
    assert half.name.startswith(".target.tflite.")
    read(model).save(target)
    assert target.read_bytes() == model.read_bytes()


def test_a_run_that_is_killed_while_it_writes_onto_its_source_leaves_it_whole(model: Path) -> None:
    source = model.read_bytes()
    command = [sys.executable, "-c", KILLED, str(model), str(model)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert model.read_bytes() == source


def test_a_model_is_saved_onto_its_own_source(model: Path) -> None:
    source = model.read_bytes()
    changed = read(model)
    rename_first(changed)
    expected = changed.to_bytes()
    changed.save(model)
    assert model.read_bytes() == expected != source
    # The model still stands on the file as it was when it was read.
    assert changed.to_bytes() == expected
    assert [each.name for each in model.parent.iterdir()] == [model.name]


def test_an_unchanged_model_is_saved_onto_its_own_source(model: Path) -> None:
    source = model.read_bytes()
    read(model).save(model)
    assert model.read_bytes() == source


def test_the_permissions_of_a_file_that_is_replaced_are_kept(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.tflite"
    target.write_bytes(b"")
    target.chmod(0o640)
    read(model).save(target)
    assert target.stat().st_mode & 0o7777 == 0o640


def test_a_new_file_gets_the_permissions_that_new_files_get(model: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        read(model).save(tmp_path / "new.tflite")
        (tmp_path / "other").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "new.tflite").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_the_target_of_a_symbolic_link_is_replaced_and_not_the_link(model: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "target.tflite").write_bytes(b"old")
    link = tmp_path / "link.tflite"
    link.symlink_to("folder/target.tflite")
    read(model).save(link)
    assert link.is_symlink()
    assert (tmp_path / "folder" / "target.tflite").read_bytes() == model.read_bytes()


@pytest.mark.parametrize("changed", [False, True], ids=["unchanged", "changed"])
def test_a_pipe_is_written_to_and_not_replaced(model: Path, tmp_path: Path, changed: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    loaded = read(model)
    if changed:
        rename_first(loaded)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        loaded.save(pipe)
        received, _ = reader.communicate()
    assert received == loaded.to_bytes()
    assert pipe.is_fifo()


def test_a_device_is_written_to_and_not_replaced(model: Path) -> None:
    changed = read(model)
    rename_first(changed)
    changed.save(os.devnull)
    assert os.path.exists(os.devnull)
    assert not os.path.isfile(os.devnull)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("none/out.tflite", "No such file or directory"),
        ("model.tflite/out.tflite", "Not a directory"),
        (".", "Is a directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(model: Path, tmp_path: Path, where: str, why: str) -> None:
    target = tmp_path / where
    with pytest.raises(ModelError, match=f"^{target}: cannot be written: {why}$"):
        read(model).save(target)
    assert [each.name for each in tmp_path.iterdir()] == [model.name]


def test_a_folder_that_may_not_be_written_is_named(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    # The superuser may write everywhere but where the kernel itself takes no files.
    target = (folder if not os.access(folder, os.W_OK) else Path("/proc")) / "out.tflite"
    with pytest.raises(
        ModelError, match=f"^{target}: cannot be written: (Permission denied|No such file or directory)$"
    ):
        read(model).save(target)


def test_a_model_that_cannot_be_written_leaves_nothing_behind(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.tflite"
    target.write_bytes(b"the old file")
    damaged = bytearray(model.read_bytes())
    changed = read(bytes(damaged))
    changed.modified = True
    changed.subgraphs[0].tensors[1].edit(shape=(1 << 40,))
    with pytest.raises(ModelError):
        changed.save(target)
    assert target.read_bytes() == b"the old file"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.tflite", "target.tflite"]


def test_a_model_that_is_let_go_closes_its_file(model: Path) -> None:
    gc.collect()
    opened = len(os.listdir("/proc/self/fd"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            read(model)
        gc.collect()
    assert len(os.listdir("/proc/self/fd")) == opened


def test_a_changed_model_is_the_same_from_bytes_and_from_its_file(model: Path) -> None:
    one, other = read(model), read(model.read_bytes())
    rename_first(one)
    rename_first(other)
    assert one.to_bytes() == other.to_bytes()
    assert differences(unpack(one.to_bytes()), unpack(other.to_bytes())) == []

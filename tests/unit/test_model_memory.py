"""Constants stay where they are: neither reading nor writing a model takes memory for them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rewriter.model import read
from rewriter.model.writer import save
from tests.benchmarks.generate import external_model, fc_model
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 1 << 20
LARGE = 200  # megabytes
ALLOWED = 64 * MEGABYTE

# VmHWM is the process's own peak; ru_maxrss would begin with that of the process that started it.
RUN = """
import re, sys
from pathlib import Path
from rewriter import compile_rules, driver, load

source, target, rewrite = sys.argv[1:]
model = load(source)
if rewrite == "yes":
    report = driver.rewrite(model, compile_rules("TANH(x) -> CUSTOM[Tanh](x)"))
    assert len(report.applications) == 1
model.save(target)
print(1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]))
"""


def peak(source: Path, target: Path, *, rewrite: bool) -> int:
    """The most bytes of memory that a process takes to read a model, rewrite one operator if asked to, and save it."""
    command = [sys.executable, "-c", RUN, str(source), str(target), "yes" if rewrite else "no"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("large") / "large.tflite"
    fc_model(path, LARGE)
    yield path
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="a process's peak is read from /proc")
@pytest.mark.parametrize("rewrite", [False, True], ids=["copied", "rewritten"])
def test_memory_does_not_grow_with_the_constants(large: Path, tmp_path: Path, rewrite: bool) -> None:
    small = tmp_path / "small.tflite"
    fc_model(small, 0.01)
    target = tmp_path / "target.tflite"
    least = peak(small, target, rewrite=rewrite)
    most = peak(large, target, rewrite=rewrite)
    assert target.stat().st_size > LARGE * 1_000_000 * 0.99
    target.unlink()
    assert most - least < ALLOWED


@pytest.mark.parametrize(
    "make", [fc_model, lambda path, size: external_model(path, size / 1000)], ids=["inside", "outside"]
)
def test_reading_looks_at_no_more_of_a_constant_than_its_length(
    make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    make(path, 1)  # type: ignore[operator]
    pread, lengths = os.pread, []

    def note(descriptor: int, length: int, at: int) -> bytes:
        lengths.append(length)
        return pread(descriptor, length, at)

    monkeypatch.setattr(os, "pread", note)
    model = read(path)
    assert sum(buffer.size for buffer in model.buffers) > 900_000
    assert set(lengths) <= {4}


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="this system copies no files inside the kernel")
@pytest.mark.parametrize("changed", [False, True], ids=["copied", "rewritten"])
def test_constants_are_copied_inside_the_kernel(changed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.tflite"
    fc_model(path, 1, operators=2)
    model = read(path)
    model.modified = changed
    copy, copied = os.copy_file_range, []

    def note(*arguments: int) -> int:
        copied.append(copy(*arguments))
        return copied[-1]

    monkeypatch.setattr(os, "copy_file_range", note)
    save(model, tmp_path / "out.tflite")
    large = sum(buffer.size for buffer in model.buffers if buffer.size >= MEGABYTE // 16)
    assert sum(copied) == (large if changed else path.stat().st_size)


@pytest.mark.parametrize("changed", [False, True], ids=["copied", "rewritten"])
def test_a_file_system_that_does_not_copy_in_the_kernel_gets_the_same_file(
    changed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    fc_model(path, 3, operators=2)
    model = read(path)
    model.modified = changed
    expected = model.to_bytes()
    given = [100_000]

    def refuse_after_a_while(source: int, target: int, count: int, offset: int) -> int:
        if not given:
            raise OSError
        return os.sendfile(target, source, offset, min(count, given.pop()))

    monkeypatch.setattr(os, "copy_file_range", refuse_after_a_while)
    save(model, tmp_path / "out.tflite")
    assert (tmp_path / "out.tflite").read_bytes() == expected
    assert given == []

"""Many models on a Dask cluster whose worker is killed, and at addresses that fsspec reads and writes."""

from __future__ import annotations

import contextlib
import functools
import http.server
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import rewriter
from rewriter.address import files_below, is_folder, join, last_part, read_address, write_address
from rewriter.errors import ModelError, UsageError
from rewriter.many.cluster import cluster
from tests.unit.commands import RIGHT
from tests.unit.commands import rewriter as command
from tests.unit.test_many import MODEL, REWRITTEN, names

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

fsspec: Any = pytest.importorskip("fsspec", reason="needs the extra `fsspec`")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "right.pat").write_text(RIGHT)
    return tmp_path / "right.pat"


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.fixture
def memory() -> Generator[None]:
    system = fsspec.filesystem("memory")
    yield
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.mark.parametrize(
    ("folder", "below", "whole"),
    [
        ("s3://bucket/in", "a/b.tflite", "s3://bucket/in/a/b.tflite"),
        ("memory://", "a.tflite", "memory://a.tflite"),
        ("simplecache::https://host/in/", "a.tflite", "simplecache::https://host/in/a.tflite"),
        ("zip://in::s3://bucket/all.zip", "a.tflite", "zip://in/a.tflite::s3://bucket/all.zip"),
    ],
)
def test_an_address_below_another(folder: str, below: str, whole: str) -> None:
    assert join(folder, below) == whole
    assert last_part(whole) == below.rpartition("/")[2]


@pytest.mark.usefixtures("memory")
def test_a_folder_in_memory_is_read_and_written(rules: Path) -> None:
    write_address("memory://in/deep/a.tflite", MODEL)
    write_address("memory://in/bad.tflite", b"hello")
    with ThreadPoolExecutor(2) as executor:
        result = rewriter.apply_many("memory://in", "memory://out", rules=[rules], check="none", executor=executor)
    assert [(row["input"], row["result"]) for row in result.rows] == [
        ("memory://in/bad.tflite", "error"),
        ("memory://in/deep/a.tflite", "rewritten"),
    ]
    assert is_folder("memory://out")
    assert files_below("memory://out") == ["deep/a.tflite"], "nothing else, half written or renamed"
    assert read_address("memory://out/deep/a.tflite") == REWRITTEN


@pytest.mark.usefixtures("memory")
def test_a_file_that_is_replaced_is_there_whole() -> None:
    write_address("memory://out/a.tflite", b"old")
    write_address("memory://out/a.tflite", b"new")
    assert read_address("memory://out/a.tflite") == b"new"
    with pytest.raises(ModelError, match="no such file"):
        read_address("memory://out/b.tflite")


def test_one_model_and_many_are_read_and_written_at_file_addresses(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tflite").write_bytes(MODEL)
    (tmp_path / "in" / "b.tflite").write_bytes(MODEL)
    options = ("-r", "right.pat", "--check", "none")
    done = command(
        "apply", f"file://{tmp_path}/in/a.tflite", *options, "-o", f"file://{tmp_path}/one.tflite", cwd=tmp_path
    )
    assert (done.code, (tmp_path / "one.tflite").read_bytes()) == (0, REWRITTEN)
    with ThreadPoolExecutor(2) as executor:
        rewriter.apply_many(
            f"file://{tmp_path}/in", f"file://{tmp_path}/out", rules=[rules], check="none", executor=executor
        )
    assert names(tmp_path / "out") == {"a.tflite", "b.tflite"}


@pytest.fixture
def server(tmp_path: Path) -> Generator[str]:
    """The address of a folder with one model."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "a.tflite").write_bytes(MODEL)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            del format, args

    handler = functools.partial(Quiet, directory=tmp_path / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()


@pytest.mark.parametrize("cache", ["", "simplecache::"])
def test_models_come_over_http_and_results_go_here(cache: str, server: str, rules: Path, tmp_path: Path) -> None:
    where = [f"{cache}{server}/a.tflite", f"{cache}{server}/none.tflite"]
    with ThreadPoolExecutor(1) as executor:
        result = rewriter.apply_many(where, tmp_path / "out", rules=[rules], check="none", executor=executor)
    assert [row["result"] for row in result.rows] == ["rewritten", "error"]
    assert "there is no such file" in result.rows[1]["error"]["message"]
    assert (tmp_path / "out" / "a.tflite").read_bytes() == REWRITTEN


def test_a_folder_over_http_is_one_with_a_slash(server: str, tmp_path: Path) -> None:
    assert files_below(f"{server}/") == ["a.tflite"]
    with pytest.raises(ModelError, match=r"http.*: cannot be written"):
        write_address(f"{server}/b.tflite", b"data")


def test_an_address_that_nobody_knows_says_what_to_try() -> None:
    with pytest.raises(UsageError, match="nowhere") as raised:
        read_address("nowhere://a.tflite")
    assert raised.value.hint


# -- a cluster --------------------------------------------------------------------------------------------------------


@pytest.fixture
def scheduler(tmp_path: Path) -> Generator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and its two workers, one thread each, that nobody starts again."""
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    file = tmp_path / "scheduler.json"

    def start(module: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(file), "--no-dashboard"]
        return subprocess.Popen([*command, *words], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    started = [start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")]
    try:
        started += [
            start(
                "dask_worker",
                "--no-nanny",
                "--nthreads",
                "1",
                "--host",
                "127.0.0.1",
                "--local-directory",
                str(tmp_path),
            )
            for _ in range(2)
        ]
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        import json

        yield json.loads(file.read_text())["address"], started[1:]
    finally:
        for each in started:
            each.kill()
        for each in started:
            each.wait()


def test_a_cluster_loses_a_worker_and_no_model(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]], rules: Path, tmp_path: Path
) -> None:
    address, workers = scheduler
    (tmp_path / "in").mkdir()
    for number in range(24):
        (tmp_path / "in" / f"{number:02}.tflite").write_bytes(MODEL)
    told: list[int] = []

    def kill_one(done: int, total: int, what: str) -> None:
        told.append(done)
        if done == 3:
            workers[0].kill()
            workers[0].wait()

    with cluster(address) as executor:
        client: Any = executor
        client._client.wait_for_workers(2, timeout=60)
        result = rewriter.apply_many(
            tmp_path / "in", tmp_path / "out", rules=[rules], check="none", executor=executor, progress=kill_one
        )
    assert workers[0].returncode is not None
    assert [row["input"][-9:-7] for row in result.rows] == [f"{number:02}" for number in range(24)]
    assert result.results == {"rewritten": 24}
    assert told == list(range(1, 25)), "each is told of once"
    assert names(tmp_path / "out") == {f"{number:02}.tflite" for number in range(24)}, "nothing half written is left"
    assert {path.read_bytes() for path in (tmp_path / "out").iterdir()} == {REWRITTEN}

    # The worker that is left does the same for the command.
    done = command("apply", "in", "-r", rules, "--check", "none", "-o", "again", "--scheduler", address, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "24 models in" in done.text
    assert names(tmp_path / "again") == names(tmp_path / "out")


def test_a_scheduler_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    with pytest.raises(UsageError, match="no scheduler answers at"), contextlib.ExitStack() as stack:
        stack.enter_context(cluster("tcp://127.0.0.1:9", timeout=0.5))

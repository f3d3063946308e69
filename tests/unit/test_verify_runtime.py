"""Interpreters in a child process: results come back, and whatever befalls the child is a message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.verify import Runtime, RuntimeFailure
from rewriter.verify.process import FORKS
from tests.unit import verify_child
from tests.unit.verify_child import Do
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.model import Model
    from rewriter.verify.runtime import Kernels


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


COMMAND = (sys.executable, str(Path(verify_child.__file__)))
needs_fork = pytest.mark.skipif(not FORKS, reason="children are not forked here")


@pytest.fixture(params=[pytest.param(True, marks=needs_fork, id="forked"), pytest.param(False, id="spawned")])
def unstable(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    with Runtime(time_limit=2.0, command=COMMAND, forks=request.param) as running:
        yield running


@pytest.fixture
def forked() -> Iterator[Runtime]:
    with Runtime(time_limit=2.0, command=COMMAND, forks=True) as running:
        yield running


def doubling() -> Model:
    maker = Maker()
    maker.tensor("x", "f32", (2, 2))
    maker.tensor("two", "f32", (), 2.0)
    maker.tensor("y", "f32", (2, 2))
    maker.operator("MUL", ["x", "two"], ["y"], table="MulOptions")
    return maker.build(["x"], ["y"])


def filled(value: float) -> np.ndarray:
    return np.full((2, 2), value, np.float32)


@pytest.mark.parametrize("kernels", ["reference", "builtin", "default"])
def test_a_model_runs_under_each_kernel_set(runtime: Runtime, kernels: Kernels) -> None:
    with runtime.load(doubling(), kernels) as program:
        assert program.run([filled(3)])[0].tolist() == [[6, 6], [6, 6]]
        assert program.run([filled(4)])[0].tolist() == [[8, 8], [8, 8]]


def test_a_model_runs_from_its_bytes_and_from_its_path(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(doubling().to_bytes())
    monkeypatch.chdir(tmp_path)
    for source in (path, Path("model.tflite"), path.read_bytes()):
        with runtime.load(source, "default") as program:
            assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]
        assert runtime.run_once(source, "default", [[filled(1)]])[0][0].tolist() == [[2, 2], [2, 2]]
        assert path.exists()


def test_an_input_of_another_shape_resizes_the_model(runtime: Runtime) -> None:
    with runtime.load(doubling(), "reference") as program:
        assert program.run([np.ones((3, 5), np.float32)])[0].shape == (3, 5)
        assert program.run([filled(1)])[0].shape == (2, 2)


def test_strings_go_in_and_come_out(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "string", (3,))
    maker.tensor("i", "i32", (2,))
    maker.tensor("y", "string", (2,))
    maker.operator("GATHER", ["x", "i"], ["y"], table="GatherOptions")
    words = np.array([b"", b"one", b"two"], object)
    with runtime.load(maker.build(["x", "i"], ["y"]), "default") as program:
        assert program.run([words, np.array([2, 0], np.int32)])[0].tolist() == [b"two", b""]


def test_a_single_string_goes_in_by_its_characters(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "string", ())
    maker.tensor("s", "i32", (1,), [1])
    maker.tensor("y", "string", (1,))
    maker.operator("RESHAPE", ["x", "s"], ["y"])
    with runtime.load(maker.build(["x"], ["y"]), "default") as program:
        assert program.run([np.array(b"word", object)])[0].tolist() == [b"word"]


def test_an_unknown_custom_operator_is_refused_in_the_runtimes_words(runtime: Runtime) -> None:
    maker = Maker()
    maker.tensor("x", "f32", (1,))
    maker.tensor("y", "f32", (1,))
    maker.operator("CUSTOM[Mystery]", ["x"], ["y"])
    with pytest.raises(
        RuntimeFailure, match=r"^the left side: .* refuse it: .*unresolved custom op: Mystery"
    ) as caught:
        runtime.load(maker.build(["x"], ["y"]), "reference", side="the left side")
    assert (caught.value.outcome, caught.value.kernels, caught.value.exit_code) == ("refused", "reference", 1)


def test_bytes_that_are_no_model_are_refused(runtime: Runtime) -> None:
    with pytest.raises(RuntimeFailure) as caught:
        runtime.load(b"TFL3 or not", "default")
    assert caught.value.outcome == "refused"


def test_an_input_of_the_wrong_type_is_refused(runtime: Runtime) -> None:
    with runtime.load(doubling(), "default") as program, pytest.raises(RuntimeFailure, match="FLOAT32"):
        program.run([np.ones((2, 2), np.int32)])


@pytest.mark.parametrize(
    ("value", "outcome", "words"),
    [
        (Do.ABORT, "crashed", r"ended by SIGABRT; F0000 check failed: size == 4$"),
        (Do.SEGFAULT, "crashed", r"ended by SIGSEGV"),
        (Do.MEMORY, "memory", r"ran out of memory"),
        (Do.EXIT, "crashed", r"ended with code 7"),
        (Do.CUT, "crashed", r"ended with code 0"),
        (Do.NONSENSE, "crashed", r"ended with code 0"),
    ],
)
def test_a_child_that_ends_is_a_message_and_the_next_run_has_a_new_one(
    unstable: Runtime, value: int, outcome: str, words: str
) -> None:
    other = unstable.load(doubling(), "default", side="another model")
    program = unstable.load(conv(), "reference", side="the model after")
    picture = np.ones((1, 8, 8, 2), np.float32)
    expected = program.run([picture])[0]
    with pytest.raises(RuntimeFailure, match=words) as caught:
        program.run([picture * value])
    assert caught.value.outcome == outcome
    assert caught.value.message.startswith("the model after: the runtime's reference kernels ")
    assert np.array_equal(program.run([picture])[0], expected)
    assert other.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


def test_a_child_that_hangs_is_ended(unstable: Runtime) -> None:
    program = unstable.load(doubling(), "default")
    start = time.monotonic()
    with pytest.raises(RuntimeFailure, match="do not finish: no result within 2 seconds") as caught:
        program.run([filled(Do.HANG)])
    assert caught.value.outcome == "hung"
    assert time.monotonic() - start < 10
    assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


def test_a_model_that_brings_the_child_down_as_it_is_forgotten_is_not_blamed_on_the_next(unstable: Runtime) -> None:
    with unstable.load(doubling(), "default") as program:
        child = unstable.child
        assert program.run([filled(Do.DOOMED)])[0].flat[0] == 2 * Do.DOOMED
    with unstable.load(doubling(), "default") as program:
        assert unstable.child != child
        assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


def test_an_interrupted_request_leaves_no_answer_for_the_next(unstable: Runtime) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    program = unstable.load(doubling(), "default")
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            program.run([filled(Do.HANG)])
    finally:
        signal.signal(signal.SIGALRM, before)
    assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


@needs_fork
@pytest.mark.parametrize("value", [Do.SEGFAULT, Do.HANG])
def test_a_lost_child_costs_no_import_where_children_are_forked(forked: Runtime, value: int) -> None:
    program = forked.load(doubling(), "default")
    server, child, number = forked.process, forked.child, program.run([filled(Do.NUMBER)])[0][0]
    with pytest.raises(RuntimeFailure):
        program.run([filled(value)])
    assert program.run([filled(Do.NUMBER)])[0][0] != number
    assert forked.child != child
    assert forked.process == server


@needs_fork
def test_a_server_that_is_gone_is_replaced(forked: Runtime) -> None:
    program = forked.load(doubling(), "default")
    assert forked.process is not None
    os.kill(forked.process, signal.SIGTERM)
    with pytest.raises(RuntimeFailure, match="ended by SIGTERM"):
        program.run([filled(Do.EXIT)])
    assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


@needs_fork
def test_a_child_does_not_outlive_whoever_asked_it(tmp_path: Path) -> None:
    """Nobody is left to end a model that hangs: the server does."""
    model = tmp_path / "model.tflite"
    model.write_bytes(doubling().to_bytes())
    asking = f"""
import numpy as np, pathlib
from rewriter.verify import Runtime
runtime = Runtime(command={COMMAND!r})
program = runtime.load(pathlib.Path({str(model)!r}), "default")
number = program.run([np.full((2, 2), {int(Do.NUMBER)}, np.float32)])[0][0]
print(runtime.process, number, flush=True)
program.run([np.full((2, 2), {int(Do.HANG)}, np.float32)])
"""
    with subprocess.Popen([sys.executable, "-c", asking], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        numbers = [int(each) for each in process.stdout.readline().split()]
        assert len(numbers) == 2
        process.kill()
    deadline = time.monotonic() + 20
    while any(map(is_alive, numbers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, numbers))


def is_alive(number: int) -> bool:
    """Whether there is such a process that has not ended; one that has may wait for somebody to take note of it."""
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_what_a_runtime_prints_disturbs_nothing(unstable: Runtime, capfd: pytest.CaptureFixture[str]) -> None:
    with unstable.load(doubling(), "default") as program:
        assert program.run([filled(Do.PRINT)])[0].flat[0] == 2 * Do.PRINT
    assert capfd.readouterr() == ("", "")


def test_nothing_stays_behind() -> None:
    runtime = Runtime()
    folder = runtime.keep(doubling()).parent
    runtime.load(doubling(), "default")
    assert folder.is_dir()
    runtime.close()
    assert not folder.exists()


def test_a_small_model_is_sent_and_a_large_one_has_a_file_as_long_as_it_is_loaded() -> None:
    maker = Maker()
    maker.tensor("x", "f32", (2, 2))
    maker.tensor("c", "f32", (300_000,), 1)
    maker.tensor("i", "i32", (2, 2), [[0, 1], [2, 3]])
    maker.tensor("g", "f32", (2, 2))
    maker.tensor("y", "f32", (2, 2))
    maker.operator("GATHER", ["c", "i"], ["g"], table="GatherOptions")
    maker.operator("ADD", ["x", "g"], ["y"], table="AddOptions")
    large = maker.build(["x"], ["y"])
    with Runtime() as runtime:
        folder = runtime.keep(b"").parent
        for model, files in ((doubling(), 1), (large, 2), (large.to_bytes(), 2)):
            with runtime.load(model, "default") as program:
                assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]
                assert len(list(folder.iterdir())) == files
            assert runtime.run_once(model, "default", [[filled(1)]])[0][0].tolist() == [[2, 2], [2, 2]]
            assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("kernels", ["reference", "builtin", "default"])
def test_running_once_is_to_load_run_and_forget(runtime: Runtime, tmp_path: Path, kernels: Kernels) -> None:
    model = conv()
    path = tmp_path / "model.tflite"
    path.write_bytes(model.to_bytes())
    random = np.random.default_rng(1)
    series = [[random.normal(size=(batch, 8, 8, 2)).astype(np.float32)] for batch in (1, 3, 1)]
    with runtime.load(path, kernels) as program:
        expected = [program.run(inputs) for inputs in series]
    for source in (model, model.to_bytes(), path):
        results = runtime.run_once(source, kernels, series)
        assert [[each.tobytes() for each in outputs] for outputs in results] == [
            [each.tobytes() for each in outputs] for outputs in expected
        ]


def test_running_once_starts_each_series_from_a_fresh_state(runtime: Runtime) -> None:
    assert runtime.run_once(doubling(), "default", []) == []
    first, second = runtime.run_once(doubling(), "default", [[filled(3)], [filled(3)]])
    assert first[0].tolist() == second[0].tolist() == [[6, 6], [6, 6]]


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [(np.ones((2, 2), np.int32), "refused"), (filled(Do.ABORT), "crashed"), (filled(Do.MEMORY), "memory")],
)
def test_a_series_that_fails_is_the_failure_of_all(unstable: Runtime, bad: np.ndarray, outcome: str) -> None:
    kept = unstable.load(doubling(), "default", side="another model")
    for series in ([[bad], [filled(1)]], [[filled(1)], [bad]], [[filled(1)], [filled(1)] * 2]):
        with pytest.raises(RuntimeFailure, match=r"^the left side: the runtime's default kernels ") as caught:
            unstable.run_once(doubling(), "default", series, side="the left side")
        assert caught.value.outcome == (outcome if len(series[1]) == 1 else "refused")
    assert unstable.run_once(doubling(), "default", [[filled(2)]])[0][0].tolist() == [[4, 4], [4, 4]]
    assert kept.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
@pytest.mark.parametrize("threads", [1, 3])
def test_kernels_have_as_many_threads_as_they_are_given(threads: int) -> None:
    with Runtime(threads=threads, command=COMMAND) as runtime:
        runtime.run_once(conv(), "default", [[np.ones((1, 8, 8, 2), np.float32)]])
        with runtime.load(conv(), "default") as program:
            assert program.run([np.full((1, 8, 8, 2), Do.THREADS, np.float32)])[0].tolist() == [threads]

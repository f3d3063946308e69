"""Interpreters in a child process: results come back, and whatever befalls the child is a message."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rewriter.verify import Runtime, RuntimeFailure
from tests.unit import verify_child
from tests.unit.verify_models import Maker, conv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewriter.model import Model
    from rewriter.verify.runtime import Kernels


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with Runtime() as running:
        yield running


@pytest.fixture
def unstable() -> Iterator[Runtime]:
    with Runtime(time_limit=2.0, command=(sys.executable, str(Path(verify_child.__file__)))) as running:
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


def test_a_model_runs_from_its_bytes_and_from_its_path(runtime: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(doubling().to_bytes())
    for source in (path, path.read_bytes()):
        with runtime.load(source, "default") as program:
            assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]
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
        (verify_child.ABORT, "crashed", r"ended by SIGABRT; F0000 check failed: size == 4$"),
        (verify_child.SEGFAULT, "crashed", r"ended by SIGSEGV"),
        (verify_child.MEMORY, "memory", r"ran out of memory"),
        (verify_child.EXIT, "crashed", r"ended with code 7"),
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
        program.run([filled(verify_child.HANG)])
    assert caught.value.outcome == "hung"
    assert time.monotonic() - start < 10
    assert program.run([filled(1)])[0].tolist() == [[2, 2], [2, 2]]


def test_what_a_runtime_prints_disturbs_nothing(unstable: Runtime, capfd: pytest.CaptureFixture[str]) -> None:
    with unstable.load(doubling(), "default") as program:
        assert program.run([filled(verify_child.PRINT)])[0].flat[0] == 2 * verify_child.PRINT
    assert capfd.readouterr() == ("", "")


def test_nothing_stays_behind() -> None:
    runtime = Runtime()
    folder = runtime.keep(doubling()).parent
    runtime.load(doubling(), "default")
    assert folder.is_dir()
    runtime.close()
    assert not folder.exists()

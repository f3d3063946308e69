"""Interpreters at arm's length: models run in a warm child process, and whatever befalls that one is a message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, Self, cast

from attrs import define, field

from rewriter.errors import CheckError
from rewriter.verify.protocol import Array, Frame, receive, send
from rewriter.verify.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedIOBase

Kernels = Literal["reference", "builtin", "default"]
"""Which of the runtime's kernels: the plain ones, the fast ones, or the fast ones with the default delegate."""

Outcome = Literal["refused", "crashed", "hung", "memory"]

_NOISE = ("INFO:", "I0000", "WARNING: All log messages before")
_WORDS_SHOWN = 400
# By the kernel, when memory runs out; there is no name for it on every platform.
_KILLED = -9
_TELLING = 20


class Saveable(Protocol):
    """Anything that can be written as a model file, `rewriter.model.Model` above all."""

    def save(self, path: Path, /) -> None:
        """Write the file."""
        ...


class RuntimeFailure(CheckError):
    """A runtime refused a model, crashed on it, hung, or ran out of memory.

    Attributes:
        side: Which model it was, in words: ``before``, ``after``, ``left side of pack.rule at y``.
        kernels: The kernels that it was run with.
        outcome: `refused` where the runtime said no by itself.
        reason: The runtime's words, or ours where it had no chance to say any.
        shared: Whether the child held other models besides.
    """

    def __init__(self, side: str, kernels: Kernels, outcome: Outcome, reason: str, *, shared: bool = False) -> None:
        super().__init__(f"{side}: the runtime's {kernels} kernels {_VERBS[outcome]}: {reason}")
        self.side = side
        self.kernels: Kernels = kernels
        self.outcome: Outcome = outcome
        self.reason = reason
        self.shared = shared


_VERBS: dict[Outcome, str] = {
    "refused": "refuse it",
    "crashed": "crash on it",
    "hung": "do not finish",
    "memory": "run out of memory",
}


@define(eq=False)
class Program:
    """A model that is loaded, or can be loaded again, under one kernel set. `Runtime.load` makes it."""

    side: str
    kernels: Kernels
    _runtime: Runtime
    _path: Path
    _own: bool
    _number: int
    _child: int = -1

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once, from a fresh state.

        Args:
            inputs: One array for each model input, in the model's order. One of another shape than the file records
                resizes that input first. String tensors are arrays of ``bytes`` objects.

        Returns:
            The model's outputs, in the model's order.

        Raises:
            RuntimeFailure: The runtime refused, crashed, hung, or ran out of memory.
        """
        try:
            return self._run(inputs)
        except RuntimeFailure as failure:
            # Another model may have spoiled the memory that it shared with this one. Alone, it has another chance.
            if failure.outcome != "crashed" or not failure.shared:
                raise
        return self._run(inputs)

    def _run(self, inputs: Sequence[Array]) -> list[Array]:
        self.load()
        request = {"do": "run", "program": self._number}
        return list(self._runtime.ask(self, request, inputs).arrays)

    def load(self) -> None:
        """Load the model where the present child does not hold it (the last one may have crashed on another)."""
        if self._child == self._runtime.child:
            return
        request = {"do": "load", "program": self._number, "path": str(self._path), "kernels": self.kernels}
        self._runtime.ask(self, request)
        self._child = self._runtime.child

    def close(self) -> None:
        """Forget the model, here and in the child."""
        if self._child == self._runtime.child:
            # A model that corrupted the child's memory may bring it down only now. Its results were taken before.
            with suppress(RuntimeFailure):
                self._runtime.ask(self, {"do": "drop", "program": self._number})
        self._child = -1
        if self._own:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@define(eq=False)
class Runtime:
    """A child process that runs models, started again whenever one of them took it down.

    The child starts to import the runtime at once, so a `Runtime` made early is warm when it is needed.

    Attributes:
        time_limit: Seconds for one request; a model that takes longer counts as hung.
        command: What to start instead of the child program, for tests.
        child: The number of the present child; it changes when one had to be replaced.
    """

    time_limit: float = 120.0
    command: tuple[str, ...] = (sys.executable, "-m", "rewriter.verify.child")
    child: int = field(default=0, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _log: BinaryIO = field(factory=tempfile.TemporaryFile, init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)
    _watch: Watch = field(factory=Watch, init=False)
    _held: int = field(default=0, init=False)
    _programs: int = field(default=0, init=False)
    _files: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="rewriter-check-")
        self._start()

    def load(self, model: Saveable | bytes | Path, kernels: Kernels, *, side: str = "the model") -> Program:
        """Load a model, by its path: bytes and models are written to a private folder first, never sent.

        Raises:
            RuntimeFailure: The runtime refuses the model, or falls over it.
        """
        own = not isinstance(model, Path)
        path = model if isinstance(model, Path) else self.keep(model)
        self._programs += 1
        program = Program(side, kernels, self, path.absolute(), own, self._programs)
        try:
            program.load()
        except RuntimeFailure:
            program.close()
            raise
        return program

    def keep(self, model: Saveable | bytes) -> Path:
        """Write a model into the private folder, where it stays until the runtime is closed."""
        self._files += 1
        path = Path(self._folder.name, f"{self._files}.tflite")
        if isinstance(model, bytes):
            path.write_bytes(model)
        else:
            model.save(path)
        return path

    def ask(self, program: Program, header: dict[str, Any], arrays: Sequence[Array] = ()) -> Frame:
        """Send one request and wait for its answer; `Program` is the one to call this.

        Raises:
            RuntimeFailure: The answer is a refusal, or there is none.
        """
        process = self._process or self._start()
        requests, answers = cast("BufferedIOBase", process.stdin), cast("BufferedIOBase", process.stdout)
        self._held += header["do"] == "load"
        start = self._log.seek(0, os.SEEK_END)
        self._watch.begin(process, self.time_limit)
        try:
            send(requests, header, arrays)
            answer = receive(answers)
        except (EOFError, OSError) as error:
            raise self._lost(process, program, start, late=self._watch.late) from error
        finally:
            self._watch.end()
        if not answer.header["ok"]:
            words = answer.header["reason"] or self._words(start)
            raise RuntimeFailure(program.side, program.kernels, answer.header["kind"], _short(words))
        return answer

    def close(self) -> None:
        """End the child and remove what was written for it."""
        if self._process is not None:
            self._end(self._process)
        self._watch.close()
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self.child += 1
        self._held = 0
        # The child sees the same packages as this process, wherever it was started from; with "" among them it would
        # also see whatever lies in the current folder.
        search = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": search, "PYTHONSAFEPATH": "1"},
        )
        return self._process

    def _lost(self, process: subprocess.Popen[bytes], program: Program, start: int, *, late: bool) -> RuntimeFailure:
        self._end(process)
        words = self._words(start)
        if late:
            reason = f"no result within {self.time_limit:g} seconds"
            return RuntimeFailure(program.side, program.kernels, "hung", reason)
        end = _ending(process.returncode)
        if "bad_alloc" in words or process.returncode == _KILLED:
            return RuntimeFailure(program.side, program.kernels, "memory", _short(f"{end}; {words}".rstrip("; ")))
        reason = _short(f"{end}; {words}".rstrip("; "))
        return RuntimeFailure(program.side, program.kernels, "crashed", reason, shared=self._held > 1)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        self.child += 1
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            # A child that lost its input ends by itself; one that crashes may still be about to.
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _words(self, start: int) -> str:
        """What the runtime wrote to its standard error since `start`, without the lines that say nothing."""
        self._log.seek(start)
        lines = self._log.read().decode(errors="replace").splitlines()
        kept = [line.strip() for line in lines if line.strip() and not line.startswith(_NOISE)]
        return "; ".join(kept[-3:])


def _ending(code: int) -> str:
    if code >= 0:
        return f"its process ended with code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"


def _short(words: str) -> str:
    # The runtime strings its messages together without a blank, and repeats those of earlier runs.
    line = " ".join(words.split()).replace("Node number", " Node number").replace("  ", " ")
    again = line.find(line[:_TELLING], 1) if len(line) > _TELLING else -1
    line = line[:again] if again > 0 else line
    return line if len(line) <= _WORDS_SHOWN else line[:_WORDS_SHOWN] + "…"

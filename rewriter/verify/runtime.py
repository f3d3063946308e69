"""Interpreters at arm's length: models run in a warm child process, and whatever befalls that one is a message."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Self, TypeVar

import numpy as np
from attrs import define, field

from rewriter.errors import CheckError
from rewriter.verify.process import FORKS, Channel, Forking, Host, Spawning
from rewriter.verify.protocol import Array, Frame, receive, send
from rewriter.verify.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rewriter.model import Model

Kernels = Literal["reference", "builtin", "default"]
"""Which of the runtime's kernels: the plain ones, the fast ones, or the fast ones with the default delegate."""

Outcome = Literal["refused", "crashed", "hung", "memory"]

_T = TypeVar("_T")

_NOISE = (
    "INFO:",
    "I0000",
    "WARNING: All log messages before",
    "WARNING: [npu_registry",
    "WARNING: [gpu_registry",
)
_WORDS_SHOWN = 400
# By the kernel, when memory runs out; there is no name for it on every platform.
_KILLED = -9
_TELLING = 20
_SMALL = 1 << 20
"""Bytes. A model up to this size is sent; a larger one is mapped from its file and takes memory once, and only where it
is read."""
_START_SECONDS = 120.0
"""For an import of the runtime that is waited for; the time limit is for what models do."""


class RuntimeFailure(CheckError):
    """A runtime refused a model, crashed on it, hung, or ran out of memory.

    Attributes:
        side: Which model it was, in words: ``before``, ``after``, ``left side of pack.rule at y``.
        kernels: The kernels that it was run with.
        outcome: `refused` where the runtime said no by itself.
        reason: The runtime's words, or ours where it had no chance to say any.
        shared: Whether the child held other models besides, or had before.
    """

    def __init__(self, side: str, kernels: Kernels, outcome: Outcome, reason: str, *, shared: bool = False) -> None:
        super().__init__(f"{side}: the runtime's {kernels} kernels {_VERBS[outcome]}: {reason}")
        self.side = side
        self.kernels: Kernels = kernels
        self.outcome: Outcome = outcome
        self.reason = reason
        self.shared = shared

    @property
    def lacks_operator(self) -> bool:
        """Whether these are the reference kernels, and have a builtin operator not at all, or in older versions only.

        They are kept up less than the default ones, to which what they lack is left.
        """
        return self.kernels == "reference" and _LACKING in self.reason


_LACKING = "Didn't find op for builtin opcode"

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
    _source: bytes | Path
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
        return _fairly(lambda: self._run(inputs))

    def load(self) -> None:
        """Load the model where the present child does not hold it (the last one may have crashed on another)."""
        _fairly(self._load)

    def close(self) -> None:
        """Forget the model, here and in the child."""
        if self._child == self._runtime.child:
            self._runtime.tell({"do": "drop", "program": self._number})
        self._child = -1
        if self._own and isinstance(self._source, Path):
            self._source.unlink(missing_ok=True)

    def _load(self) -> None:
        if self._child == self._runtime.child:
            return
        header, arrays = self._runtime.loading(self._source, self.kernels)
        self._runtime.ask(self.side, self.kernels, {"do": "load", "program": self._number, **header}, arrays)
        self._child = self._runtime.child

    def _run(self, inputs: Sequence[Array]) -> list[Array]:
        self._load()
        request = {"do": "run", "program": self._number}
        return list(self._runtime.ask(self.side, self.kernels, request, inputs).arrays)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@define(eq=False)
class Runtime:
    """A child process that runs models, replaced whenever one of them took it down.

    What is needed for the child is imported at once, so a `Runtime` made early is warm when it is needed. Where the
    platform forks, a server imports it once and each child is a fork of that; a lost child then costs milliseconds.

    Attributes:
        time_limit: Seconds for one request; a model that takes longer counts as hung.
        threads: How many threads the runtime's kernels may use; None: one for each of the machine's processors. For
            small models one is best: to start others costs more than such a model takes.
        command: What to start instead of the child program, for tests.
        forks: Whether children are forked by a server.
        child: The number of the present child; it changes when one had to be replaced.
    """

    time_limit: float = 120.0
    threads: int | None = None
    command: tuple[str, ...] = (sys.executable, "-m", "rewriter.verify.child")
    forks: bool = FORKS
    child: int = field(default=0, init=False)
    _host: Host = field(init=False)
    _channel: Channel | None = field(default=None, init=False)
    _log: BinaryIO = field(factory=tempfile.TemporaryFile, init=False)
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)
    _watch: Watch = field(factory=Watch, init=False)
    _held: int = field(default=0, init=False)
    _programs: int = field(default=0, init=False)
    _files: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="rewriter-check-")
        self._host = (Forking if self.forks else Spawning)(self.command, self._log)
        self._host.start()

    @property
    def process(self) -> int | None:
        """The number of the process that was started: the server, or the child; None while there is none."""
        return self._host.process

    def load(self, model: Model | bytes | Path, kernels: Kernels, *, side: str = "the model") -> Program:
        """Load a model: one that is small by its bytes, a large one from a file, which is written if there is none.

        Raises:
            RuntimeFailure: The runtime refuses the model, or falls over it.
        """
        source = self.source(model)
        self._programs += 1
        program = Program(side, kernels, self, source, not isinstance(model, Path), self._programs)
        try:
            program.load()
        except RuntimeFailure:
            program.close()
            raise
        return program

    def run_once(
        self,
        model: Model | bytes | Path,
        kernels: Kernels,
        series: Sequence[Sequence[Array]],
        *,
        side: str = "the model",
    ) -> list[list[Array]]:
        """Load a model, run it on several series of inputs, each from a fresh state, and forget it: all in one request.

        Args:
            model: As for `load`.
            kernels: The kernels to run it with.
            series: Each as for `Program.run`.
            side: Which model it is, in words.

        Returns:
            For each series the model's outputs.

        Raises:
            RuntimeFailure: The runtime refused, crashed, hung, or ran out of memory, on the model or one of the series.
        """
        source = self.source(model)
        header, arrays = self.loading(source, kernels)
        header = {"do": "once", "series": [len(inputs) for inputs in series], **header}
        arrays = [*arrays, *(array for inputs in series for array in inputs)]
        try:
            results = _fairly(lambda: self.ask(side, kernels, header, arrays)).arrays
        finally:
            if isinstance(source, Path) and not isinstance(model, Path):
                source.unlink(missing_ok=True)
        each = len(results) // len(series) if series else 0
        return [list(results[each * number : each * (number + 1)]) for number in range(len(series))]

    def plan(
        self, model: Model | bytes | Path, kernels: Kernels, *, side: str = "the model"
    ) -> tuple[list[tuple[str, list[int], list[int]]], list[int]]:
        """What the runtime will run of a model's first subgraph, and the numbers of its output tensors.

        Returns:
            The model's own operators in order, then those that the default delegate put in the place of some, which are
            called `DELEGATE`; each with the numbers of its operands and results.

        Raises:
            RuntimeFailure: The runtime refuses the model, or falls over it.
        """
        source = self.source(model)
        header, arrays = self.loading(source, kernels)
        try:
            answer = _fairly(lambda: self.ask(side, kernels, {"do": "plan", **header}, arrays)).header
        finally:
            if isinstance(source, Path) and not isinstance(model, Path):
                source.unlink(missing_ok=True)
        return [(name, inputs, outputs) for name, inputs, outputs in answer["operators"]], answer["outputs"]

    def source(self, model: Model | bytes | Path) -> bytes | Path:
        """What a model is loaded from: its bytes where it is small, its file, or one that is written for it."""
        if isinstance(model, Path):
            return model.absolute()
        if isinstance(model, bytes):
            return model if len(model) <= _SMALL else self.keep(model)
        # By what it is sure to hold at least: a large model is never made in memory.
        unchanged = model.binary is not None and not model.modified
        least = model.binary.size if unchanged and model.binary else sum(buffer.size for buffer in model.buffers)
        return self.keep(model) if least > _SMALL else self.source(model.to_bytes())

    def keep(self, model: Model | bytes) -> Path:
        """Write a model into the private folder, where it stays until the runtime is closed."""
        self._files += 1
        path = Path(self._folder.name, f"{self._files}.tflite")
        if isinstance(model, bytes):
            path.write_bytes(model)
        else:
            model.save(path)
        return path

    def loading(self, source: bytes | Path, kernels: Kernels) -> tuple[dict[str, Any], list[Array]]:
        """The part of a request that says what to load, and how."""
        header: dict[str, Any] = {"kernels": kernels, "threads": self.threads}
        if isinstance(source, Path):
            return {**header, "path": str(source)}, []
        return header, [np.frombuffer(source, np.uint8)]

    def ask(self, side: str, kernels: Kernels, header: dict[str, Any], arrays: Sequence[Array] = ()) -> Frame:
        """Send one request and wait for its answer; `Program` and `run_once` are the ones to call this.

        Raises:
            RuntimeFailure: The answer is a refusal, or there is none.
        """
        start = self._log.seek(0, os.SEEK_END)
        limit = self.time_limit
        try:
            if self._channel is None:
                limit = max(limit, _START_SECONDS)
                self._watch.begin(self._host.kill, limit)
                self._channel = self._host.open()
                limit = self.time_limit
            self._held += header["do"] != "run"
            self._watch.begin(self._host.kill, limit)
            send(self._channel.requests, header, arrays)
            answer = receive(self._channel.answers)
            self._watch.end()
        except (EOFError, OSError) as error:
            self._watch.end()
            raise self._lost(side, kernels, start, limit) from error
        except BaseException:
            # Interrupted in the middle of it: what comes next from this child would be the answer to this.
            self._watch.end()
            self._host.kill()
            self._end()
            raise
        if self._watch.late:
            raise self._lost(side, kernels, start, limit)
        if not answer.header["ok"]:
            words = answer.header["reason"] or self._words(start) or answer.header.get("otherwise", "")
            raise RuntimeFailure(side, kernels, answer.header["kind"], _short(words))
        return answer

    def tell(self, header: dict[str, Any]) -> None:
        """Send a request that has no answer."""
        if self._channel is not None:
            # Whether the child is still there, the next who asks it will see.
            with suppress(OSError):
                send(self._channel.requests, header)

    def close(self) -> None:
        """End the child and remove what was written for it."""
        self._channel = None
        self._host.close()
        self._watch.close()
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lost(self, side: str, kernels: Kernels, start: int, limit: float) -> RuntimeFailure:
        shared = self._held > 1
        code = self._end()
        words = self._words(start)
        if self._watch.late:
            return RuntimeFailure(side, kernels, "hung", f"no result within {limit:g} seconds")
        reason = _short(f"{_ending(code)}; {words}".rstrip("; "))
        if "bad_alloc" in words or code == _KILLED:
            return RuntimeFailure(side, kernels, "memory", reason)
        return RuntimeFailure(side, kernels, "crashed", reason, shared=shared)

    def _end(self) -> int:
        self._channel = None
        self._held = 0
        self.child += 1
        return self._host.end()

    def _words(self, start: int) -> str:
        """What the runtime wrote to its standard error since `start`, without the lines that say nothing."""
        self._log.seek(start)
        lines = self._log.read().decode(errors="replace").splitlines()
        kept = [line.strip() for line in lines if line.strip() and not line.startswith(_NOISE)]
        return "; ".join(kept[-3:])


def _fairly(attempt: Callable[[], _T]) -> _T:
    """Try again, alone in a fresh child, what crashed in one that had held other models.

    One of those may have spoiled the memory that it shared with this one, or brought the child down as it was dropped.
    """
    try:
        return attempt()
    except RuntimeFailure as failure:
        if failure.outcome != "crashed" or not failure.shared:
            raise
    return attempt()


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

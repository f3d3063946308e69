"""An executor of processes in which each task that takes its process down fails alone."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, BinaryIO, ParamSpec, TypeVar, cast

from attrs import define, field

LENGTH = struct.Struct("<Q")
"""Before each request and each answer: how many bytes it has."""

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_GRACE = 5.0  # seconds; a worker that lost its input ends by itself
_LAST_WORDS = 2000  # bytes


class WorkerDied(Exception):
    """The process that ran a task is gone, and the task with it."""


@define(eq=False)
class _Process:
    """A process that does one task after the other."""

    log: Any = field(factory=tempfile.TemporaryFile)  # what it says on standard error, read if it dies
    process: subprocess.Popen[bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        search = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rewriter.many.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, "PYTHONPATH": search, "PYTHONSAFEPATH": "1"},
        )

    def call(self, request: object) -> Any:
        """Have something done.

        Raises:
            OSError, EOFError: The process is gone.
            Exception: What the task raised.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        send(cast("BinaryIO", self.process.stdin), request)
        done, what = receive(cast("BinaryIO", self.process.stdout))
        if done:
            return what
        raise what

    def ended(self) -> str:
        """How it ended, in words; nothing is left of it then."""
        self._end()
        code = self.process.returncode
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - _LAST_WORDS))
        said = self.log.read().decode(errors="replace").split("\n\n", 1)[0].strip()
        self.log.close()
        if code >= 0:
            how = f"its process ended with exit code {code}"
        else:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            how = f"its process was ended by {name}"
            how += ", as the system does when memory runs out" if name == "SIGKILL" else ""
        return f"{how}\n{said}" if said else how

    def kill(self) -> None:
        """End it in the middle of what it does."""
        self.process.kill()

    def close(self) -> None:
        """Let it end, and leave nothing behind."""
        self._end()
        self.log.close()

    def _end(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def send(stream: BinaryIO, what: object) -> None:
    """Write a request or an answer."""
    data = pickle.dumps(what)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read a request or an answer of the process at the other end, which is our own.

    Raises:
        EOFError: There is none left.
    """
    head = stream.read(LENGTH.size)
    data = stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    if not data:
        raise EOFError("the other process ended")
    return pickle.loads(data)


class Workers(Executor):
    """Processes of which each does one task at a time.

    `concurrent.futures.ProcessPoolExecutor` gives up all tasks when one process dies. Here the task that ran in it
    raises `WorkerDied`, and the next one gets a new process. A program that uses this need not guard its main module.
    """

    def __init__(self, jobs: int) -> None:
        """Start no process yet.

        Args:
            jobs: How many there are at most; 1 or more.
        """
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="rewriter-many")
        self._own = threading.local()
        self._every: set[_Process] = set()
        self._changing = threading.Lock()
        self._killed = False

    def submit(
        self, fn: Callable[Parameters, Returned], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Returned]:
        return self._threads.submit(self._call, fn, args, kwargs)

    def _call(self, function: Callable[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
        process: _Process | None = getattr(self._own, "process", None)
        if process is None or process.process.poll() is not None:
            process = self._own.process = self._start()
        try:
            return process.call((function, args, kwargs))
        except (EOFError, BrokenPipeError, ConnectionError):
            self._own.process = None
            with self._changing:
                self._every.discard(process)
            raise WorkerDied(process.ended()) from None

    def _start(self) -> _Process:
        with self._changing:
            if self._killed:
                raise WorkerDied("its process was stopped")
            process = _Process()
            self._every.add(process)
        return process

    def kill(self) -> None:
        """Stop at once: what runs is ended, what waits is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._changing:
            self._killed = True
            for each in self._every:
                each.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            with self._changing:
                every, self._every = self._every, set()
            for each in every:
                each.close()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self.kill()
        self.shutdown()


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

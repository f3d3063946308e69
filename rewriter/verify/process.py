"""Processes that models run in: how one is started, how it ended, and how the next one comes to be.

Where the platform forks, one process imports the runtime, runs nothing, and forks a worker whenever it is asked to: a
worker that a model took down is replaced within milliseconds. Elsewhere each one is a new process that imports anew.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedIOBase

FORKS = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether workers are forked. The libraries of macOS may start threads as soon as they are loaded, and such a process
must not go on after a fork."""

WORKER, END = b"w", b"e"
"""What the server is asked: for a worker, whose pipes come along and whose process number is the answer; and to see to
the end of that worker, whose exit code is the answer."""
NUMBER = struct.Struct("<i")
"""The server's answers."""

GRACE = 2.0
"""Seconds. A process that lost its input ends by itself; one that crashes may still be about to."""


@frozen(eq=False)
class Channel:
    """The two ends of a conversation."""

    requests: BufferedIOBase
    answers: BufferedIOBase

    def close(self) -> None:
        """End the conversation."""
        for stream in (self.requests, self.answers):
            with suppress(OSError):
                stream.close()


class Host(Protocol):
    """Where models run: one process at a time."""

    @property
    def process(self) -> int | None:
        """The number of the process that was started; None while there is none."""
        ...

    def start(self) -> None:
        """Begin with what takes long, and do not wait for it."""
        ...

    def open(self) -> Channel:
        """Have a process that answers, and the way to talk to it.

        Raises:
            OSError: There is none.
            EOFError: What was to start it ended.
        """
        ...

    def kill(self) -> None:
        """End the process, in the middle of whatever it does; may be called from another thread."""
        ...

    def end(self) -> int:
        """Close the channel and see to the end of the process.

        Returns:
            Its exit code; the number of the signal that ended it, negative.
        """
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


@define(eq=False)
class Spawning:
    """Each process is a new one."""

    command: Sequence[str]
    log: BinaryIO
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def process(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, env=_environment()
            )

    def open(self) -> Channel:
        self.start()
        assert self._process is not None
        return Channel(cast("BufferedIOBase", self._process.stdin), cast("BufferedIOBase", self._process.stdout))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        Channel(cast("BufferedIOBase", process.stdin), cast("BufferedIOBase", process.stdout)).close()
        return _wait(process)

    def close(self) -> None:
        self.end()


@define(eq=False)
class Forking:
    """Each process is forked by a server, which stays.

    A worker's pipes are its own: whatever it left half written goes with it. Its number is nobody else's until the
    server is asked to see to its end, so that it can be killed by that.
    """

    command: Sequence[str]
    log: BinaryIO
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _control: socket.socket | None = field(default=None, init=False)
    _channel: Channel | None = field(default=None, init=False)
    _worker: int = field(default=0, init=False)

    @property
    def process(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        if self._process is not None:
            return
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*self.command, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                # A process with threads should not fork, and a library of numpy's starts some unless told not to.
                env={**_environment(), "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=[theirs.fileno()],
            )

    def open(self) -> Channel:
        self.start()
        assert self._control is not None
        read_requests, write_requests = os.pipe()
        read_answers, write_answers = os.pipe()
        self._channel = Channel(os.fdopen(write_requests, "wb"), os.fdopen(read_answers, "rb"))
        try:
            socket.send_fds(self._control, [WORKER], [read_requests, write_answers])
        finally:
            os.close(read_requests)
            os.close(write_answers)
        self._worker = self._answer()
        return self._channel

    def kill(self) -> None:
        if self._worker:
            os.kill(self._worker, signal.SIGKILL)
        elif self._process is not None:
            self._process.kill()

    def end(self) -> int:
        worker, self._worker = self._worker, 0
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if worker and self._control is not None:
            with suppress(OSError, EOFError):
                self._control.sendall(END)
                return self._answer()
        return self._end_server()

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._end_server()

    def _answer(self) -> int:
        assert self._control is not None
        data = self._control.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(data) < NUMBER.size:
            raise EOFError("the server ended")
        return NUMBER.unpack(data)[0]

    def _end_server(self) -> int:
        process, self._process = self._process, None
        self._worker = 0
        if self._control is not None:
            self._control.close()
            self._control = None
        return 0 if process is None else _wait(process)


def _environment() -> dict[str, str]:
    # The child sees the same packages as this process, wherever it was started from; with "" among them it would also
    # see whatever lies in the current folder.
    search = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "PYTHONPATH": search, "PYTHONSAFEPATH": "1"}


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        process.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return process.returncode

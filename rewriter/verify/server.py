"""The fork server: a process that has imported the runtime, runs nothing, and forks the workers that do."""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from rewriter.verify.process import END, GRACE, NUMBER, WORKER, Channel

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_LOOK = 0.0002


def fork_workers(control: socket.socket, prepare: Callable[[], object]) -> Channel | None:
    """Fork a worker whenever one is asked for; there is one at a time.

    Args:
        control: Where requests come from (see `rewriter.verify.process`). When it ends, so does the worker.
        prepare: Loads what all workers need.

    Returns:
        In each worker, what it is to talk over; in the server, at the end, None.
    """
    # Whoever is asked to stop at a terminal closes `control`, or does not.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare()
    # What is here stays: a collection in a worker that looked at it would only copy its pages.
    gc.collect()
    gc.freeze()
    worker = 0
    while True:
        try:
            request, pipes, _, _ = socket.recv_fds(control, 1, 2)
        except ConnectionError:
            request, pipes = b"", []
        if request == WORKER:
            worker = os.fork()
            if worker == 0:
                control.close()
                return Channel(os.fdopen(pipes[0], "rb"), os.fdopen(pipes[1], "wb"))
            for pipe in pipes:
                os.close(pipe)
            control.sendall(NUMBER.pack(worker))
        elif request == END:
            control.sendall(NUMBER.pack(_end(worker)))
            worker = 0
        else:
            if worker:
                _end(worker, grace=0)
            return None


def _end(worker: int, grace: float = GRACE) -> int:
    # Its pipes are closed a little before it has ended.
    deadline, pause = time.monotonic() + grace, _FIRST_LOOK
    while time.monotonic() < deadline:
        ended, status = os.waitpid(worker, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause *= 2
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])

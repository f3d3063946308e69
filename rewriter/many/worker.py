"""The main module of a process of `rewriter.many.workers`: it does what it is asked on standard input."""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import threading
import traceback
from typing import Any, BinaryIO, cast

from rewriter.many.workers import receive, send


def main() -> None:
    """Do one task after the other, until nobody is left to ask."""
    faulthandler.enable()
    # At a terminal Ctrl-C reaches every process; who started this one decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = (cast("BinaryIO", os.fdopen(os.dup(stream), mode)) for stream, mode in ((0, "rb"), (1, "wb")))
    # What a task prints must not stand among the answers.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        function, args, kwargs = waiting.get()
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the task was asked for
            answer = (False, _portable(error))
        send(answers, answer)


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[Any]) -> None:
    while True:
        try:
            waiting.put(receive(requests))
        except EOFError:
            # Whoever asked is gone, perhaps in the middle of a task; nobody wants its answer.
            os._exit(1)


def _portable(error: Exception) -> Exception:
    """The error, or one that says the same where it cannot be sent."""
    import pickle

    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an error can refuse to be sent in any way
        other = RuntimeError(f"{type(error).__name__}: {error}")
        other.__notes__ = error.__notes__
        return other
    return error


if __name__ == "__main__":
    main()

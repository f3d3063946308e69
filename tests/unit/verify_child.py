"""A child program that does to itself what a runtime might: what it does depends on the first input value."""

from __future__ import annotations

import ctypes
import io
import os
import sys
import time
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import rewriter.verify.child as child
from rewriter.verify.protocol import send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.protocol import Array


class Do(IntEnum):
    """What the child is to do, as the first value of its first input."""

    ABORT = 101
    SEGFAULT = 102
    HANG = 103
    MEMORY = 104
    EXIT = 105
    PRINT = 106
    CUT = 107
    NONSENSE = 108
    DOOMED = 109
    NUMBER = 110
    THREADS = 111


_run = child.run


def run(loaded: child.Loaded, inputs: Sequence[Array]) -> list[Array]:
    match int(inputs[0].flat[0]):
        case Do.ABORT:
            os.write(2, b"INFO: nothing of interest\nF0000 check failed: size == 4\n")
            os.abort()
        case Do.SEGFAULT:
            ctypes.string_at(0)
        case Do.HANG:
            time.sleep(60)
        case Do.MEMORY:
            raise MemoryError
        case Do.EXIT:
            os._exit(7)
        case Do.PRINT:
            os.write(1, b"a runtime prints to standard output\n" * 1000)
            sys.stderr.write("INFO: and to standard error\n" * 100_000)
        case Do.CUT:
            child.send = send_a_part
        case Do.NONSENSE:
            child.send = send_nonsense
        case Do.DOOMED:
            child.Interpreters.drop = fall_over
        case Do.NUMBER:
            return [np.array([os.getpid()])]
        case Do.THREADS:
            return [np.array([len(list(Path("/proc/self/task").iterdir()))])]
    return _run(loaded, inputs)


def send_a_part(stream: Any, header: dict[str, Any], arrays: Sequence[Array]) -> None:
    whole = io.BytesIO()
    send(whole, header, arrays)
    stream.write(whole.getvalue()[:-8])
    stream.flush()
    os._exit(0)


def send_nonsense(stream: Any, header: dict[str, Any], arrays: Sequence[Array]) -> None:
    stream.write(b"a runtime wrote where it should not " * 100)
    stream.flush()


def fall_over(self: child.Interpreters, program: int) -> None:
    os.abort()


if __name__ == "__main__":
    child.run = run
    child.main()

"""A child program that does to itself what a runtime might: what it does depends on the first input value."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import rewriter.verify.child as child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.protocol import Array

ABORT, SEGFAULT, HANG, MEMORY, EXIT, PRINT = 101, 102, 103, 104, 105, 106
_run = child.run


def run(interpreter: Any, inputs: Sequence[Array]) -> list[Array]:
    value = int(inputs[0].flat[0])
    if value == ABORT:
        os.write(2, b"INFO: nothing of interest\nF0000 check failed: size == 4\n")
        os.abort()
    if value == SEGFAULT:
        ctypes.string_at(0)
    if value == HANG:
        time.sleep(60)
    if value == MEMORY:
        raise MemoryError
    if value == EXIT:
        os._exit(7)
    if value == PRINT:
        os.write(1, b"a runtime prints to standard output\n" * 1000)
        sys.stderr.write("INFO: and to standard error\n" * 100_000)
    return _run(interpreter, inputs)


if __name__ == "__main__":
    child.run = run
    child.main()

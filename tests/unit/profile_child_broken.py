"""A child program that times models and is made to fail in one way: the first argument says which."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from rewriter.verify import child, profile_child, profile_door

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.protocol import Array, Frame


FAULT = ""


class Broken(profile_child.Timed):
    """Does what it is told to do wrong, and the rest as it should."""

    def answer(self, request: Frame) -> tuple[dict[str, Any], Sequence[Array]]:
        what = request.header["do"]
        match FAULT, what:
            case ("aborts", "run") | ("aborts always", _):
                os.write(2, b"F0000 check failed: size == 4\n")
                os.abort()
            case "hangs", "run":
                time.sleep(60)
            case "hangs always", _:
                time.sleep(60)
            case _:
                return super().answer(request)
        raise AssertionError


class LongerEvent(ctypes.Structure):
    """An event as another version of the runtime may have it."""

    _fields_ = [*profile_door._Event._fields_, ("more", ctypes.c_uint64)]


if __name__ == "__main__":
    FAULT = sys.argv.pop(1)
    if FAULT == "has other events":
        profile_door._Event = LongerEvent  # type: ignore[misc]
    if FAULT == "lacks a function":
        profile_door._FUNCTIONS["GetProfilerMood"] = ()
    child.main(Broken, profile_child.prepare)

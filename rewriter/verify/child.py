"""The child process in which models run: ``python -m rewriter.verify.child``.

It answers `load`, `run` and `drop` requests (see `rewriter.verify.runtime`) until its input ends. It stands alone so
that a runtime which crashes, hangs or eats all memory takes only this process with it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field

from rewriter.verify.protocol import Array, Frame, receive, send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedIOBase

_RESOLVERS = {"reference": "BUILTIN_REF", "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "default": "AUTO"}


@define
class Interpreters:
    """The loaded models, each under the number that the parent gave it."""

    _loaded: dict[int, Any] = field(factory=dict[int, Any])

    def answer(self, request: Frame) -> tuple[dict[str, Any], Sequence[Array]]:
        """Carry out one request; what the runtime refuses is an answer, too."""
        header = request.header
        try:
            match header["do"]:
                case "load":
                    self._loaded[header["program"]] = load(header["path"], header["kernels"])
                    return {"ok": True}, ()
                case "run":
                    return {"ok": True}, run(self._loaded[header["program"]], request.arrays)
                case _:
                    self._loaded.pop(header["program"], None)
                    return {"ok": True}, ()
        except MemoryError:
            return {"ok": False, "reason": "ran out of memory", "kind": "memory"}, ()
        except (RuntimeError, ValueError, TypeError) as error:
            return {"ok": False, "reason": str(error).strip(), "kind": "refused"}, ()


def load(path: str, kernels: str) -> Any:
    """Make an interpreter for the file at `path` and plan its memory."""
    from ai_edge_litert.interpreter import (  # pyright: ignore[reportMissingTypeStubs]
        Interpreter,
        OpResolverType,
    )

    interpreter: Any = Interpreter(
        model_path=path,
        experimental_op_resolver_type=OpResolverType[_RESOLVERS[kernels]],
        num_threads=os.cpu_count() or 1,
    )
    interpreter.allocate_tensors()
    return interpreter


def run(interpreter: Any, inputs: Sequence[Array]) -> list[Array]:
    """Run once from a fresh state; inputs and outputs stand in the model's own order."""
    details = interpreter.get_input_details()
    resized = False
    for detail, value in zip(details, inputs, strict=True):
        if tuple(detail["shape"]) != value.shape:
            interpreter.resize_tensor_input(detail["index"], value.shape)
            resized = True
    if resized:
        interpreter.allocate_tensors()
    # A recurrent model must not remember the run before: the two sides are run a different number of times.
    interpreter.reset_all_variables()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return [np.asarray(interpreter.get_tensor(detail["index"])) for detail in interpreter.get_output_details()]


def serve(requests: BufferedIOBase, answers: BufferedIOBase) -> None:
    """Answer requests until they end."""
    interpreters = Interpreters()
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        header, arrays = interpreters.answer(request)
        send(answers, header, arrays)


def _own_channel() -> tuple[BufferedIOBase, BufferedIOBase]:
    """Take standard input and output for the conversation, so that what a runtime prints cannot break a frame."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return requests, answers


def _be_the_one_to_go() -> None:
    """Where memory runs out, let it end this process: by a limit, or as the kernel's first choice."""
    if sys.platform != "linux":
        return
    import resource

    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(OSError, ValueError):
        # Not the address space: a model's file is mapped whole, and may be larger than the memory of the machine.
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The program."""
    requests, answers = _own_channel()
    _be_the_one_to_go()
    serve(requests, answers)


if __name__ == "__main__":
    main()

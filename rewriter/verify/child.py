"""The child process in which models run: ``python -m rewriter.verify.child``.

It answers the requests of `rewriter.verify.runtime` until they end. It stands alone so that a runtime which crashes,
hangs or eats all memory takes only this process with it. Given the number of a socket, ``... child 5``, it is the
server that forks such processes.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from attrs import define, field

from rewriter.verify.protocol import Array, Frame, receive, send
from rewriter.verify.server import fork_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from io import BufferedIOBase

_RUNTIME = "ai_edge_litert.interpreter"
_ONCE = 0
"""The number of a model that is run once; the parent counts from 1."""
_RESOLVERS = {"reference": "BUILTIN_REF", "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "default": "AUTO"}


@define
class Loaded:
    """An interpreter whose memory is planned, with what it says of itself: asking costs more than a small model's run.

    Attributes:
        inputs, outputs: The numbers of the model's tensors, in the model's order.
        shapes: Which shape each input has at present.
        planned: Whether memory is planned for these shapes.
    """

    interpreter: Any
    inputs: list[int]
    outputs: list[int]
    shapes: list[tuple[int, ...]]
    planned: bool = True

    def run(self, inputs: Sequence[Array]) -> list[Array]:
        """Run once from a fresh state; inputs and outputs stand in the model's own order."""
        interpreter = self.interpreter
        for place, (number, value) in enumerate(zip(self.inputs, inputs, strict=True)):
            if self.shapes[place] != value.shape:
                interpreter.resize_tensor_input(number, value.shape)
                self.shapes[place] = value.shape
                self.planned = False
        if not self.planned:
            interpreter.allocate_tensors()
            self.planned = True
        # A recurrent model must not remember the run before: the two sides are run a different number of times.
        interpreter.reset_all_variables()
        for number, value in zip(self.inputs, inputs, strict=True):
            # Of a single object the runtime would take the address for the characters.
            scalar = value.dtype == object and not value.shape
            interpreter.set_tensor(number, np.asarray(value.item(), np.bytes_) if scalar else value)
        interpreter.invoke()
        return [np.asarray(interpreter.get_tensor(number)) for number in self.outputs]


@define
class Interpreters:
    """The loaded models, each under the number that the parent gave it."""

    _loaded: dict[int, Loaded] = field(factory=dict[int, Loaded])

    def answer(self, request: Frame) -> tuple[dict[str, Any], Sequence[Array]]:
        """Carry out one request; what the runtime refuses is an answer, too."""
        header = request.header
        try:
            match header["do"]:
                case "load":
                    self._loaded[header["program"]] = load(header, request.arrays)
                    return {"ok": True}, ()
                case "run":
                    return {"ok": True}, run(self._loaded[header["program"]], request.arrays)
                case "plan":
                    return {"ok": True, **plan(header, request.arrays)}, ()
                case _:
                    return self._run_once(header, request.arrays)
        except MemoryError:
            return {"ok": False, "reason": "ran out of memory", "kind": "memory"}, ()
        except (RuntimeError, ValueError, TypeError) as error:
            return {"ok": False, "reason": str(error).strip(), "kind": "refused"}, ()

    def drop(self, program: int) -> None:
        """Forget a model."""
        self._loaded.pop(program, None)

    def _run_once(self, header: dict[str, Any], arrays: Sequence[Array]) -> tuple[dict[str, Any], Sequence[Array]]:
        loaded = load(header, arrays)
        # Kept until the next one: that it is forgotten need not be waited for.
        self._loaded[_ONCE] = loaded
        results: list[Array] = []
        left = arrays[len(arrays) - sum(header["series"]) :]
        for count in header["series"]:
            results += run(loaded, left[:count])
            left = left[count:]
        return {"ok": True}, results


def load(header: dict[str, Any], arrays: Sequence[Array]) -> Loaded:
    """Make an interpreter for a model and plan its memory.

    Args:
        header: The request. It says where the file stands, if it stands in one.
        arrays: The first one is the model's bytes where it does not.
    """
    from ai_edge_litert.interpreter import (  # pyright: ignore[reportMissingTypeStubs]
        Interpreter,
        OpResolverType,
    )

    path = header.get("path")
    interpreter: Any = Interpreter(
        model_path=path,
        model_content=arrays[0].tobytes() if path is None else None,
        experimental_op_resolver_type=OpResolverType[_RESOLVERS[header["kernels"]]],
        num_threads=header["threads"] or os.cpu_count() or 1,
    )
    interpreter.allocate_tensors()
    inputs = interpreter.get_input_details()
    return Loaded(
        interpreter,
        [detail["index"] for detail in inputs],
        [detail["index"] for detail in interpreter.get_output_details()],
        [tuple(detail["shape"].tolist()) for detail in inputs],
    )


def plan(header: dict[str, Any], arrays: Sequence[Array]) -> dict[str, Any]:
    """What the runtime will run of a model's first subgraph: the model's own operators, then what its delegate made.

    There is no public call for it.
    """
    loaded = load(header, arrays)
    found = loaded.interpreter._get_ops_details()
    operators = [[each["op_name"], each["inputs"].tolist(), each["outputs"].tolist()] for each in found]
    return {"operators": operators, "outputs": [int(number) for number in loaded.outputs]}


def run(loaded: Loaded, inputs: Sequence[Array]) -> list[Array]:
    """Run a model once."""
    return loaded.run(inputs)


class Answerer(Protocol):
    """Carries out requests; `Interpreters` does, and a program that does other things to models has another one."""

    def answer(self, request: Frame) -> tuple[dict[str, Any], Sequence[Array]]:
        """Carry out one request."""
        ...

    def drop(self, program: int) -> None:
        """Forget a model."""
        ...


def serve(requests: BufferedIOBase, answers: BufferedIOBase, answerer: Answerer) -> None:
    """Answer requests until they end."""
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        if request.header["do"] == "drop":
            # Nobody waits for it.
            answerer.drop(request.header["program"])
            continue
        header, arrays = answerer.answer(request)
        send(answers, header, arrays)
        answerer.drop(_ONCE)


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


def prepare() -> None:
    """Load what every worker needs."""
    import_module(_RUNTIME)


def main(answerer: Callable[[], Answerer] = Interpreters, prepare: Callable[[], object] = prepare) -> None:
    """The program.

    Args:
        answerer: Makes what carries out the requests.
        prepare: Loads what all workers need, once.
    """
    if sys.argv[1:]:
        channel = fork_workers(socket.socket(fileno=int(sys.argv[1])), prepare)
        if channel is None:
            return
        requests, answers = channel.requests, channel.answers
    else:
        requests, answers = _own_channel()
    _be_the_one_to_go()
    serve(requests, answers, answerer())


if __name__ == "__main__":
    main()

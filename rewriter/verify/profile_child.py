"""The child process in which models are timed: ``python -m rewriter.verify.profile_child``.

Like `rewriter.verify.child`, whose conversation and server it uses, but what it answers is how long things took.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from attrs import define, field

from rewriter.verify import child
from rewriter.verify.profile_door import CompiledModel, Library, Refusal, Status, open_library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.verify.protocol import Array, Frame


@define
class Timed:
    """Models under the profiler, each under the number that the parent gave it; and single runs by the clock."""

    _library: Library | None = None
    _compiled: dict[int, CompiledModel] = field(factory=dict[int, CompiledModel])

    def answer(self, request: Frame) -> tuple[dict[str, Any], Sequence[Array]]:
        """Carry out one request; what the runtime refuses is an answer, too."""
        header = request.header
        try:
            match header["do"]:
                case "load":
                    self._compiled[header["program"]] = self._compile(header, list(request.arrays))
                    return {"ok": True}, ()
                case "run":
                    events = self._compiled[header["program"]].run()
                    listed = [(each.tag, each.kind, each.elapsed, each.first, each.second) for each in events]
                    return {"ok": True, "events": listed}, ()
                case _:
                    seconds, results = clock(header, request.arrays)
                    return {"ok": True, "seconds": seconds}, results
        except MemoryError:
            return {"ok": False, "reason": "ran out of memory", "kind": "memory"}, ()
        except Refusal as error:
            # What the runtime itself has written says more than the number of a status.
            reason = "" if isinstance(error, Status) else str(error)
            return {"ok": False, "reason": reason, "otherwise": str(error), "kind": "refused"}, ()
        except (RuntimeError, ValueError, TypeError) as error:
            return {"ok": False, "reason": str(error).strip(), "kind": "refused"}, ()

    def drop(self, program: int) -> None:
        """Forget a model."""
        self._compiled.pop(program, None)

    def _compile(self, header: dict[str, Any], arrays: list[Array]) -> CompiledModel:
        if self._library is None:
            self._library = Library()
        model = header["path"] if "path" in header else arrays.pop(0)
        inputs = dict(zip(header["inputs"], arrays, strict=True))
        made = self._library.compile(model, header["kernels"], header["threads"], header["signature"], inputs)
        # What is only done at the first run is no part of how long a run takes.
        made.run()
        return made


def clock(header: dict[str, Any], arrays: Sequence[Array]) -> tuple[float, list[Array]]:
    """Run a model several times by itself.

    Args:
        header: The request: what to load and how, and how many `runs`.
        arrays: The model's bytes where it stands in no file, and its inputs.

    Returns:
        The least CPU time of a run, in seconds, all threads together, and the model's outputs.
    """
    loaded = child.load(header, arrays)
    results = loaded.run(arrays if "path" in header else arrays[1:])
    least = float("inf")
    for _ in range(header["runs"]):
        start = time.process_time()
        loaded.interpreter.invoke()
        least = min(least, time.process_time() - start)
    return least, results


def prepare() -> None:
    """Load what every worker needs."""
    child.prepare()
    open_library()


if __name__ == "__main__":
    child.main(Timed, prepare)

"""An eye on the clock: a process that takes too long over one request is ended."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    import subprocess

_LOOK_EVERY = 0.1


@define(eq=False)
class Watch:
    """Watches one process at a time.

    One thread looks at the clock now and then, because a check makes thousands of requests of a millisecond each, and
    a timer for each of them would cost more than the request.

    Attributes:
        late: Whether the request that is under way, or was the last, took too long.
    """

    late: bool = False
    _request: tuple[subprocess.Popen[bytes], float] | None = None
    _closed: Event = field(factory=Event)
    _thread: Thread | None = None

    def begin(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """From now on, end `process` after some seconds."""
        self.late = False
        self._request = (process, time.monotonic() + seconds)
        if self._thread is None:
            self._thread = Thread(target=self._look, name="rewriter-watch", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """The request is done."""
        self._request = None

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_EVERY):
            request = self._request
            if request is not None and time.monotonic() > request[1]:
                self.late = True
                request[0].kill()

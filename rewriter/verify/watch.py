"""An eye on the clock: what takes too long over one request is ended."""

from __future__ import annotations

import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_EVERY = 0.1


@define(eq=False)
class Watch:
    """Watches one request at a time.

    One thread looks at the clock now and then, because a check makes thousands of requests of a millisecond each, and
    a timer for each of them would cost more than the request.

    Attributes:
        late: Whether the request that is under way, or was the last, took too long.
    """

    late: bool = False
    _request: tuple[Callable[[], None], float] | None = None
    # Held while a request is found late and ended, so that one which is done just then is one or the other.
    _deciding: Lock = field(factory=Lock)
    _closed: Event = field(factory=Event)
    _thread: Thread | None = None

    def begin(self, kill: Callable[[], None], seconds: float) -> None:
        """From now on, call `kill` after some seconds, unless the request is done before."""
        self.late = False
        self._request = (kill, time.monotonic() + seconds)
        if self._thread is None:
            self._thread = Thread(target=self._look, name="rewriter-watch", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """The request is done."""
        with self._deciding:
            self._request = None

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_EVERY):
            with self._deciding:
                request = self._request
                if request is not None and time.monotonic() > request[1]:
                    self.late = True
                    self._request = None
                    request[0]()

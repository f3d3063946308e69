"""Keeping Python's cycle collector out of the way while a graph is built or changed."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Generator[None]:
    """Pause the collector.

    A graph is a web of cycles that all stay alive, and the collector walks all of it again for every quarter by which
    it grows: half the time of reading a large model, for nothing. Reference counts go on freeing everything else.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

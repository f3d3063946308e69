"""A Dask cluster as an executor."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from rewriter.errors import UsageError


@contextmanager
def cluster(address: str, *, timeout: float = 10.0) -> Generator[Executor]:
    """The workers of a scheduler, which must have this program installed in the same version.

    A task whose worker dies is done again by another one, up to as often as the scheduler allows.

    Args:
        address: Of the scheduler: `tcp://host:8786`.
        timeout: Seconds to wait for it.

    Raises:
        UsageError: Dask is not installed, or no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")  # which has no types for the type checker to read
    except ImportError:
        hint = "pip install 'rewriter[dask]', or leave --scheduler out: --jobs uses this machine's cores"
        raise UsageError("a scheduler needs dask.distributed, which is not installed", hint=hint) from None
    try:
        client: Any = distributed.Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(
            f"no scheduler answers at {address}: {reason}", hint="dask scheduler; --scheduler tcp://HOST:8786"
        ) from None
    try:
        executor: Executor = client.get_executor(pure=False)  # it writes files: no result of another run will do
        yield executor
    finally:
        # What still runs is of no use any more: its result is not waited for.
        client.close()

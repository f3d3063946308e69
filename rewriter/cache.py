"""Files that can be made again: a cache whose loss, damage or absence nobody notices but the clock.

It lives in `$REWRITER_CACHE_DIR`, else in `$XDG_CACHE_HOME/rewriter`, else in `~/.cache/rewriter`. Values are what
`marshal` can hold: numbers, strings, bytes, lists, tuples, dicts and sets of these. Reading one runs no code.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

_VARIABLE = "REWRITER_CACHE_DIR"
_CHECKSUM = 4


def cached(kind: str, key: object, make: Callable[[], Value], *, latest_of: object = None) -> Value:
    """The value that `make` gives, made once for each `key` and kept in a file.

    Args:
        kind: What it is, as the start of a file name: a plain word.
        key: All that the value depends on; `repr` must tell different keys apart. Python's version is added.
        make: Makes the value. It must be one that `marshal` can hold, else it is made anew each time.
        latest_of: What the value is one of several states of: of all that are made for it, only the last one is kept.
    """
    # The whole stamp stands in the file too, so a file is never taken for another one, whatever its name.
    stamp = repr((kind, key, sys.implementation.cache_tag, sys.hexversion, marshal.version))
    folder = directory()
    if folder is None:
        return make()
    named = stamp if latest_of is None else repr(latest_of)
    path = folder / f"{kind}-{zlib.crc32(named.encode()):08x}"
    found = _read(path, stamp)
    if found is not None:
        return cast("Value", found[0])
    value = make()
    _write(path, stamp, value)
    return value


def directory() -> Path | None:
    """The folder; None where no home is known. It need not exist."""
    if chosen := os.environ.get(_VARIABLE):
        return Path(chosen)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "rewriter"
    try:
        return Path.home() / ".cache" / "rewriter"
    except RuntimeError:  # no home is known
        return None


def _trusted(status: os.stat_result) -> bool:
    """Whether nobody but this user (or root) can have written it. `marshal` must not be fed by strangers."""
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022


def _read(path: Path, stamp: str) -> tuple[object] | None:
    try:
        with path.open("rb") as file:
            if not _trusted(os.fstat(file.fileno())):
                return None
            checksum, data = file.read(_CHECKSUM), file.read()
    except OSError:
        return None
    # marshal may crash on damaged data, so that has to be found before.
    if checksum != _checksum(data):
        return None
    match marshal.loads(data):
        case (str(written), value) if written == stamp:
            return (value,)
        case _:
            return None


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_CHECKSUM, "little")


def _write(path: Path, stamp: str, value: object) -> None:
    from tempfile import NamedTemporaryFile

    try:
        data = marshal.dumps(cast("Any", (stamp, value)))
    except ValueError:  # not a value that marshal can hold
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(_checksum(data) + data)
    except OSError:
        return
    try:
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink(missing_ok=True)

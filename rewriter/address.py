"""Where models stand: in local files, or at addresses that fsspec reads and writes (`s3://...`, `memory://...`).

fsspec is optional (`pip install 'rewriter[fsspec]'`), and imported only when an address is used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from rewriter.errors import ModelError, UsageError

ENDINGS = (".tflite", ".task", ".lite")
"""How files of models end."""

_NEAR = 3  # files that are told where there is none of a name
_MARK = "://"
_CHAIN = "::"
_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oci", "r2"})
"""Object stores: what is written there appears when it is complete, and renaming would copy it."""
_LISTED_BY_NAME = frozenset({"http", "https"})
"""Whether an address is a folder is known by a slash at its end alone: asking would fetch the file."""


def is_address(name: str) -> bool:
    """Whether a name is an address and no path of this computer."""
    return _MARK in name


def what_else(path: str) -> str | None:
    """What to try where a local path leads to no model that can be read; None where it leads to a file."""
    from difflib import get_close_matches

    if path == "-":
        return "apply, inspect, explain and profile read standard input; for others write it to a file first"
    if os.path.isfile(path) or is_address(path):
        return None
    inside = os.path.isdir(path)
    folder = path if inside else os.path.dirname(path) or "."
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return f"there is no folder {folder}"
    models = [name for name in names if name.endswith(ENDINGS)]
    close = models if inside else get_close_matches(os.path.basename(path), names) or models
    found = [name if folder == "." else os.path.join(folder, name) for name in close[:_NEAR]]
    return ", ".join(found) or f"there is no model in {'this folder' if folder == '.' else folder}"


def join(address: str, below: str) -> str:
    """The address of what stands below a folder; of chained addresses the first that has a path is the folder's."""
    parts = address.split(_CHAIN)
    place = next(number for number, part in enumerate(parts) if _MARK in part)
    folder = parts[place]
    # `memory://` alone is a folder, too.
    parts[place] = folder + below if folder.endswith("/") else f"{folder}/{below}"
    return _CHAIN.join(parts)


def last_part(address: str) -> str:
    """The file's name."""
    part = next(part for part in address.split(_CHAIN) if _MARK in part)
    return part.partition("?")[0].rstrip("/").rpartition("/")[2]


def is_folder(address: str) -> bool:
    """Whether there is a folder.

    Raises:
        UsageError: fsspec is not installed, or knows no such protocol.
        ModelError: The address cannot be reached.
    """
    if _protocol(address) in _LISTED_BY_NAME:
        return address.partition("?")[0].endswith("/")
    system, path = _open(address)
    try:
        return bool(system.isdir(path))
    except Exception as error:  # each protocol has errors of its own
        raise _unreachable(address, "cannot be read", error) from error


def files_below(address: str) -> list[str]:
    """The files in a folder and in those inside it, by their paths from there, sorted.

    Raises:
        UsageError, ModelError: As for `is_folder`.
    """
    system, path = _open(address)
    try:
        found = [str(each) for each in system.find(path)]
    except Exception as error:  # each protocol has errors of its own
        raise _unreachable(address, "cannot be listed", error) from error
    start = path.rstrip("/") + "/"
    return sorted(each.removeprefix(start) for each in found if each.startswith(start))


def read_address(address: str) -> bytes:
    """All bytes of a file.

    Raises:
        UsageError, ModelError: As for `is_folder`.
    """
    system, path = _open(address)
    try:
        # Not `cat_file`: a cache in front of another file system answers when a file is opened.
        with system.open(path, "rb") as file:
            return bytes(file.read())
    except Exception as error:  # each protocol has errors of its own
        raise _unreachable(address, "cannot be read", error) from error


def write_address(address: str, data: bytes) -> None:
    """Write a file, under another name first: whoever looks sees the old file or the new one.

    Raises:
        UsageError, ModelError: As for `is_folder`.
    """
    import uuid

    system, path = _open(address)
    folder, _, name = str(path).rpartition("/")
    try:
        if _protocol(address) in _WHOLE:
            system.pipe_file(path, data)
            return
        if folder:
            system.makedirs(folder, exist_ok=True)
        made = f"{folder}/.{name}.{uuid.uuid4().hex}"
        system.pipe_file(made, data)
        try:
            system.mv(made, path)
        except BaseException:
            system.rm_file(made)
            raise
    except Exception as error:  # each protocol has errors of its own
        raise _unreachable(address, "cannot be written", error) from error


def _protocol(address: str) -> str:
    """The protocol that reaches the file itself, behind any cache."""
    return address.rpartition(_CHAIN)[2].partition(_MARK)[0]


def _open(address: str) -> tuple[Any, str]:
    try:
        core: Any = import_module("fsspec.core")  # which has no types
    except ImportError:
        hint = "pip install 'rewriter[fsspec]', or copy the files here"
        raise UsageError(f"{address}: addresses need fsspec, which is not installed", hint=hint) from None
    try:
        system, path = core.url_to_fs(address)
    except ImportError as error:
        # fsspec says which package a protocol needs.
        raise UsageError(f"{address}: {error}", hint="pip install what it names") from None
    except ValueError as error:
        raise UsageError(
            f"{address}: {error}", hint="file://, memory://, s3://, https://... as fsspec writes them"
        ) from None
    except Exception as error:  # each protocol has errors of its own
        raise _unreachable(address, "cannot be reached", error) from error
    return system, str(path)


def _unreachable(address: str, what: str, error: Exception) -> ModelError:
    if isinstance(error, FileNotFoundError):
        return ModelError(f"{address}: {what}: there is no such file")
    if isinstance(error, NotImplementedError):
        return ModelError(f"{address}: {what}: {_protocol(address)} does not allow that")
    reason = " ".join(str(error).split()) or type(error).__name__
    return ModelError(f"{address}: {what}: {reason}")

"""Where a command writes to, looked at before any work is done: what cannot be written then is one error, and early."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from rewriter.address import is_address
from rewriter.errors import UsageError
from rewriter.model.writer import is_protected

_RENAMED = "-o"
"""A model is written under another name and renamed, for which its folder has to be writable."""


def check_outputs(outputs: Mapping[str, str]) -> None:
    """See that files can be written.

    Args:
        outputs: What asks for each (`-o`), by the file; an address or `-` is taken as it is.

    Raises:
        UsageError: A folder does not exist or may not be written, or a file is a folder or is write-protected.
    """
    for path, option in outputs.items():
        if path != "-" and not is_address(path):
            _check(path, option)


def _check(path: str, option: str) -> None:
    what = f"{path}: cannot be written"
    if os.path.isdir(path):
        raise UsageError(f"{what}: Is a directory", hint=f"name a file in it: {option} {os.path.join(path, 'FILE')}")
    if is_protected(path):
        raise UsageError(f"{path} is write-protected", hint=f"chmod u+w {shlex.quote(path)}, or another {option}")
    if os.path.exists(path) and (not os.path.isfile(path) or (option != _RENAMED and os.access(path, os.W_OK))):
        return  # a pipe or a device, or a file that is written where it stands
    folder = os.path.dirname(os.path.realpath(path))
    given = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        there = "is no folder" if os.path.exists(folder) else "does not exist"
        hint = (
            f"another {option}" if os.path.exists(folder) else f"make the folder first: mkdir -p {shlex.quote(given)}"
        )
        raise UsageError(f"{what}: the folder {given} {there}", hint=hint)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{what}: you may not write to the folder {given}", hint=f"another {option}")


def check_output_folder(folder: str) -> None:
    """See that a folder can be written to, or made: it need not be there, nor those above it.

    Raises:
        UsageError: It cannot.
    """
    if is_address(folder):
        return
    there = os.path.abspath(folder)
    while not os.path.exists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise UsageError(f"{folder}: cannot be made: {there} is no folder", hint="-o FOLDER")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: cannot be written: you may not write to {there}", hint="another -o")

"""Which models are meant by files, folders and addresses, and where each result goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import frozen

from rewriter import address
from rewriter.address import ENDINGS
from rewriter.errors import ModelError, UsageError

_PERHAPS = ".bin"  # some test suites call models that
_IDENTIFIER = slice(4, 8)
_MARK = ".rewritten"


@frozen
class Source:
    """A model that is meant.

    Attributes:
        path: The file, as the user would write it.
        below: Its path below the folder that was given, with `/`; its own name where the file itself was given.
    """

    path: str
    below: str


def is_folder(path: str) -> bool:
    """Whether a folder is meant, not a file.

    Raises:
        UsageError, ModelError: It is an address that cannot be reached.
    """
    return address.is_folder(path) if address.is_address(path) else os.path.isdir(path)


def sources(paths: Iterable[str | os.PathLike[str]], *, besides: str | None = None) -> list[Source]:
    """The models that files and folders stand for, each once, in the order given and by name inside a folder.

    In a folder, and in those inside it, models are the files that end in .tflite, .task or .lite, and local ones in
    .bin that hold a model. What begins with a dot is left out.

    Args:
        paths: Files, folders and addresses.
        besides: The folder that results go to. Where it stands in one that is given, its files are no sources.

    Raises:
        UsageError: Nothing is given, or standard input.
        ModelError: A file does not exist, or a folder has no model.
    """
    found: dict[str, Source] = {}
    for given in paths:
        path = os.fspath(given)
        if path == "-":
            raise UsageError("standard input is one model", hint="name files and folders")
        if is_folder(path):
            inside = _inside(path)
            if besides is not None and _within(besides, path):
                inside = [each for each in inside if not _within(each.path, besides)]
            if not inside:
                raise ModelError(
                    f"{path}: there is no model in this folder", hint=f"files that end in {', '.join(ENDINGS)}"
                )
            for each in inside:
                found.setdefault(_same(each.path), each)
        elif address.is_address(path):
            found.setdefault(path, Source(path, address.last_part(path)))
        else:
            if not os.path.exists(path):
                hint = address.what_else(path)
                raise ModelError(f"{path}: cannot be read: No such file or directory", hint=hint)
            found.setdefault(_same(path), Source(path, os.path.basename(path)))
    if not found:
        raise UsageError("no model is given", hint="files, folders, addresses")
    return list(found.values())


def _inside(folder: str) -> list[Source]:
    if address.is_address(folder):
        names = address.files_below(folder)
        return [Source(address.join(folder, name), name) for name in names if _is_meant(name, lambda: False)]
    found: list[Source] = []
    for name in sorted(_files(folder)):
        path = os.path.join(folder, name)
        below = name.replace(os.sep, "/")
        if _is_meant(below, lambda path=path: _holds_model(path)):
            found.append(Source(path, below))
    return found


def _files(folder: str) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            yield os.path.relpath(os.path.join(where, name), folder)


def _is_meant(below: str, holds_model: Callable[[], bool]) -> bool:
    if any(part.startswith(".") for part in below.split("/")):
        return False
    name = below.lower()
    return name.endswith(ENDINGS) or (name.endswith(_PERHAPS) and holds_model())


def _holds_model(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(_IDENTIFIER.stop)[_IDENTIFIER] == b"TFL3"
    except OSError:
        return False


def _same(path: str) -> str:
    """What two names of one file have in common."""
    return path if address.is_address(path) else os.path.normcase(os.path.realpath(path))


def _within(path: str, folder: str) -> bool:
    if address.is_address(path) or address.is_address(folder):
        return path.startswith(folder.rstrip("/") + "/")
    whole, start = _same(path), _same(folder)
    return whole.startswith(start.rstrip(os.sep) + os.sep)


def targets_of(found: Sequence[Source], folder: str | None) -> tuple[list[tuple[Source, str]], list[Source]]:
    """Where the result of each source goes: below a folder as it stood below its own, or beside it.

    Args:
        found: The sources.
        folder: The folder; None for beside each, with `.rewritten` before its ending.

    Returns:
        The sources with their outputs; and those that are left out, as they are results of an earlier run that had no
        folder to go to either.

    Raises:
        UsageError: Two would go to one place, or one to where a source is.
    """
    if folder is None:
        named = {_same(each.path): beside(each.path) for each in found}
        earlier = {_same(output) for output in named.values()}
        left_out = [each for each in found if _same(each.path) in earlier]
        pairs = [(each, beside(each.path)) for each in found if each not in left_out]
    else:
        left_out = []
        pairs = [(each, place(folder, each.below)) for each in found]
    inputs = {_same(each.path): each.path for each, _ in pairs}
    taken: dict[str, str] = {}
    for each, output in pairs:
        same = _same(output)
        if same in taken:
            raise UsageError(
                f"{taken[same]} and {each.path} would both be written to {output}",
                hint="give the folder that holds both, or run them one after the other with different -o",
            )
        if same in inputs:
            raise UsageError(f"{output} would be written over {inputs[same]}, which is read", hint="-o ANOTHER_FOLDER")
        taken[same] = each.path
    return pairs, left_out


def place(folder: str, below: str) -> str:
    """Where something stands below a folder."""
    return address.join(folder, below) if address.is_address(folder) else os.path.join(folder, *below.split("/"))


def beside(path: str) -> str:
    """Where a result goes that has no other place: beside its source, with `.rewritten` before the ending."""
    stem, dot, suffix = path.rpartition(".")
    if not dot or "/" in suffix or os.sep in suffix:
        return path + _MARK
    return f"{stem}{_MARK}.{suffix}"


def check_folder(folder: str) -> None:
    """See that results can go to a folder.

    Raises:
        UsageError: It is a file, standard output, or looks like a file's name.
    """
    hint = "-o FOLDER"
    if folder == "-":
        raise UsageError("several models cannot go to standard output", hint=hint)
    if not address.is_address(folder) and os.path.exists(folder) and not os.path.isdir(folder):
        raise UsageError(f"{folder} is a file, and several models are written to a folder", hint=hint)
    if folder.lower().endswith(ENDINGS) and not is_folder(folder):
        raise UsageError(f"{folder} is a model's name, and several models are written to a folder", hint=hint)


def check_others(folder: str) -> None:
    """See that there is a folder of models to compare with.

    Raises:
        UsageError: There is none.
        ModelError: It is at an address that cannot be reached.
    """
    if not is_folder(folder):
        there = "is a file" if not address.is_address(folder) and os.path.exists(folder) else "does not exist"
        raise UsageError(
            f"{folder} {there}: several models are compared with those of a folder",
            hint="the folder that `apply -o` wrote",
        )

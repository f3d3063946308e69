"""The bytes of a model: a mapped file or a block of memory, read in place and copied by the kernel where it can."""

from __future__ import annotations

import mmap
import os
from typing import BinaryIO

from rewriter.errors import ModelError

_CHUNK = 1 << 20


class Binary:
    """Read-only bytes.

    `data` takes `struct.unpack_from` and slices (which copy). Long stretches should not go through it: reading a mapped
    page makes it part of this process, so lengths of constants are read by `peek` and their bytes moved by `copy`.
    """

    __slots__ = ("_file", "data", "name", "size")

    def __init__(self, data: bytes | mmap.mmap, name: str, file: BinaryIO | None = None) -> None:
        self.data = data
        self.name = name
        self.size = len(data)
        self._file = file

    @classmethod
    def open(cls, source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> Binary:
        """Map a file, or take bytes as they are.

        Raises:
            ModelError: The file cannot be opened or is empty.
        """
        if not isinstance(source, str | os.PathLike):
            return cls(bytes(source), "<bytes>")
        name = os.fspath(source)
        try:
            file = open(name, "rb")  # noqa: SIM115 - stays open as long as its constants may be copied
            size = os.fstat(file.fileno()).st_size
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except OSError as error:
            raise ModelError(f"{name}: cannot be read: {error.strerror}") from error
        except ValueError as error:  # what mmap says of pipes and devices
            raise ModelError(f"{name}: cannot be read: {error}", hint="use - to read from standard input") from error
        return cls(data, name, file)

    def peek(self, at: int, length: int) -> bytes:
        """`length` bytes at `at`, or fewer where the data ends; does not map the page."""
        if self._file is None:
            return bytes(self.data[at : at + length])
        return os.pread(self._file.fileno(), length, at)

    def view(self, at: int, length: int) -> memoryview:
        """The bytes themselves, not a copy."""
        return memoryview(self.data)[at : at + length]

    def copy(self, at: int, length: int, out: BinaryIO) -> None:
        """Append a stretch of the data to `out`, inside the kernel where both are files."""
        if self._file is None:
            out.write(self.view(at, length))
            return
        out.flush()
        done = _copy_in_kernel(self._file.fileno(), at, length, out)
        while done < length:
            chunk = os.pread(self._file.fileno(), min(_CHUNK, length - done), at + done)
            if not chunk:
                raise ModelError(f"{self.name}: became shorter while it was read")
            out.write(chunk)
            done += len(chunk)


def _copy_in_kernel(source: int, at: int, length: int, out: BinaryIO) -> int:
    """Copy by copy_file_range as far as it goes; returns how far. It stops short between some file systems."""
    if not hasattr(os, "copy_file_range"):
        return 0
    done = 0
    try:
        target = out.fileno()
        while done < length:
            moved = os.copy_file_range(source, target, length - done, at + done)
            if moved == 0:
                break
            done += moved
    except OSError:
        pass
    return done

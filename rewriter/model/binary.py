"""The bytes of a model: a mapped file or a block of memory, read in place and copied by the kernel where it can."""

from __future__ import annotations

import mmap
import os
import stat
from typing import BinaryIO

from rewriter.errors import ModelError

_CHUNK = 1 << 20


class Binary:
    """Read-only bytes.

    `data` takes `struct.unpack_from` and slices (which copy). Long stretches should not go through it: reading a mapped
    page makes it part of this process, so lengths of constants are read by `peek` and their bytes moved by `copy`.
    """

    __slots__ = ("_descriptor", "data", "name", "size")

    def __init__(self, data: bytes | mmap.mmap, name: str, descriptor: int | None = None) -> None:
        self.data = data
        self.name = name
        self.size = len(data)
        self._descriptor = descriptor

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    @classmethod
    def open(cls, source: str | os.PathLike[str] | bytes | bytearray | memoryview, name: str = "<bytes>") -> Binary:
        """Map a file, or take bytes as they are, which errors then call by `name`.

        Raises:
            ModelError: It cannot be opened, or is no file.
        """
        if not isinstance(source, str | os.PathLike):
            return cls(bytes(source), name)
        name = os.fspath(source)
        try:
            mode = os.stat(name).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise ModelError(f"{name}: is a pipe or a device", hint="use - to read from standard input")
            with open(name, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                # Stays open as long as constants may be copied.
                return cls(data, name, os.dup(file.fileno()))
        except OSError as error:
            raise ModelError(f"{name}: cannot be read: {error.strerror}") from error

    def peek(self, at: int, length: int) -> bytes:
        """`length` bytes at `at`, or fewer where the data ends; does not map the page."""
        if self._descriptor is None:
            return bytes(self.data[at : at + length])
        return os.pread(self._descriptor, length, at)

    def view(self, at: int, length: int) -> memoryview:
        """The bytes themselves, not a copy."""
        return memoryview(self.data)[at : at + length]

    def copy(self, at: int, length: int, out: BinaryIO) -> None:
        """Append a stretch of the data to `out`, inside the kernel where both are files."""
        if self._descriptor is None:
            out.write(self.view(at, length))
            return
        out.flush()
        done = _copy_in_kernel(self._descriptor, at, length, out)
        while done < length:
            chunk = os.pread(self._descriptor, min(_CHUNK, length - done), at + done)
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

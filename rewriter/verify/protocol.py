"""The private language between a check and its child process: frames of a JSON header and the raw bytes of arrays.

A frame is the length of the header (four bytes, little-endian) and that of what follows it (eight), the header, and the
payload of each array that the header's ``arrays`` lists, filled up to a multiple of 16 bytes. Nothing in a frame is
ever executed or unpickled, so a runtime that was made to write nonsense can at worst end the conversation.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from io import BufferedIOBase

Array = np.ndarray[Any, np.dtype[Any]]

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PREFIX = struct.Struct("<IQ")
_ALIGNMENT = 16
_LENGTH = struct.Struct("<I")
_LONGEST_HEADER = 1 << 26
_LONGEST_PAYLOAD = 1 << 40
_NO_FRAME = "the other side wrote something that is no frame"


@frozen
class Frame:
    """One message: what is wanted or answered, and the arrays that go with it."""

    header: dict[str, Any]
    arrays: tuple[Array, ...] = ()


def send(stream: BufferedIOBase, header: dict[str, Any], arrays: Iterable[Array] = ()) -> None:
    """Write one frame and flush it."""
    described: list[tuple[str, tuple[int, ...], int]] = []
    payloads: list[memoryview | bytes] = []
    total = 0
    for array in arrays:
        payload = _string_payload(array) if array.dtype.kind == "O" else _raw(array)
        size = len(payload)
        described.append((_name(array.dtype), array.shape, size))
        payloads.append(payload)
        if gap := -size % _ALIGNMENT:
            payloads.append(bytes(gap))
        total += size + gap
    text = _encode({**header, "arrays": described}).encode()
    stream.write(_PREFIX.pack(len(text), total))
    stream.write(text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def receive(stream: BufferedIOBase) -> Frame:
    """Read one frame. Its arrays share one block of memory.

    Raises:
        EOFError: The other side ended, before or within the frame, or wrote something that is none.
    """
    length, total = _PREFIX.unpack(_exactly(stream, _PREFIX.size))
    if length > _LONGEST_HEADER or total > _LONGEST_PAYLOAD:
        raise EOFError(_NO_FRAME)
    text, payload = _exactly(stream, length), _exactly(stream, total)
    try:
        header = json.loads(text)
        return Frame(header, tuple(_arrays(payload, header.pop("arrays"))))
    except (AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise EOFError(_NO_FRAME) from error


def _arrays(payload: bytearray, described: Iterable[tuple[str, Sequence[int], int]]) -> Iterator[Array]:
    start = 0
    for dtype, shape, size in described:
        end = start + size
        yield _strings(payload[start:end], shape) if dtype == "string" else _array(payload, start, dtype, shape)
        start = end + -size % _ALIGNMENT


def _array(payload: bytearray, start: int, dtype: str, shape: Sequence[int]) -> Array:
    return np.ndarray(shape, _dtype(dtype), payload, start)


def _exactly(stream: BufferedIOBase, size: int) -> bytearray:
    data = bytearray(size)
    count = stream.readinto(data)
    if count == size:
        return data
    view = memoryview(data)[count:]
    while view:
        count = stream.readinto(view)
        if not count:
            raise EOFError("the other side ended")
        view = view[count:]
    return data


def _raw(array: Array) -> memoryview:
    # A view as bytes, and not of the array as it is: the narrow types of ml_dtypes have no buffer format of their own.
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


# Looked up for each array of each frame, and numpy puts a name together anew each time.
@cache
def _name(dtype: np.dtype[Any]) -> str:
    return "string" if dtype.kind == "O" else dtype.name


@cache
def _dtype(name: str) -> np.dtype[Any]:
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))


def _string_payload(array: Array) -> bytes:
    strings = [item if isinstance(item, bytes) else str(item).encode() for item in array.reshape(-1)]
    return b"".join(_LENGTH.pack(len(item)) + item for item in strings)


def _strings(payload: bytearray, shape: Sequence[int]) -> Array:
    items: list[bytes] = []
    position = 0
    while position < len(payload):
        (length,) = _LENGTH.unpack_from(payload, position)
        position += _LENGTH.size
        items.append(bytes(payload[position : position + length]))
        position += length
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)

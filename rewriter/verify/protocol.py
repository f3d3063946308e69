"""The private language between a check and its child process: frames of a JSON header and the raw bytes of arrays.

A frame is the header's length (four bytes, little-endian), the header, and then the payload of each array that the
header's ``arrays`` lists. Nothing in a frame is ever executed or unpickled, so a runtime that was made to write
nonsense can at worst end the conversation.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from io import BufferedIOBase

Array = np.ndarray[Any, np.dtype[Any]]

_LENGTH = struct.Struct("<I")
_LONGEST_HEADER = 1 << 26


@frozen
class Frame:
    """One message: what is wanted or answered, and the arrays that go with it."""

    header: dict[str, Any]
    arrays: tuple[Array, ...] = ()


def send(stream: BufferedIOBase, header: dict[str, Any], arrays: Iterable[Array] = ()) -> None:
    """Write one frame and flush it."""
    described: list[dict[str, Any]] = []
    payloads: list[memoryview | bytes] = []
    for array in arrays:
        payload = _string_payload(array) if array.dtype.kind == "O" else _raw(array)
        described.append({"dtype": _name(array.dtype), "shape": list(array.shape), "size": len(payload)})
        payloads.append(payload)
    text = json.dumps({**header, "arrays": described}).encode()
    stream.write(_LENGTH.pack(len(text)))
    stream.write(text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def receive(stream: BufferedIOBase) -> Frame:
    """Read one frame.

    Raises:
        EOFError: The other side ended, before or within the frame, or wrote something that is none.
    """
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _LONGEST_HEADER:
        raise EOFError("the other side wrote something that is no frame")
    header = json.loads(_exactly(stream, length))
    arrays = tuple(_array(stream, **described) for described in header.pop("arrays"))
    return Frame(header, arrays)


def _array(stream: BufferedIOBase, dtype: str, shape: Sequence[int], size: int) -> Array:
    payload = _exactly(stream, size)
    if dtype == "string":
        return _strings(payload, shape)
    return np.frombuffer(payload, dtype=_dtype(dtype)).reshape(shape)


def _exactly(stream: BufferedIOBase, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = stream.readinto(view)
        if not count:
            raise EOFError("the other side ended")
        view = view[count:]
    return data


def _raw(array: Array) -> memoryview:
    # A view as bytes, and not of the array as it is: the narrow types of ml_dtypes have no buffer format of their own.
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _name(dtype: np.dtype[Any]) -> str:
    return "string" if dtype.kind == "O" else dtype.name


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

"""Frames between a check and its child process."""

from __future__ import annotations

import io
import struct

import ml_dtypes
import numpy as np
import pytest

from rewriter.verify.protocol import receive, send

ARRAYS = [
    np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    np.array(2.5, dtype=np.float16),
    np.zeros((0, 3), dtype=np.int64),
    np.array([True, False]),
    np.arange(6).reshape(2, 3).T,
    np.array([1 + 2j], dtype=np.complex64),
    np.array([1, 2], dtype=ml_dtypes.bfloat16),
    np.array([-8, 7], dtype=ml_dtypes.int4),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_an_array_arrives_as_it_was_sent(array: np.ndarray) -> None:
    stream = io.BytesIO()
    send(stream, {"do": "run"}, [array])
    stream.seek(0)
    frame = receive(stream)
    (received,) = frame.arrays
    assert frame.header == {"do": "run"}
    assert received.dtype == array.dtype
    assert received.shape == array.shape
    assert received.tobytes() == array.tobytes()


def test_arrays_of_all_kinds_arrive_together() -> None:
    arrays = [*ARRAYS, np.array([b"abc", b""], object), np.arange(3, dtype=np.int8), np.array([2.5])]
    stream = io.BytesIO()
    send(stream, {}, arrays)
    stream.seek(0)
    received = receive(stream).arrays
    assert [each.tolist() for each in received] == [each.tolist() for each in arrays]
    assert all(each.flags.aligned and each.flags.writeable for each in received)


def test_strings_arrive_with_their_zeros_and_lengths() -> None:
    strings = np.array([[b"", b"a\0b"], ["größer".encode(), b"x" * 1000]], dtype=object)
    stream = io.BytesIO()
    send(stream, {}, [strings])
    stream.seek(0)
    (received,) = receive(stream).arrays
    assert received.tolist() == strings.tolist()


def test_a_frame_that_is_cut_off_is_an_end() -> None:
    stream = io.BytesIO()
    send(stream, {}, [np.zeros(100)])
    for length in (0, 3, 10, len(stream.getvalue()) - 1):
        with pytest.raises(EOFError):
            receive(io.BytesIO(stream.getvalue()[:length]))


@pytest.mark.parametrize(
    "data",
    [
        b"INFO: something that a runtime printed",
        struct.pack("<IQ", 3, 1 << 60) + b"{}}",
        struct.pack("<IQ", 3, 0) + b"{}}",
        struct.pack("<IQ", 2, 0) + b"{}",
        struct.pack("<IQ", 2, 0) + b"[]",
        struct.pack("<IQ", 32, 4) + b'{"arrays": [["float32",[9],36]]}' + b"1234",
        struct.pack("<IQ", 31, 4) + b'{"arrays": [["string",[9],36]]}' + b"1234",
        struct.pack("<IQ", 30, 4) + b'{"arrays": [["lists",[1],36]]}' + b"1234",
    ],
)
def test_what_is_no_frame_is_an_end(data: bytes) -> None:
    with pytest.raises(EOFError, match="no frame"):
        receive(io.BytesIO(data))

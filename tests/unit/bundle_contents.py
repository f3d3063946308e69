"""What a bundle holds, by Python's own zipfile, and ways to rewrite it."""

from __future__ import annotations

import io
import struct
import zipfile

from rewriter.bundle import is_bundle
from rewriter.model import read
from tests.corpus.bindings import differences, unpack


def unchanged(data: bytes, name: str) -> bytes:
    assert data[4:8] == b"TFL3", name
    return data


def encoded_anew(data: bytes, name: str) -> bytes:
    model = read(data)
    model.modified = True
    return model.to_bytes() + bytes(3)  # of another length, so that everything behind it moves


def entries(data: bytes) -> dict[str, tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {each.filename: (each, archive.read(each)) for each in archive.infolist()}


def misaligned(data: bytes) -> list[str]:
    """Stored entries whose bytes do not begin at a multiple of four."""
    found: list[str] = []
    for name, (each, _) in entries(data).items():
        lengths = struct.unpack_from("<2H", data, each.header_offset + 26)
        if each.compress_type == zipfile.ZIP_STORED and (each.header_offset + 30 + sum(lengths)) % 4:
            found.append(name)
    return found


def check_rewritten(before: bytes, after: bytes) -> None:
    """All entries are there in their order, those that are no model with their bytes, models with their fields."""
    old, new = entries(before), entries(after)
    assert list(new) == list(old)
    assert misaligned(after) == []
    for name, (each, data) in new.items():
        was, content = old[name]
        kept = ("date_time", "compress_type", "external_attr", "comment", "create_system")
        assert [getattr(each, field) for field in kept] == [getattr(was, field) for field in kept]
        if is_bundle(content):
            check_rewritten(content, data)
        elif content[4:8] == b"TFL3":
            assert data != content
            assert differences(unpack(content), unpack(data)) == []
        else:
            assert data == content

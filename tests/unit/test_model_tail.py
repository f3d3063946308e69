"""The archive behind a flatbuffer moves with it, whichever place its directory counts from."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from rewriter.model import read
from tests.corpus.bindings import differences, pack, unpack
from tests.unit.sample_model import rename_first, sample, without_first

FILES = {"labels.txt": b"cat\ndog\n" * 100, "folder/vocabulary.txt": bytes(range(256))}


def archive(behind: bytes = b"", compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """An archive, with what it stands behind where that is given: its directory then counts from there."""
    out = io.BytesIO(behind)
    with zipfile.ZipFile(out, "a", compression) as made:
        for name, data in FILES.items():
            made.writestr(name, data)
        made.comment = comment
    return out.getvalue()


def places(data: bytes) -> list[int]:
    """Where the directory, and each file by its own words, stands; counted as the directory counts."""
    end = data.rfind(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<H2L", data, end + 10)
    at, found = end - size, [offset]
    for _ in range(count):
        found += struct.unpack_from("<L", data, at + 42)
        at += 46 + sum(struct.unpack_from("<3H", data, at + 28))
    return found


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {entry.filename: opened.read(entry) for entry in opened.infolist()}


@pytest.mark.parametrize("comment", [b"", b"made by a test"], ids=["no comment", "a comment"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("counts_from", ["file", "archive"])
def test_an_archive_moves_with_the_model_that_it_stands_behind(
    counts_from: str, compression: int, comment: bytes
) -> None:
    graph = pack(sample())
    whole = counts_from == "file"
    source = archive(graph, compression, comment) if whole else graph + archive(b"", compression, comment)
    model = read(source)
    assert model.to_bytes() == source
    rename_first(model)
    written = model.to_bytes()
    assert contents(written) == FILES
    start = written.index(b"PK\x03\x04")
    moved = start - len(graph) if whole else 0
    assert places(written) == [place + moved for place in places(source)]
    assert len(written) - start == len(source) - len(graph)
    assert differences(without_first(unpack(source)), without_first(unpack(written))) == []


def test_a_constant_that_is_an_archive_is_a_constant() -> None:
    model = sample()
    model.buffers[4].data = list(archive())
    source = pack(model)
    changed = read(source)
    rename_first(changed)
    written = changed.to_bytes()
    assert differences(without_first(unpack(source)), without_first(unpack(written))) == []
    assert written.count(b"PK\x05\x06") == 1

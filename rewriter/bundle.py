"""`.task` bundles: zip archives in which MediaPipe ships models, sometimes one bundle inside another."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rewriter.errors import ModelError

_DEEPEST = 3
_ALIGNMENT = 4  # MediaPipe maps models inside a bundle and wants them aligned


def is_bundle(data: bytes) -> bool:
    """Whether these are the first bytes of a zip archive."""
    return data[:4] == b"PK\x03\x04"


def rewrite_bundle(data: bytes, name: str, rewrite: Callable[[bytes, str], bytes], depth: int = 0) -> bytes:
    """Rewrite every model of a bundle; everything else is kept, and all of it where no model changes.

    Args:
        data: The bundle.
        name: What errors call it.
        rewrite: Gives the bytes of a rewritten model; called with the bytes of one and its name.

    Raises:
        ModelError: The bundle is damaged, or holds bundles too deep inside each other.
    """
    entries, comment = _read(data, name, depth)
    out = io.BytesIO()
    changed = False
    with ZipFile(out, "w") as target:
        target.comment = comment
        for entry, old in entries:
            new = _entry(old, f"{name}/{entry.filename}", rewrite, depth)
            changed = changed or new != old
            _write(target, out, entry, new)
    return out.getvalue() if changed else data


def models_of(data: bytes, name: str, depth: int = 0) -> dict[str, bytes]:
    """The models of a bundle by name, as `rewrite_bundle` calls them.

    Raises:
        ModelError: As for `rewrite_bundle`.
    """
    found: dict[str, bytes] = {}
    for entry, inside in _read(data, name, depth)[0]:
        called = f"{name}/{entry.filename}"
        if _is_inner(inside, called):
            found |= models_of(inside, called, depth + 1)
        elif _is_model(inside):
            found[called] = inside
    return found


def _read(data: bytes, name: str, depth: int) -> tuple[list[tuple[ZipInfo, bytes]], bytes]:
    """The entries of an archive with their bytes, and its comment."""
    if depth >= _DEEPEST:
        raise ModelError(f"{name}: bundles inside bundles, more than {_DEEPEST} deep")
    try:
        with ZipFile(io.BytesIO(data)) as source:
            for entry in source.infolist():
                if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                    raise ModelError(
                        f"{name}: {entry.filename} is compressed by method {entry.compress_type}, not by deflate"
                    )
            return [(entry, source.read(entry)) for entry in source.infolist()], source.comment
    # Zip's reader lets through what its parts say of damaged bytes.
    except (BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error, zlib.error) as error:
        raise ModelError(f"{name}: damaged bundle: {error}") from None


def _entry(data: bytes, name: str, rewrite: Callable[[bytes, str], bytes], depth: int) -> bytes:
    if _is_inner(data, name):
        return rewrite_bundle(data, name, rewrite, depth + 1)
    return rewrite(data, name) if _is_model(data) else data


def _is_inner(data: bytes, name: str) -> bool:
    return is_bundle(data) and name.endswith((".task", ".zip", ".bin"))


def _is_model(data: bytes) -> bool:
    return data[4:8] == b"TFL3"


def _write(target: ZipFile, out: io.BytesIO, entry: ZipInfo, data: bytes) -> None:
    kept = ZipInfo(entry.filename, entry.date_time)
    kept.compress_type, kept.external_attr, kept.comment = entry.compress_type, entry.external_attr, entry.comment
    kept.create_system = entry.create_system
    if entry.compress_type == 0:
        # A private extra field fills up to where the data begins aligned, as zipalign does.
        start = out.tell() + 30 + len(entry.filename.encode())
        padding = -start % _ALIGNMENT
        if padding:
            padding += _ALIGNMENT
            kept.extra = b"\x35\xd9" + (padding - 4).to_bytes(2, "little") + bytes(padding - 4)
    target.writestr(kept, data)

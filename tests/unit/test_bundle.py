"""Bundles: models inside are rewritten, everything else is kept, and damage is a ModelError."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.bundle import models_of, rewrite_bundle
from rewriter.cli import main
from rewriter.errors import ModelError
from rewriter.model import read
from tests.corpus.bindings import pack
from tests.unit.bundle_contents import check_rewritten, encoded_anew, entries, misaligned, unchanged
from tests.unit.sample_model import rename_first, sample

if TYPE_CHECKING:
    from pathlib import Path

RULE = "ADD(x, y) -> CUSTOM[Added](x, y)\n"


def entry(name: str, compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, (2021, 3, 4, 5, 6, 8))
    made.compress_type, made.comment, made.external_attr = compression, comment, 0o640 << 16
    return made


def bundle(*, inside: bytes | None = None) -> bytes:
    """A bundle whose entries are not aligned: MediaPipe's are, but not every tool's."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry("metadata.json"), '{"a": 1}')
        archive.writestr(entry("a_model.tflite", comment=b"of an entry"), pack(sample()))
        archive.writestr(entry("folder/"), b"")
        archive.writestr(entry("folder/größe.txt", zipfile.ZIP_DEFLATED), "some text\n" * 50)
        archive.writestr(entry("small.tflite", zipfile.ZIP_DEFLATED), pack(sample()))
        if inside is not None:
            archive.writestr(entry("inner.task"), inside)
        archive.comment = b"of the bundle"
    return out.getvalue()


def test_its_models_are_those_that_are_rewritten() -> None:
    source = bundle(inside=bundle())
    seen: dict[str, bytes] = {}

    def note(data: bytes, name: str) -> bytes:
        seen[name] = data
        return data

    rewrite_bundle(source, "b.task", note)
    assert models_of(source, "b.task") == seen
    assert len(seen) == 4


def test_a_bundle_in_which_nothing_changes_is_the_same_bytes() -> None:
    source = bundle(inside=bundle())
    assert rewrite_bundle(source, "b.task", unchanged) == source


def test_every_model_is_rewritten_and_everything_else_is_kept() -> None:
    source = bundle(inside=bundle())
    assert misaligned(source) != []
    written = rewrite_bundle(source, "b.task", encoded_anew)
    check_rewritten(source, written)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.comment == b"of the bundle"


def test_models_are_named_by_their_place() -> None:
    names: list[str] = []

    def note(data: bytes, name: str) -> bytes:
        names.append(name)
        return data

    rewrite_bundle(bundle(inside=bundle()), "b.task", note)
    assert names == [
        "b.task/a_model.tflite",
        "b.task/small.tflite",
        "b.task/inner.task/a_model.tflite",
        "b.task/inner.task/small.tflite",
    ]


def test_bundles_inside_bundles_end_somewhere() -> None:
    deep = bundle(inside=bundle(inside=bundle(inside=bundle())))
    with pytest.raises(
        ModelError, match=r"b\.task/inner\.task/inner\.task/inner\.task: bundles inside bundles, more than 3"
    ):
        rewrite_bundle(deep, "b.task", unchanged)


def test_an_entry_that_is_packed_in_a_way_of_its_own_is_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry("labels.txt", zipfile.ZIP_BZIP2), "cat\n" * 100)
    with pytest.raises(ModelError, match=r"b\.task: labels\.txt is compressed by method 12, not by deflate"):
        rewrite_bundle(out.getvalue(), "b.task", unchanged)


def test_an_error_in_rewriting_is_not_taken_for_damage() -> None:
    def fail(data: bytes, name: str) -> bytes:
        raise ValueError(name)

    with pytest.raises(ValueError, match=r"^b\.task/a_model\.tflite$"):
        rewrite_bundle(bundle(), "b.task", fail)


@given(data=st.data())
def test_damage_is_a_model_error_or_changes_nothing_that_matters(data: st.DataObject) -> None:
    source = bundle()
    damaged = bytearray(source[: data.draw(st.one_of(st.just(len(source)), st.integers(4, len(source))))])
    # The directory, without which nothing is found, stands at the end.
    places = st.one_of(st.integers(4, len(damaged)), st.integers(max(4, len(damaged) - 500), len(damaged)))
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        if at < len(damaged):
            damaged[at] = value
    refusal = ""
    try:
        assert rewrite_bundle(bytes(damaged), "b.task", lambda data, name: data) == damaged
    except ModelError as error:
        refusal = error.message
    assert not refusal or (refusal.startswith("b.task") and "\n" not in refusal)


def test_apply_rewrites_the_models_of_a_bundle(tmp_path: Path) -> None:
    source = bundle()
    (tmp_path / "b.task").write_bytes(source)
    (tmp_path / "r.pat").write_text(RULE)
    model, rules, out = (str(tmp_path / name) for name in ("b.task", "r.pat", "out.task"))
    assert main(["apply", model, "-r", rules, "-o", out, "--check", "none", "-q"]) == 0
    written = (tmp_path / "out.task").read_bytes()
    assert misaligned(written) == []
    for name, (_, data) in entries(written).items():
        if name.endswith(".tflite"):
            codes = {operator.name for operator in read(data).operators()}
            assert "CUSTOM[Added]" in codes
            assert "ADD" not in codes
        else:
            assert data == entries(source)[name][1]


def test_apply_with_a_rule_that_matches_nothing_copies_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "b.task").write_bytes(bundle(inside=bundle()))
    (tmp_path / "r.pat").write_text(RULE.replace("ADD", "SUB"))
    model, rules, out = (str(tmp_path / name) for name in ("b.task", "r.pat", "out.task"))
    assert main(["apply", model, "-r", rules, "-o", out, "-q"]) == 0
    assert (tmp_path / "out.task").read_bytes() == bundle(inside=bundle())


def test_apply_refuses_a_damaged_bundle_and_writes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b.task").write_bytes(bundle()[:-30])
    (tmp_path / "r.pat").write_text(RULE)
    model, rules, out = (str(tmp_path / name) for name in ("b.task", "r.pat", "out.task"))
    assert main(["apply", model, "-r", rules, "-o", out]) == 2
    assert "b.task: damaged bundle: " in capfd.readouterr().err
    assert not (tmp_path / "out.task").exists()


def test_renaming_in_one_model_of_a_bundle_leaves_the_others_as_they_are() -> None:
    source = bundle()

    def rename(data: bytes, name: str) -> bytes:
        if not name.endswith("a_model.tflite"):
            return data
        model = read(data)
        rename_first(model)
        return model.to_bytes()

    old, new = entries(source), entries(rewrite_bundle(source, "b.task", rename))
    assert [name for name in old if new[name][1] != old[name][1]] == ["a_model.tflite"]

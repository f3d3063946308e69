"""Every real model, read and written: byte for byte where nothing changed, field by field where it is encoded anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rewriter.errors import ModelError
from rewriter.model import read
from tests.corpus.bindings import differences, misaligned, unpack, unpack_file, withdrawn_tags

if TYPE_CHECKING:
    from pathlib import Path

# Alignment of constants and a source's own frugality (tables that several others share) may cost this much.
LARGEST, SPARE = 1.02, 256


def test_an_unchanged_model_is_written_byte_for_byte(any_path: Path, tmp_path: Path) -> None:
    model = read(any_path)
    model.save(tmp_path / "out.tflite")
    assert (tmp_path / "out.tflite").read_bytes() == any_path.read_bytes()
    assert model.to_bytes() == any_path.read_bytes()


def test_a_model_from_bytes_is_the_model_from_its_file(any_path: Path) -> None:
    data = any_path.read_bytes()
    model = read(data)
    assert model.to_bytes() == data
    assert model.histogram() == read(any_path).histogram()


def test_a_model_encoded_anew_is_equal_field_by_field(path: Path) -> None:
    source = path.read_bytes()
    model = read(path)
    model.modified = True
    written = model.to_bytes()
    assert differences(unpack_file(path), unpack(written)) == []
    assert withdrawn_tags(written) == withdrawn_tags(source)
    assert misaligned(written) == []
    assert len(written) <= LARGEST * len(source) + SPARE

    again = read(written)
    again.modified = True
    assert again.to_bytes() == written


def test_a_model_compiled_ahead_of_time_is_refused(compiled: Path, tmp_path: Path) -> None:
    model = read(compiled)
    model.modified = True
    with pytest.raises(ModelError, match=r"DISPATCH_OP\S* finds its code by its place in the file") as caught:
        model.save(tmp_path / "new.tflite")
    assert str(compiled) in caught.value.message
    assert caught.value.hint == "rewrite the model before it is compiled for an accelerator"
    assert list(tmp_path.iterdir()) == []

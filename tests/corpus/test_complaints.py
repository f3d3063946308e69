"""What the graph check says of real models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.model import read
from rewriter.wellformed import complaints, new_complaints

if TYPE_CHECKING:
    from pathlib import Path

# What these models' converters did, and no runtime minds.
KNOWN = {
    "lstm_calibrated2.bin": {"has a negative size in [-1]"},
    "lstm_quantized2.bin": {"has a negative size in [-1]"},
    "person_detect.tflite": {f"has {channels} scales for -1 channels" for channels in (8, 16, 32, 64, 128, 256)},
}


def test_a_real_model_gives_no_cause_for_complaint_that_is_not_known(path: Path) -> None:
    model = read(path)
    assert {each.message for each in complaints(model)} == KNOWN.get(path.name, set())
    assert new_complaints(model, read(path)) == []

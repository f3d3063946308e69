"""The page on notes for an accelerator shows what happens, with a model of TensorFlow Lite Micro's."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import replay
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = CHECKOUT / "docs" / "how-to" / "annotate-for-an-accelerator.md"


def test_the_page_on_notes_for_an_accelerator_shows_what_happens(shared: Path, tmp_path: Path) -> None:
    model = shared / "models" / "tflm" / "model.tflite"
    if not model.exists():
        pytest.skip("TensorFlow Lite Micro's model.tflite is not at hand")
    shutil.copy(model, tmp_path / "digits.tflite")
    (rules,) = re.findall(r"^```pat\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "npu.pat").write_text(rules)
    replay(PAGE, tmp_path)

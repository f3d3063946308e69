"""The page on DeepLab shows what happens, with Coral's own file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import replay
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_on_deeplab_shows_what_happens(shared: Path, tmp_path: Path) -> None:
    model = shared / "models/coral/deeplabv3_mnv2_pascal_quant.tflite"
    if not model.exists():
        pytest.skip(f"{model.name} is not at hand")
    shutil.copy(model, tmp_path / "deeplab.tflite")
    replay(CHECKOUT / "docs/how-to/deeplab-on-nnapi.md", tmp_path)

"""What the how-to pages show is what happens, on the models that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import replay
from tests.shared import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = CHECKOUT / "docs" / "how-to"


def test_mediapipe_without_its_runtime(shared: Path, tmp_path: Path) -> None:
    for name in ("face_landmark_with_attention.tflite", "face_landmarker_with_blendshapes.task"):
        model = shared / "models" / "mediapipe" / name
        if not model.exists():
            pytest.skip(f"{name} is not at hand in {shared}")
        (tmp_path / name).symlink_to(model)
    replay(HOW_TO / "mediapipe-without-its-runtime.md", tmp_path)

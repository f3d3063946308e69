"""Fixtures for tests of rules: material that may be at hand beside the checkout, and is never part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="session")
def golden() -> Path:
    """What MediaPipe's own runtime computed, one `.npz` for each model."""
    return _present("golden")


@pytest.fixture(scope="session")
def mediapipe_models() -> Path:
    """MediaPipe's models."""
    return _present("models/mediapipe")


@pytest.fixture(scope="session")
def coral_models() -> Path:
    """Coral's models."""
    return _present("models/coral")


def _present(folder: str) -> Path:
    if not (_SHARED / folder).is_dir():
        pytest.skip(f"shared/{folder} is not at hand beside the checkout")
    return _SHARED / folder

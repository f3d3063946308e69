"""Tests run on every model that is at hand: those that take `path` on every one that can be rewritten.

Models that LiteRT compiled ahead of time cannot be: `compiled` stands for each of these, `any_path` for all models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shared import SHARED

if TYPE_CHECKING:
    from pathlib import Path

MODELS = SHARED / "models"
COMPILED = {
    "precompiled_mediatek_model.tflite",
    "simple_add_op_qc_v75_precompiled.tflite",
    "simple_model_npu_google_tensor_precompiled.tflite",
    "simple_model_qualcomm_sm8650_precompiled.tflite",
}
_NONE = f"no model that this test reads is at hand in {MODELS}; REWRITER_SHARED says where they are"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test every model that it asks for, or one skip that says why there is none."""
    models = _models()
    chosen = {
        "any_path": models,
        "path": [path for path in models if path.name not in COMPILED],
        "compiled": [path for path in models if path.name in COMPILED],
    }
    for name in chosen.keys() & set(metafunc.fixturenames):
        none = [pytest.param(MODELS, marks=pytest.mark.skip(reason=_NONE))]
        metafunc.parametrize(name, chosen[name] or none, ids=lambda path: str(path.relative_to(MODELS)))


@pytest.fixture(scope="session")
def any_paths() -> list[Path]:
    """All models at hand, for a test that is about what they have together."""
    return _models() or pytest.skip(_NONE)


def _models() -> list[Path]:
    return sorted(path for path in MODELS.rglob("*") if path.suffix in (".tflite", ".bin"))

"""The calls whose effects the page shows, and the models they are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.effects.measure import Job
from tests.shared import CHECKOUT, SHARED

if TYPE_CHECKING:
    from pathlib import Path

MODELS = SHARED / "models"
RECORD = CHECKOUT / "tests" / "effects" / "effects.json"
PAGE = CHECKOUT / "docs" / "packs" / "effects.md"

JOBS = (
    Job("The default packs", "What `apply` does when no pack is named: nothing is lost, and every runtime is served."),
    Job(
        "Stored weights as they are used",
        "Half precision and sparse weights are unpacked, so that the model no longer does it when it starts.",
        packs=("toco",),
        only=("fold_dequantize_const", "fold_densify"),
    ),
    Job(
        "Without what nobody reads",
        "Constants that are there twice, parts that nothing refers to, ranges that the runtime does not look at.",
        packs=("toco", "quant"),
        only=("remove_duplicate_constants", "remove_unused_parts", "strip_min_max", "strip_activation_min_max"),
    ),
    Job(
        "Steps in and out",
        "Conversions at inputs and outputs go: who calls the model gives and takes what it computes with.",
        packs=("quant",),
        allow=("interface",),
    ),
)


def models() -> dict[str, Path]:
    """The models at hand, each under its place among them; the first folder is its family."""
    paths = sorted(path for path in MODELS.rglob("*") if path.suffix in (".tflite", ".bin"))
    return {path.relative_to(MODELS).as_posix(): path for path in paths}

"""What must be at hand where a page's commands run: for each page a function that fills a folder.

A page that is not named here runs where only `model.tflite` is, the model of `rewriter demo`. One that speaks of a
real model is skipped where that is not at hand.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from rewriter.demo import demo_model
from tests.docs import detector
from tests.shared import SHARED
from tests.unit.commands import RIGHT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def stage(page: str, folder: Path) -> None:
    """Fill a folder with what a page of this name needs."""
    STAGES.get(page, demo)(folder)


def demo(folder: Path) -> None:
    """The model of `rewriter demo`."""
    demo_model().save(folder / "model.tflite")


def named(*names: str) -> Callable[[Path], None]:
    """The same model under other names."""

    def fill(folder: Path) -> None:
        for name in ("model.tflite", *names):
            demo_model().save(folder / name)

    return fill


def real(places: dict[str, str]) -> Callable[[Path], None]:
    """Real models, by the name that the page gives them."""

    def fill(folder: Path) -> None:
        for name, place in places.items():
            model = SHARED / "models" / place
            if not model.exists():
                pytest.skip(f"{place} is not at hand in {SHARED}")
            shutil.copyfile(model, folder / name)
        demo(folder)

    return fill


def pipeline(folder: Path) -> None:
    """A model, and the reader's own rules, which a pipeline names."""
    demo(folder)
    (folder / "mine.pat").write_text("RELU(RELU(x)) -> RELU(x)\n")


def delegate(folder: Path) -> None:
    """Two models to compare, and a target of the reader's own."""
    named("before.tflite", "after.tflite")(folder)
    (folder / "my_delegate.pat").write_text('target mine "Our accelerator"\n  accepts CONV_2D\n')


def zoo(folder: Path) -> None:
    """A folder of models, one of them no model, and the reader's own rules."""
    pytest.importorskip("fsspec", reason="needs the extra `fsspec`")
    (folder / "models" / "more").mkdir(parents=True)
    for name in ("first.tflite", "more/other.tflite"):
        demo_model().save(folder / "models" / name)
    (folder / "models" / "bad.tflite").write_text("hello")
    (folder / "mine.pat").write_text(RIGHT)


def nothing(folder: Path) -> None:
    """An empty folder."""


STAGES: dict[str, Callable[[Path], None]] = {
    "README.md": nothing,
    "docs/tutorial.md": nothing,
    "docs/how-to/annotate-for-an-accelerator.md": real({"digits.tflite": "tflm/model.tflite"}),
    "docs/how-to/deeplab-on-nnapi.md": real({"deeplab.tflite": "coral/deeplabv3_mnv2_pascal_quant.tflite"}),
    "docs/how-to/detector-post-process.md": detector.save,
    "docs/how-to/mediapipe-without-its-runtime.md": real(
        {
            each: f"mediapipe/{each}"
            for each in ("face_landmark_with_attention.tflite", "face_landmarker_with_blendshapes.task")
        }
    ),
    "docs/how-to/look-at-a-report.md": real(
        {"face_landmark_with_attention.tflite": "mediapipe/face_landmark_with_attention.tflite"}
    ),
    "docs/how-to/run-over-a-zoo.md": zoo,
    "docs/packs/detection.md": detector.save,
    "docs/packs/mediapipe.md": named("selfie_segmentation.tflite"),
    "docs/packs/nnapi.md": named("deeplab.tflite"),
    "docs/reference/pipelines.md": pipeline,
    "docs/reference/commands.md": delegate,
}

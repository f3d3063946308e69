"""Make the pictures of the documentation anew, by the program itself:   python -m tests.docs.pictures

Needs a browser, and the model that the pages speak of.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import rewriter
from tests.docs.browser import find_browser, opened, started
from tests.shared import CHECKOUT, SHARED

MODEL = SHARED / "models" / "mediapipe" / "face_landmark_with_attention.tflite"
PICTURES = CHECKOUT / "docs" / "pictures"
SIZE = (1360, 740)


def main() -> int:
    """Make all of them."""
    if find_browser() is None or not MODEL.exists():
        print(f"needs Chromium and {MODEL}", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        report = Path(folder) / "report.html"
        rewriter.apply(MODEL, packs=["mediapipe"]).report.save(report, source=MODEL.name)
        for name, dark in (("report", False), ("report-dark", True)):
            with opened(browser, report, dark=dark, size=SIZE) as page:
                if dark:
                    page.click(".rule:has-text('transform_landmarks_2d')")
                    page.click(".application >> nth=0")
                    page.wait_for_timeout(500)
                    page.click("[data-side=after] .item.hit >> nth=4")
                else:
                    page.click("#tab-checks")
                    page.click("#fit")
                    page.mouse.move(0, 0)
                page.wait_for_timeout(500)
                page.screenshot(path=PICTURES / f"{name}.png")
        with chdir(folder):  # so that the names in it are short
            Path("models").symlink_to(MODEL.parent)
            rewriter.apply_many("models", "out", packs=["mediapipe", "toco"], graphs=True).save("zoo.html")
        with opened(browser, Path(folder) / "zoo.html", size=SIZE) as page:
            page.click(".sort:has-text('applied')")
            page.click(f"tr:has-text('{MODEL.name}')")
            page.mouse.move(0, 0)
            page.screenshot(path=PICTURES / "zoo.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The library inside a report's page is the one that is named, as its authors publish it, and its licence is there."""

from __future__ import annotations

import hashlib

from rewriter.report.page import DAGRE, DAGRE_SHA256, page
from tests.packaging.project import settings
from tests.shared import CHECKOUT

FOLDER = CHECKOUT / "rewriter" / "report" / "page"


def test_the_library_is_of_the_version_that_is_named() -> None:
    library = (FOLDER / "dagre.min.js").read_bytes()
    assert hashlib.sha256(library).hexdigest() == DAGRE_SHA256
    assert f'"{DAGRE}"'.encode() in library


def test_its_licence_is_in_the_page_and_in_the_distribution() -> None:
    licence = (FOLDER / "dagre.txt").read_text()
    assert "Permission is hereby granted, free of charge" in licence
    text = page({"input": "in.tflite", "output": None})
    assert licence in text
    assert f"<b>dagre</b> {DAGRE}, under the MIT licence" in text
    assert (FOLDER / "dagre.txt").relative_to(CHECKOUT).as_posix() in settings()["project"]["license-files"]


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    text = page({"input": "in.tflite", "output": None})
    assert "sourceMappingURL" not in text
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")

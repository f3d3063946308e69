"""A report as a file: a page to look at, or JSON for a script."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rewriter.errors import UsageError

ENDINGS = (".html", ".json")


def check_report_name(path: str | os.PathLike[str]) -> None:
    """Refuse a name that does not say what is to be written, before any work is done.

    Raises:
        UsageError: It ends in neither `.html` nor `.json`.
    """
    if Path(path).suffix not in ENDINGS:
        raise UsageError(
            f"{os.fspath(path)}: a report is written as .html, to be looked at, or as .json",
            hint="--report report.html",
        )


def save_report(
    path: str | os.PathLike[str], document: Mapping[str, Any], summary: Mapping[str, Any] | None = None
) -> None:
    """Write a report.

    Args:
        path: Ends in `.html` or `.json`.
        document: What `report_json` gave.
        summary: What the command prints with `--json`; a `.json` file has it, too.

    Raises:
        UsageError: The file cannot be written, or ends in something else.
    """
    check_report_name(path)
    if is_page(path):
        write_page(path, document)
    else:
        write_json(path, {**(summary or {}), **document})


def is_page(path: str | os.PathLike[str]) -> bool:
    """Whether a report of this name is one to look at."""
    return Path(path).suffix == ".html"


def write_page(path: str | os.PathLike[str], document: Mapping[str, Any]) -> None:
    """Write a document as a page.

    Raises:
        UsageError: The file cannot be written.
    """
    from rewriter.report.page import page

    write_text(path, page(document))


def write_json(path: str | os.PathLike[str], document: object) -> None:
    """Write a document as JSON.

    Raises:
        UsageError: The file cannot be written.
    """
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text as UTF-8. Halves of characters, as which a model's broken names are read, are written as JSON does.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        Path(path).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{os.fspath(path)}: cannot be written: {error.strerror}") from None

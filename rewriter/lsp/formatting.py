"""A document in the one layout that `.pat` files have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.errors import LanguageError
from rewriter.language.format import format_text

if TYPE_CHECKING:
    from rewriter.lsp.document import Document


def formatted(document: Document) -> str | None:
    """The document's text in its layout; None where it has that already, or has errors that leave it none."""
    try:
        text = format_text(document.text, document.name)
    except LanguageError:
        return None
    return text if text != document.text else None

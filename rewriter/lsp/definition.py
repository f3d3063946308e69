"""Where the word under the cursor gets its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.lsp import subject
from rewriter.lsp.catalogue import Catalogue
from rewriter.lsp.names import Binding

if TYPE_CHECKING:
    from rewriter.lsp.document import Document
    from rewriter.lsp.tokens import Token


def definition(document: Document, offset: int) -> tuple[Document, Token] | None:
    """The token that gives the word at an offset its meaning, and the document that it stands in."""
    found = subject.find_subject(document, offset)
    if found is None:
        return None
    match found[1]:
        case Binding(token=token):
            return document, token
        case subject.Reference(item=item) if item.name is not None:
            return document, item.name
        case subject.Operator(head=head):
            return _declaration(document, head)
        case subject.Attribute(heads=(head, *_), name=name) | subject.Operand(heads=(head, *_), name=name):
            written = Catalogue(document).written(head)
            tokens = written.item.tokens if written else ()
            named = next((token for token in tokens if token.text == name), None)
            return (written.document, named) if written and named else None
        case _:
            return None


def _declaration(document: Document, head: subject.Head) -> tuple[Document, Token] | None:
    written = Catalogue(document).written(head)
    if written is None or written.item.name is None:
        return None
    return written.document, written.item.name

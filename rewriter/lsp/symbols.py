"""The items of a document, for its outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.lsp.brackets import read

if TYPE_CHECKING:
    from rewriter.lsp.document import Document
    from rewriter.lsp.items import Item, ItemKind
    from rewriter.lsp.tokens import Token


@frozen
class Symbol:
    """An item: what it is called, the token that says so, and all of it."""

    kind: ItemKind
    name: str
    token: Token
    item: Item


def symbols(document: Document) -> list[Symbol]:
    """The items in the order of the text; a bare rule is called by its line, as errors and reports call it."""
    return [_symbol(item, document) for item in document.items]


def _symbol(item: Item, document: Document) -> Symbol:
    first = item.tokens[0]
    if item.name is None:
        line = document.text.count("\n", 0, first.start) + 1
        return Symbol(item.kind, f"{document.path.stem}:{line}", first, item)
    head = next(iter(read(item).owner(1)), None) if item.kind == "op" else None
    return Symbol(item.kind, str(head or item.name.value), item.name, item)

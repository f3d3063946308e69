"""The operators that a document can speak of, and where they are declared."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from rewriter import packs
from rewriter.dialect.dialect import Dialect
from rewriter.errors import LanguageError
from rewriter.language import syntax
from rewriter.language.declare import declare
from rewriter.language.parse import parse
from rewriter.lsp.brackets import Head
from rewriter.lsp.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

    from rewriter.dialect.declaration import AttributeSpec, Declaration
    from rewriter.lsp.items import Item

ANY = Head("ANY")


@frozen
class Written:
    """An `op` item: the document that it stands in, and its tokens."""

    document: Document
    item: Item


@frozen(slots=False)
class Catalogue:
    """The builtin operators, the custom ones of a document, and those of the installed packs."""

    document: Document

    @cached_property
    def custom(self) -> dict[Head, Written]:
        """The custom operators that are declared; the document goes before the packs."""
        found: dict[Head, Written] = {}
        for document in (self.document, *_pack_files()):
            for head, written in _declared(document).items():
                if head.code is not None:
                    found.setdefault(head, written)
        return found

    def builtin(self) -> list[Head]:
        """The operators of the schema, but for CUSTOM itself."""
        return [Head(name) for name in Dialect().names if name != "CUSTOM"]

    def is_operator(self, word: str) -> bool:
        """Whether a word is the name of an operator, and not an enum's."""
        return word in ("ANY", "CUSTOM") or word in Dialect().names

    def written(self, head: Head) -> Written | None:
        """Where an operator is declared; None where the schema alone knows it, or nobody does."""
        if head.code is not None:
            return self.custom.get(head)
        return next((found for each in _builtin_files() if (found := _declared(each).get(head))), None)

    def declaration(self, head: Head) -> Declaration | None:
        """What an operator is; None where nobody knows."""
        if head.code is None:
            return Dialect().find(head.name, None)
        written = self.written(head)
        found = parsed(written) if written else None
        return found and found[1]

    def declarations(self, heads: tuple[Head, ...]) -> list[Declaration]:
        """What some operators are, as far as that is known."""
        return [found for head in heads if (found := self.declaration(head)) is not None]

    def attributes(self, heads: tuple[Head, ...]) -> Mapping[str, AttributeSpec]:
        """The attributes that one of some operators has, by name; of ANY all that there are."""
        every = tuple(self.builtin()) if heads == (ANY,) else heads
        found: dict[str, AttributeSpec] = {}
        for declaration in self.declarations(every):
            for name, spec in declaration.attributes.items():
                found.setdefault(name, spec)
        return found

    def has_operand(self, heads: tuple[Head, ...], name: str) -> bool:
        """Whether one of some operators declares an operand of this name."""
        return any(spec.name == name for each in self.declarations(heads) for spec in each.operands or ())


def parsed(written: Written) -> tuple[syntax.Op, Declaration] | None:
    """An `op` item's tree and declaration, whatever mistakes there are in what it says; None if it does not parse."""
    return _parse(written.document.text[written.item.start : written.item.end])


@lru_cache(maxsize=512)
def _parse(text: str) -> tuple[syntax.Op, Declaration] | None:
    try:
        items = parse(text, "op").items
    except LanguageError:
        return None
    if len(items) != 1 or not isinstance(items[0], syntax.Op):
        return None
    # What a declaration says of its functions is the checker's matter; to find them would import a pack's Python.
    return items[0], declare(items[0], lambda _: len)[0]


def _declared(document: Document) -> dict[Head, Written]:
    found: dict[Head, Written] = {}
    for item in document.items:
        if item.kind == "op" and item.keyword and len(item.tokens) > 1:
            name = item.tokens[1].text
            head = Head(name, item.name.value if item.name and name == "CUSTOM" else None)
            found.setdefault(head, Written(document, item))
    return found


def _pack_files() -> Iterator[Document]:
    for pack in packs.installed().values():
        for file in pack.files():
            yield _document(str(file), _text(file))


def _builtin_files() -> Iterator[Document]:
    from importlib.resources import files

    for file in files("rewriter.grammar").iterdir():
        if file.name.endswith(".pat"):
            yield _document(str(file), _text(file))


def is_builtin_file(path: Path) -> bool:
    """Whether a file is one of those in which this program declares the builtin operators."""
    return any(each.path == path for each in _builtin_files())


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _document(name: str, text: str) -> Document:
    return Document.of(name, text)

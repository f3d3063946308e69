"""What the word under the cursor is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from rewriter.lsp.brackets import Head
from rewriter.lsp.catalogue import Catalogue
from rewriter.lsp.names import Binding, bindings, declared_by, label_of, names_operand, role

if TYPE_CHECKING:
    from rewriter.lsp.brackets import Reading
    from rewriter.lsp.document import Document
    from rewriter.lsp.items import Item
    from rewriter.lsp.tokens import Token


@frozen
class Operator:
    """The name of an operator, or the code of a custom one."""

    head: Head


@frozen
class EnumWord:
    """A word of an enum; of which attribute, where it is an attribute's value."""

    word: str
    heads: tuple[Head, ...]
    attribute: str


@frozen
class Attribute:
    """An attribute of operators, named between brackets or after a dot."""

    name: str
    heads: tuple[Head, ...]


@frozen
class Operand:
    """The name of an operand, as in `input=x`."""

    name: str
    heads: tuple[Head, ...]


@frozen
class Property:
    """What is asked of a tensor, as in `x.shape`."""

    name: str


@frozen
class Function:
    """The function of a call; in a replacement it computes a constant."""

    name: str
    constant: bool


@frozen
class Reference:
    """The name of a rule or of a named pattern, and the item that it means."""

    item: Item


@frozen
class Keyword:
    """A word of the language."""

    word: str


Subject = Operator | EnumWord | Attribute | Operand | Property | Function | Reference | Keyword | Binding


def find_subject(document: Document, offset: int) -> tuple[Token, Subject] | None:
    """The token at an offset and what it is; None where it is nothing that can be looked up."""
    found = document.find(offset)
    if found is None:
        return None
    finder = _Finder(document, Catalogue(document), *found)
    token = finder.reading.spots[finder.index].token
    subject = finder.name() if token.kind == "name" and not finder.is_code else finder.word()
    return (token, subject) if subject is not None else None


@frozen
class _Finder:
    document: Document
    catalogue: Catalogue
    reading: Reading
    index: int

    @property
    def is_code(self) -> bool:
        reading, index = self.reading, self.index
        return reading.text(index - 1) == "[" and reading.text(index - 2) == "CUSTOM" and reading.text(index + 1) != "="

    def word(self) -> Subject | None:
        spot = self.reading.spots[self.index]
        if self.is_code:
            return Operator(Head("CUSTOM", spot.token.value))
        if spot.token.kind != "word":
            return None
        kind = spot.bracket.kind if spot.bracket else None
        if kind == "attributes":
            assert spot.bracket is not None
            return EnumWord(spot.token.text, self.heads(), label_of(self.reading, self.index))
        following = self.reading.text(self.index + 1)
        if following not in ("(", "[", "@") and not self.catalogue.is_operator(spot.token.text):
            return EnumWord(spot.token.text, (), "")
        return next((Operator(head) for head in self.reading.owner(self.index)), None)

    def name(self) -> Subject | None:
        reading, index = self.reading, self.index
        spot = reading.spots[index]
        name = spot.token.text
        bound = bindings(reading, self.catalogue.has_operand)
        match role(reading, index):
            case "property":
                return self.property(name, bound)
            case "function":
                pattern = self.item("pattern", name)
                return Reference(pattern) if pattern else Function(name, spot.section == "right")
            case "label":
                return (
                    Attribute(name, self.heads())
                    if spot.bracket and spot.bracket.kind == "attributes"
                    else bound.get(name)
                )
            case "keyword":
                return self.keyword(name, bound)
            case "type":
                return None
            case "value":
                if spot.bracket is not None and names_operand(reading, index, self.catalogue.has_operand):
                    return Operand(name, spot.bracket.heads)
                if name in bound:
                    return bound[name]
                declared = declared_by(reading, index)
                return Attribute(name, declared) if spot.section == "where" and declared else None

    def property(self, name: str, bound: dict[str, Binding]) -> Subject | None:
        """What stands behind a dot: in a condition something asked of a tensor, in `uses` a rule's direction."""
        reading, index = self.reading, self.index
        if reading.item.kind == "pack":
            rule = self.item("rule", reading.text(index - 2))
            return Reference(rule) if rule else None
        owner = bound.get(reading.text(index - 2))
        if owner is not None and name in self.catalogue.attributes(owner.result_of):
            return Attribute(name, owner.result_of)
        return Property(name)

    def keyword(self, name: str, bound: dict[str, Binding]) -> Subject | None:
        """A word outside of brackets that is no value: the item's own name, a name of `uses`, or a keyword."""
        item = self.reading.item
        if item.name is self.reading.spots[self.index].token and item.kind != "op":
            return Reference(item)
        if item.kind == "pack" and self.index > 1:
            rule = self.item("rule", name)
            return Reference(rule) if rule else Keyword(name)
        return bound[name] if item.kind == "op" and name in bound and self.index > 1 else Keyword(name)

    def heads(self) -> tuple[Head, ...]:
        """The operators whose brackets the token stands in; of `@c[...]` those that `c` names."""
        bracket = self.reading.spots[self.index].bracket
        if bracket is None or bracket.name is None:
            return bracket.heads if bracket else ()
        again = bindings(self.reading, self.catalogue.has_operand).get(bracket.name)
        return again.result_of if again else ()

    def item(self, kind: str, name: str) -> Item | None:
        """The item of this kind and name in the document."""
        named = ((item, item.name) for item in self.document.items if item.kind == kind)
        return next((item for item, token in named if token is not None and token.text == name), None)

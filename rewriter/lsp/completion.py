"""What can be written at a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from rewriter.lsp.brackets import DECLARATION_CLAUSES, RULE_CLAUSES, TARGET_CLAUSES, Bracket, Head, Reading, read
from rewriter.lsp.catalogue import ANY, Catalogue
from rewriter.lsp.describe import signature
from rewriter.lsp.items import KEYWORDS, Item, ends_value
from rewriter.lsp.names import CONSTANTS, Binding, bindings, declared_by, in_type, label_of
from rewriter.lsp.words import CONDITION_FUNCTIONS, CONSTANT_FUNCTIONS, PROPERTIES
from rewriter.lsp.words import KEYWORDS as MEANINGS
from rewriter.model import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rewriter.dialect.declaration import AttributeSpec, Declaration
    from rewriter.lsp.document import Document

SuggestionKind = Literal["operator", "attribute", "word", "capture", "property", "function", "keyword", "type", "rule"]

_PREFIX = re.compile(r"\w*\Z")
_COMPARISONS = frozenset({"==", "!=", "in"})
_OPERATIONS = ("and", "or", "not", "in", "is absent", "is not absent")


@frozen
class Suggestion:
    """Something that can be written.

    Attributes:
        text: What it is called, and what is written where there are no places to fill in.
        detail: What it is, in a few words.
        places: What to fill in between its round brackets; None where it has none.
    """

    kind: SuggestionKind
    text: str
    detail: str = ""
    places: tuple[str, ...] | None = None


def complete(document: Document, offset: int) -> tuple[int, list[Suggestion]]:
    """What can be written at an offset, and where the word begins that stands there already."""
    prefix = _PREFIX.search(document.text, 0, offset)
    start = prefix.start() if prefix else offset
    before = document.before(start)
    is_number = document.text[start:offset][:1].isdigit()
    if is_number or (before.tokens and _is_inside(before, start)):
        return start, []
    bracketed = document.text[offset : offset + 1] in ("(", "[")
    item = before.items[-1] if before.items else Item("rule", keyword=False)
    completer = _Completer(document, Catalogue(document), read(item), start)
    found = {each.text: each for each in completer.suggestions()}
    if bracketed:
        return start, [Suggestion(each.kind, each.text, each.detail) for each in found.values()]
    return start, list(found.values())


def _is_inside(before: Document, offset: int) -> bool:
    """Whether an offset is in a comment or in a string that is open."""
    last = before.tokens[-1]
    if "\n" in before.text[last.end : offset]:
        return False
    if last.kind == "comment":
        return True
    return last.kind == "string" and last.end == offset and (len(last.text) == 1 or last.text[-1] != last.text[0])


@frozen
class _Completer:
    """Suggests what follows the tokens that are read."""

    document: Document
    catalogue: Catalogue
    reading: Reading
    start: int

    def suggestions(self) -> Iterable[Suggestion]:
        reading, last = self.reading, len(self.reading.spots) - 1
        bracket = reading.bracket
        before = reading.text(last)
        if before == "." and last:
            return self.behind_dot(reading.text(last - 1))
        if before == "@":
            return self.captures(lambda binding: bool(binding.result_of))
        if bracket is not None and bracket.kind == "attributes":
            return self.attributes(bracket, before, last)
        if last >= 0 and (in_type(reading, last) or (before == "const" and in_type(reading, last - 1))):
            return self.types(before)
        if bracket is not None and bracket.kind == "shape":
            return self.captures(lambda binding: binding.is_value)
        if ends_value(reading.spots[last].token if last >= 0 else None) and not self.is_touching(last):
            return self.behind_value(last)
        match reading.item.kind, reading.section:
            case "pack", _:
                return self.rules() if {"uses", "leaves"} & {token.text for token in reading.item.tokens} else ()
            case "op", "head":
                return self.codes() if last == 0 else ()
            case "cleanup", _:
                return ()
            case "rule", "head":
                return ()
            case "pattern", "head":
                return ()
            case "target", "clauses":
                return self.operators(places=False)
            case _, "where":
                return [
                    *self.words(before, last),
                    *self.captures(),
                    *self.declared(last),
                    *_functions(CONDITION_FUNCTIONS),
                ]
            case _, "left":
                return [*self.items(last), *self.operands(), *self.captures(), *self.patterns(), *self.operators()]
            case _, "right":
                return [*self.operands(), *self.captures(), *self.operators(), *_functions(CONSTANT_FUNCTIONS)]
            case _, "clauses":
                return self.clause(before)
            case _:
                return ()

    def is_touching(self, last: int) -> bool:
        """Whether the place touches the token before it, so that this is not complete."""
        token = self.reading.spots[last].token
        return token.end == self.start and token.kind != "sign"

    # -- what is not complete -----------------------------------------------------------------------------------------

    def behind_dot(self, name: str) -> Iterator[Suggestion]:
        if self.reading.item.kind == "pack":
            yield from (Suggestion("keyword", direction) for direction in ("forward", "backward"))
            return
        for text, meaning in PROPERTIES.items():
            yield Suggestion("property", text, meaning)
        binding = self.bound().get(name)
        if binding is not None:
            yield from (_attribute(spec) for spec in self.catalogue.attributes(binding.result_of).values())

    def attributes(self, bracket: Bracket, before: str, last: int) -> Iterator[Suggestion]:
        """Between an operator's square brackets: codes, attributes, their values."""
        heads = bracket.heads
        if bracket.name is not None:
            again = self.bound().get(bracket.name)
            heads = again.result_of if again else ()
        specs = self.catalogue.attributes(heads)
        if before in ("=", "|"):
            yield from self.values(specs.get(label_of(self.reading, last)))
        elif before == "[" and heads == (Head("CUSTOM"),):
            yield from self.codes(bare=True)
        elif before in ("[", ","):
            inside = [spot.token.text for spot in self.reading.spots[bracket.opened :] if spot.bracket is bracket]
            yield from (_attribute(spec) for name, spec in specs.items() if name not in inside)
            yield Suggestion("attribute", "custom_options", "the bytes behind a custom operator's attributes")

    def values(self, spec: AttributeSpec | None) -> Iterator[Suggestion]:
        if spec is None:
            yield from (Suggestion("keyword", text) for text in CONSTANTS)
        elif spec.words:
            yield from (Suggestion("word", word, f"{spec.name}, {spec.enum or 'enum'}") for word in sorted(spec.words))
        elif spec.kind == "bool":
            yield from (Suggestion("keyword", text) for text in ("true", "false"))
        yield from self.captures(lambda binding: binding.is_value)

    def types(self, before: str) -> Iterator[Suggestion]:
        yield from (Suggestion("type", dtype) for dtype in DTYPES)
        if before == ":":
            yield from (Suggestion("keyword", word, MEANINGS[word]) for word in ("const", "like"))

    # -- where a value is complete ------------------------------------------------------------------------------------

    def behind_value(self, last: int) -> Iterator[Suggestion]:
        reading = self.reading
        if reading.bracket is not None:
            texts: tuple[str, ...] = _OPERATIONS if reading.section == "where" else ()
        else:
            match reading.item.kind, reading.section:
                case "rule", "head":
                    texts = ()
                    yield from self.operators()
                case "rule", "left":
                    texts = ("where", "->", "<->")
                case "rule", "where":
                    texts = (*_OPERATIONS, "->", "<->")
                case "rule", "right" | "clauses":
                    texts = tuple(self.rule_clauses(last))
                case "op", _:
                    texts = (*DECLARATION_CLAUSES, *KEYWORDS)
                case "target", _:
                    texts = (*TARGET_CLAUSES, "where", *KEYWORDS)
                case "cleanup", _:
                    texts = ("by", *KEYWORDS)
                case "pack", _:
                    texts = ("serves", "uses", "leaves", *KEYWORDS)
                case _:
                    texts = KEYWORDS
        yield from (Suggestion("keyword", text, MEANINGS.get(text, "")) for text in texts)
        if "rule" in texts and "\n" in self.document.text[self.reading.item.end : self.start]:
            yield from self.operators()

    def rule_clauses(self, last: int) -> Iterator[str]:
        if self.reading.text(last - 1) == "within":
            yield from ("ulp", "step")
        yield from RULE_CLAUSES
        yield from KEYWORDS

    def clause(self, before: str) -> list[Suggestion]:
        texts = {"equal": ("exact", "within"), "lossy": ("within",), "changes": ("interface",)}.get(before, ())
        return [Suggestion("keyword", text) for text in texts]

    def items(self, last: int) -> Iterator[Suggestion]:
        if last < 0:
            yield from (Suggestion("keyword", word, MEANINGS[word]) for word in KEYWORDS)

    # -- what there is ------------------------------------------------------------------------------------------------

    def bound(self) -> dict[str, Binding]:
        return bindings(self.reading, self.catalogue.has_operand)

    def captures(self, wanted: Callable[[Binding], bool] = lambda _: True) -> Iterator[Suggestion]:
        for name, binding in self.bound().items():
            if wanted(binding):
                yield Suggestion("capture", name, f"{binding.meaning} {binding.type}".strip())

    def operators(self, *, places: bool = True) -> Iterator[Suggestion]:
        for head in (*self.catalogue.custom, *self.catalogue.builtin(), ANY):
            declaration = self.catalogue.declaration(head)
            detail = signature(head, declaration) if declaration else ""
            yield Suggestion("operator", str(head), detail, _places(declaration) if places else None)

    def codes(self, *, bare: bool = False) -> Iterator[Suggestion]:
        for head in self.catalogue.custom:
            declaration = self.catalogue.declaration(head)
            text = str(head).removeprefix("CUSTOM[").removesuffix("]") if bare else str(head)
            yield Suggestion("operator", text, signature(head, declaration) if declaration else "")

    def patterns(self) -> Iterator[Suggestion]:
        for item in self.document.items:
            if item.kind == "pattern" and item.name is not None:
                reading = read(item)
                parameters = tuple(
                    spot.token.text
                    for spot in reading.spots
                    if spot.section == "head" and spot.bracket is not None and spot.token.kind == "name"
                )
                yield Suggestion("function", item.name.text, "a named pattern", parameters)

    def operands(self) -> Iterator[Suggestion]:
        bracket = self.reading.bracket
        if bracket is not None and bracket.kind == "operands":
            for declaration in self.catalogue.declarations(bracket.heads):
                for spec in declaration.operands or ():
                    yield Suggestion("property", f"{spec.name}=", f"an operand of {declaration.name}")

    def rules(self) -> Iterator[Suggestion]:
        named = (item.name for item in self.document.items if item.kind == "rule")
        yield from (Suggestion("rule", name.text) for name in named if name is not None)

    def declared(self, last: int) -> Iterator[Suggestion]:
        yield from (_attribute(spec) for spec in self.catalogue.attributes(declared_by(self.reading, last)).values())

    def words(self, before: str, last: int) -> Iterator[Suggestion]:
        """The enum words that what stands before a comparison may be."""
        if before not in _COMPARISONS or last < 1:
            return
        name, bound = self.reading.text(last - 1), self.bound()
        if self.reading.text(last - 2) == ".":
            owner = bound.get(self.reading.text(last - 3))
            heads = owner.result_of if owner else ()
        elif name in bound:
            name, heads = bound[name].attribute or ("", ())
        else:
            heads = declared_by(self.reading, last)
        spec = self.catalogue.attributes(heads).get(name)
        if spec is not None:
            yield from (Suggestion("word", word, f"{name}, {spec.enum}") for word in sorted(spec.words))


def _attribute(spec: AttributeSpec) -> Suggestion:
    return Suggestion("attribute", spec.name, spec.enum or spec.kind)


def _places(declaration: Declaration | None) -> tuple[str, ...]:
    if declaration is None or declaration.operands is None:
        return ("..",)
    wanted = [spec for spec in declaration.operands if not spec.implied]
    return tuple(spec.name + "?" * spec.optional + "..." * spec.variadic for spec in wanted)


def _functions(table: dict[str, tuple[str, str]]) -> Iterator[Suggestion]:
    yield from (Suggestion("function", name, meaning, ()) for name, (_, meaning) in table.items())

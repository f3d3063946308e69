"""What the word under the cursor means, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewriter.lsp import subject
from rewriter.lsp.catalogue import ANY, Catalogue
from rewriter.lsp.describe import code, describe_attribute, describe_binding, describe_operator
from rewriter.lsp.names import Binding, spell
from rewriter.lsp.words import CONDITION_FUNCTIONS, CONSTANT_FUNCTIONS, KEYWORDS, PROPERTIES

if TYPE_CHECKING:
    from rewriter.lsp.document import Document
    from rewriter.lsp.items import Item
    from rewriter.lsp.tokens import Token


def hover(document: Document, offset: int) -> tuple[Token, str] | None:
    """The token at an offset and what it means; None where there is nothing to say."""
    found = subject.find_subject(document, offset)
    if found is None:
        return None
    token, about = found
    text = _text(about, document, Catalogue(document))
    return (token, text) if text else None


def _text(about: subject.Subject, document: Document, catalogue: Catalogue) -> str | None:
    match about:
        case subject.Operator(head=head):
            return f"{code('ANY(..)')}\n\nAny operator." if head == ANY else describe_operator(head, catalogue)
        case subject.EnumWord():
            return _enum_word(about, catalogue)
        case subject.Attribute(name=name, heads=heads):
            spec = catalogue.attributes(heads).get(name)
            return f"{describe_attribute(spec)}\n\nAn attribute of {spell(heads)}." if spec else None
        case subject.Operand(name=name, heads=heads):
            return f"The operand `{name}` of {spell(heads)}."
        case subject.Property(name=name):
            return f"`.{name}`: {PROPERTIES[name]}" if name in PROPERTIES else None
        case subject.Function(name=name, constant=constant):
            return _function(name, constant)
        case subject.Reference(item=item):
            return _item(item, document)
        case subject.Keyword(word=word):
            found = [text for text in KEYWORDS if word in text.split()]
            return "\n\n".join(f"`{text}`: {KEYWORDS[text]}" for text in found) or None
        case Binding():
            return describe_binding(about, catalogue)


def _enum_word(about: subject.EnumWord, catalogue: Catalogue) -> str | None:
    from rewriter.model import schema

    spec = catalogue.attributes(about.heads).get(about.attribute)
    if spec is not None and about.word in spec.words:
        return f"`{about.word}`, a value of {describe_attribute(spec)}"
    enums = [name for name, words in schema().enums.items() if about.word in words and name != "BuiltinOperator"]
    return f"`{about.word}`, a word of {', '.join(f'`{name}`' for name in sorted(enums))}" if enums else None


def _function(name: str, constant: bool) -> str | None:
    tables = (CONSTANT_FUNCTIONS, CONDITION_FUNCTIONS)
    for table in tables if constant else reversed(tables):
        if name in table:
            call, meaning = table[name]
            return f"{code(call)}\n\n{meaning[0].upper()}{meaning[1:]}."
    return None


def _item(item: Item, document: Document) -> str:
    """An item as it is written, up to its body, and its documentation."""
    head = document.text[item.start : item.end].split("\n", 1)[0].rstrip()
    doc = next((token.value for token in item.tokens[:12] if token.kind == "string"), "")
    return "\n\n".join(part for part in (code(head), doc) if part)

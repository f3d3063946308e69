"""What this package finds out, in the protocol's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from rewriter.lsp.completion import Suggestion
    from rewriter.lsp.positions import Positions
    from rewriter.lsp.symbols import Symbol
    from rewriter.source import Diagnostic

_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}
_ITEM_KINDS = {
    "pack": types.SymbolKind.Package,
    "op": types.SymbolKind.Operator,
    "pattern": types.SymbolKind.Function,
    "rule": types.SymbolKind.Event,
    "target": types.SymbolKind.Interface,
    "cleanup": types.SymbolKind.Method,
}
_SUGGESTION_KINDS = {
    "operator": types.CompletionItemKind.Operator,
    "attribute": types.CompletionItemKind.Field,
    "word": types.CompletionItemKind.EnumMember,
    "capture": types.CompletionItemKind.Variable,
    "property": types.CompletionItemKind.Property,
    "function": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "type": types.CompletionItemKind.TypeParameter,
    "rule": types.CompletionItemKind.Reference,
}
_SPECIAL = str.maketrans({"\\": r"\\", "$": r"\$", "}": r"\}"})


def range_of(positions: Positions, start: int, end: int) -> types.Range:
    """The characters between two offsets."""
    return types.Range(types.Position(*positions.position(start)), types.Position(*positions.position(end)))


def diagnostic_of(found: Diagnostic, positions: Positions) -> types.Diagnostic:
    """An error or a warning, with what to try."""
    return types.Diagnostic(
        range=range_of(positions, found.span.start, found.span.end),
        message=f"{found.message}\ntry: {found.hint}" if found.hint else found.message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source="rewriter",
    )


def symbol_of(found: Symbol, positions: Positions) -> types.DocumentSymbol:
    """An item, for the outline."""
    return types.DocumentSymbol(
        name=found.name,
        kind=_ITEM_KINDS[found.kind],
        range=range_of(positions, found.item.start, found.item.end),
        selection_range=range_of(positions, found.token.start, found.token.end),
        detail=found.kind,
    )


def suggestion_of(found: Suggestion, place: types.Range, order: int, *, snippets: bool) -> types.CompletionItem:
    """A suggestion that replaces what stands at `place`; with places to fill in if the editor can show these."""
    text = found.text
    fill_in = snippets and found.places is not None
    if fill_in:
        text = f"{_escaped(found.text)}({_places(found.places or ())})$0"
    return types.CompletionItem(
        label=found.text,
        kind=_SUGGESTION_KINDS[found.kind],
        detail=found.detail or None,
        sort_text=f"{order:04}",
        filter_text=found.text,
        text_edit=types.TextEdit(place, text),
        insert_text_format=types.InsertTextFormat.Snippet if fill_in else types.InsertTextFormat.PlainText,
    )


def _places(places: tuple[str, ...]) -> str:
    return ", ".join(f"${{{number}:{_escaped(place)}}}" for number, place in enumerate(places, 1)) or "$1"


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)

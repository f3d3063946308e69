"""The checker's errors and warnings of a document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rewriter import packs
from rewriter.errors import LanguageError
from rewriter.language.check import compile_rules
from rewriter.language.findings import findings
from rewriter.language.parse import parse
from rewriter.lsp.catalogue import is_builtin_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewriter.lsp.document import Document
    from rewriter.source import Diagnostic


def problems(document: Document) -> Sequence[Diagnostic]:
    """All that the checker has to say of a document, as it would in `rewriter check`, or in its pack."""
    pack = _pack(document)
    try:
        if is_builtin_file(document.path):
            parse(document.text, document.name)
            return ()
        rules = compile_rules(
            document.text,
            document.name,
            pack=pack.name if pack else None,
            elsewhere=packs.finder(pack.name if pack else None),
            resolve=pack.function if pack else packs.find_function,
            functions=packs.added_functions(pack.name if pack else None),
            find_target=packs.target_finder(frozenset({(pack.name, Path(document.name).name)} if pack else ())),
        )
        return findings([rules], packs.declared_codes)
    except LanguageError as error:
        return error.diagnostics


def _pack(document: Document) -> packs.Pack | None:
    """The installed pack that a document is a file of."""
    for pack in packs.installed().values():
        if any(str(file) == document.name for file in pack.files()):
            return pack
    return None

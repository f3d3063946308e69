"""Where declarations are found: those of a file, those of the installed packs, and the builtin ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import define, field

from rewriter.dialect.declaration import Declaration, undeclared
from rewriter.model import schema

if TYPE_CHECKING:
    pass

Elsewhere = Callable[[str], Declaration | None]


@define
class Dialect:
    """The operators that the rules of one file can speak of.

    Attributes:
        custom: Custom operators that the file declares, by code.
        elsewhere: Looks up a custom operator in the installed packs.
    """

    custom: dict[str, Declaration] = field(factory=dict[str, Declaration])
    elsewhere: Elsewhere | None = None

    def find(self, name: str, code: str | None) -> Declaration | None:
        """The declaration of an operator; None if the schema has no operator of this name.

        A custom operator that nobody declares has operands as they are written, and no attributes.
        """
        if name == "CUSTOM" and code is not None:
            found = self.custom.get(code) or (self.elsewhere(code) if self.elsewhere else None)
            return found or Declaration("CUSTOM", code)
        if name not in schema().enums["BuiltinOperator"]:
            return None
        return builtin_declarations().get(name) or undeclared(name)

    @property
    def names(self) -> list[str]:
        """The builtin operators."""
        return list(schema().enums["BuiltinOperator"])


@functools.cache
def builtin_declarations() -> Mapping[str, Declaration]:
    """The builtin operators that `grammar/builtin.pat` declares, by name."""
    from importlib.resources import files

    from rewriter.dialect import shapes
    from rewriter.errors import LanguageError
    from rewriter.language import syntax
    from rewriter.language.declare import declare
    from rewriter.language.parse import parse

    source = files("rewriter.grammar").joinpath("builtin.pat").read_text(encoding="utf-8")
    declared: dict[str, Declaration] = {}
    for item in parse(source, "builtin.pat").items:
        assert isinstance(item, syntax.Op)
        declaration, diagnostics = declare(item, lambda name: getattr(shapes, name, None))
        if diagnostics:
            raise LanguageError(diagnostics)
        declared[declaration.builtin] = declaration
    return declared

"""What somebody may have meant by a word that means nothing: what completes the "try:" of an error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from rewriter.model import schema
from rewriter.source import nearest

if TYPE_CHECKING:
    from rewriter.dialect.declaration import Declaration
    from rewriter.dialect.dialect import Dialect

_FEW = 3
_NEAR = 0.8  # of 1: a word in small letters is seldom a builtin operator's


def close(name: str, known: Collection[str]) -> str | None:
    """What somebody who wrote `name` may have meant: names that go on where it ends, else the nearest one."""
    longer = [each for each in known if each.startswith(name)]
    return ", ".join(longer[:_FEW]) or nearest(name, known)


def operator_for(name: str, dialect: Dialect) -> str | None:
    """What to try instead of an operator that the schema does not have: `Relu`, `CONV2D`, a custom operator's code."""
    if is_declared(name, dialect):
        return f"CUSTOM[{name}]"
    called = builtin_called(name)
    if called is not None or name.isupper():
        return called or close(name, dialect.names)
    from difflib import get_close_matches

    near = get_close_matches(_letters(name), map(_letters, dialect.names), n=1, cutoff=_NEAR)
    return ", ".join([*(builtin_called(each) or "" for each in near), f"CUSTOM[{name}]"])


def builtin_called(name: str) -> str | None:
    """The builtin operator of this name, were it written in capitals and with the schema's underlines."""
    plain = _letters(name)
    return next((each for each in schema().enums["BuiltinOperator"] if _letters(each) == plain), None)


def is_declared(code: str, dialect: Dialect) -> bool:
    """Whether the file, or an installed pack, declares a custom operator of this code."""
    found = dialect.find("CUSTOM", code)
    return found is not None and found.operands is not None


def function_for(name: str, own: Collection[str], added: Collection[str], operator: str | None = None) -> str:
    """What to try instead of a function that there is not: the nearest few, or else the language's own.

    Args:
        name: What was written.
        own: The language's functions.
        added: Those of packs. Most serve a pack's own rules, so nobody is told to choose among them.
        operator: The operator of this name, where one may stand.
    """
    from difflib import get_close_matches

    near = get_close_matches(name, sorted({*own, *added}), n=_FEW)
    return ", ".join([*([operator] if operator else []), *near] or own)


def word_for(name: str, declarations: Mapping[str, Declaration], attribute: str) -> str | None:
    """The enum's word that somebody meant who wrote a name for an attribute: `same` for SAME."""
    words = {word for each in declarations.values() for word in _words(each, attribute)}
    return name.upper() if name.upper() in words else None


def _words(declaration: Declaration, attribute: str) -> Collection[str]:
    spec = declaration.attributes.get(attribute)
    return () if spec is None else spec.words


def _letters(name: str) -> str:
    return name.replace("_", "").upper()

"""Syntax trees as plain values that `rewriter.cache` can keep, and back.

A tree becomes a list: the name of its class, where its text starts and ends, and its fields. Tuples stay tuples, so the
two cannot be mistaken for each other.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from attrs import fields

from rewriter.language import syntax
from rewriter.source import Span

if TYPE_CHECKING:
    from rewriter.language.syntax import Syntax
    from rewriter.source import Text


@cache
def layout() -> str:
    """Changes with the classes of the tree: what one layout made plain, another cannot read."""
    kinds = [each for each in vars(syntax).values() if isinstance(each, type) and issubclass(each, syntax.Syntax)]
    return ";".join(f"{kind.__name__} {' '.join(_names(kind))}" for kind in kinds)


def as_plain(tree: Syntax) -> list[object]:
    """A tree as a value of lists, tuples, strings and numbers."""
    values = [_plain(getattr(tree, name)) for name in _names(type(tree))]
    return [type(tree).__name__, tree.span.start, tree.span.end, *values]


def _plain(value: object) -> object:
    if isinstance(value, syntax.Syntax):
        return as_plain(value)
    return tuple(map(_plain, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else value


def as_tree(value: list[Any], text: Text) -> Syntax:
    """The tree that `as_plain` made plain; its places are in `text`."""
    name, start, end, *values = value
    made: Any = getattr(syntax, name)
    return made(Span(text, start, end), *(_tree(each, text) for each in values))


def _tree(value: object, text: Text) -> object:
    if isinstance(value, list):
        return as_tree(cast("list[Any]", value), text)
    return tuple(_tree(each, text) for each in cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


@cache
def _names(kind: type[Syntax]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "span")

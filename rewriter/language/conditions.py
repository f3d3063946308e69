"""Conditions of one rule in the names of another, where a pattern was laid on a term."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from rewriter.language import syntax
from rewriter.language.fit import Fit
from rewriter.language.scope import PROPERTIES
from rewriter.language.sizes import Sizes
from rewriter.language.terms import Term, TermTensor
from rewriter.language.truth import Meaning, Number, Truth, meaning_in

_LASTING = frozenset({"shape", "rank", "dtype", "is_const", "value", "scale", "zero_point", "quantized", "is_input"})
_OF_THE_PLACE = frozenset(
    {"shape", "rank", "dtype", "scale", "zero_point", "quantized", "name", "is_output", "uses", "readers"}
)


class _Nameless(Exception):
    """Something has no name in the other rule."""


def renamed(node: syntax.Syntax, rename: Callable[[syntax.Name], syntax.Syntax]) -> syntax.Syntax:
    """An expression with its names replaced; names of functions, attributes and arguments are none."""

    def part(node: syntax.Syntax) -> syntax.Syntax:
        match node:
            case syntax.Name():
                return rename(node)
            case syntax.Attribute(span=span, value=value, name=name):
                inner: Any = part(value)
                return syntax.Attribute(span, inner, name)
            case syntax.Call(span=span, function=function, operands=operands):
                inner = tuple(part(each) for each in operands)
                return syntax.Call(span, function, inner)
            case syntax.Named(span=span, name=name, value=value):
                inner = part(value)
                return syntax.Named(span, name, inner)
            case _:
                return syntax.changed(node, part)

    return part(node)


def own_words(node: syntax.Syntax, term: Term, fit: Fit) -> syntax.Syntax:
    """A condition with each thing called by the first of its names."""

    def rename(name: syntax.Name) -> syntax.Syntax:
        tensor = term.names.get(name.text)
        if tensor is not None:
            return syntax.Name(name.span, tensor.name or name.text)
        return _number(name, fit.sizes.known(name.text))

    return renamed(node, rename)


def in_words_of(
    node: syntax.Syntax, pattern: Term, fit: Fit, name_of: Callable[[TermTensor], str | None]
) -> syntax.Syntax | None:
    """A pattern's condition in the names of the term that it was laid on; None where something there has no name."""

    def rename(name: syntax.Name) -> syntax.Syntax:
        tensor = pattern.names.get(name.text)
        if tensor is None:
            return _number(name, fit.numbers.get(name.text))
        found = fit.tensors.get(tensor)
        called = name_of(found) if found is not None else None
        if called is None:
            raise _Nameless
        return syntax.Name(name.span, called)

    try:
        return renamed(node, rename)
    except _Nameless:
        return None


def _number(name: syntax.Name, value: object) -> syntax.Syntax:
    match value:
        case bool():
            return syntax.Boolean(name.span, value)
        case int() | float():
            return syntax.Number(name.span, value)
        case str():
            return syntax.Name(name.span, value)
        case _:
            raise _Nameless


def surely_holds(node: syntax.Syntax, pattern: Term, fit: Fit) -> bool:
    """Whether a pattern's condition holds by what is known of the term that it was laid on."""
    known, nearly = _judge(pattern, fit).verdict(node)
    return known is True and not nearly


def surely_fails(node: syntax.Syntax, pattern: Term, fit: Fit) -> bool:
    """Whether a pattern's condition fails by what is known of the term that it was laid on."""
    return _judge(pattern, fit).verdict(node)[0] is False


def _judge(pattern: Term, fit: Fit) -> Truth:
    plain = meaning_in(pattern, Sizes())

    def meaning(name: str) -> Meaning:
        found = plain(name)
        if isinstance(found, TermTensor):
            return fit.tensors.get(found)
        assert isinstance(found, Number)
        value = fit.numbers.get(name)
        return None if value is None else evolve(found, known=value)

    return Truth(meaning, fit.sizes)


def lasts(
    node: syntax.Syntax, term: Term, places: Sequence[TermTensor], kept: Callable[[TermTensor, str], bool]
) -> bool:
    """Whether what a condition asks is the same after a replacement, for tensors that are still there.

    Args:
        node: The condition.
        term: What it is a condition of.
        places: Tensors whose place something new has taken, type, shape and name included.
        kept: Whether the operator that makes a tensor still has an attribute's value.
    """
    match node:
        case syntax.Attribute(value=syntax.Name(text=text), name=syntax.Name(text=asked)):
            tensor = term.names.get(text)
            if tensor is None:
                return False
            if asked not in PROPERTIES:
                return kept(tensor, asked)
            return asked in (_OF_THE_PLACE if any(tensor is each for each in places) else _LASTING)
        case syntax.Call(function=function, operands=operands):
            return function.text != "attr" and all(lasts(each, term, places, kept) for each in operands)
        case _:
            return all(lasts(child, term, places, kept) for child in syntax.children(node))

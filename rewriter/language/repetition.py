"""Rules that match what they made themselves, whatever they made it from."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.language import syntax
from rewriter.language.conditions import in_words_of, lasts, own_words, surely_fails, surely_holds
from rewriter.language.fit import Fit
from rewriter.language.remade import Remade
from rewriter.language.sides import Sides
from rewriter.language.sizes import Sizes
from rewriter.language.terms import Term, TermOperator, TermTensor
from rewriter.source import Diagnostic, Span


def mistakes(sides: Sides) -> list[Diagnostic]:
    """What is wrong with a rule as a whole: a pattern that can never match, or a rule that never comes to an end."""
    found = sides.impossibilities()
    if any(each.severity == "error" for each in found):
        return found
    again = repetition(sides)
    return found if again is None else [*found, again]


def repetition(sides: Sides) -> Diagnostic | None:
    """The error for a rule that never comes to an end; None where it may."""
    if not _makes_its_root(sides):
        return None
    whole = list(sides.whole())
    found: Span | None = None
    for term, made, sizes in whole:
        tries = ((each, one, own) for each in made.operators for one, own, _ in whole)
        again = next((each for each, one, own in tries if _Again(sides, one, own, term, made, sizes).at(each)), None)
        if again is None:
            return None
        found = found or again.span
    if found is None:
        return None
    message = "the rule matches again what it makes here, and never ends"
    hint = "a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition"
    return Diagnostic("E270", message, found, hint)


def _makes_its_root(sides: Sides) -> bool:
    """Whether the right side writes an operator of the root's kind at all; most rules end here."""
    heads: set[str] | None = set()
    value: syntax.Syntax = sides.left[-1].value
    while isinstance(value, syntax.Typed | syntax.Named):
        value = value.value
    if isinstance(value, syntax.Operator):
        heads = {head.name.text for head in value.heads}
    if not isinstance(value, syntax.Operator) or "ANY" in heads:
        heads = None
    return any(_writes(equation, heads) for equation in sides.right)


def _writes(node: syntax.Syntax, heads: set[str] | None) -> bool:
    if isinstance(node, syntax.Again):
        return True
    if isinstance(node, syntax.Operator) and (heads is None or any(head.name.text in heads for head in node.heads)):
        return True
    return any(_writes(child, heads) for child in syntax.children(node))


class _Again(Fit):
    """A rule's pattern, laid on what the rule makes."""

    def __init__(self, sides: Sides, pattern: Term, own: Remade, term: Term, made: Remade, sizes: Sizes) -> None:
        super().__init__(pattern, sizes)
        self.sides = sides
        self.own = own
        self.term = term
        self.made = made
        self.places = {new: old for old, new in made.roots if new.producer is not None and new.producer[0].made}

    def accept(self) -> bool:
        return self.replaceable() and all(self.holds(each) for each in self.sides.conditions)

    def replaceable(self) -> bool:
        """Whether all that would go has surely no reader but what goes with it."""
        if self.sides.shared:
            return True
        going = self.sides.going(self.pattern, self.own)
        gone = {self.operators[each] for each in (*going, self.pattern.root) if each in self.operators}
        for each in going:
            operator = self.operators[each]
            if not operator.made or any(result in self.places for result in operator.results):
                return False
            if any(reader not in gone for result in operator.results for reader in self.readers(result)):
                return False
        return True

    def readers(self, tensor: TermTensor) -> Iterator[TermOperator]:
        return (each for each in self.made.operators if any(tensor is read for read in each.reads()))

    def holds(self, condition: syntax.Expression) -> bool:
        """Whether a condition holds again: it asks the same of the same, or can be told from what is made."""
        if surely_fails(condition, self.pattern, self):
            return False  # a root that is an output may get another type
        return self.same_question(condition) or surely_holds(condition, self.pattern, self)

    def same_question(self, condition: syntax.Expression) -> bool:
        if self.pattern is not self.term or not lasts(condition, self.term, list(self.places.values()), self.kept):
            return False
        again = in_words_of(condition, self.pattern, self, self.name_of)
        return again is not None and again == own_words(condition, self.term, self)

    def kept(self, tensor: TermTensor, name: str) -> bool:
        """Whether the operator that now makes a tensor has the value that its operator had for an attribute."""
        now = next((new for new, old in self.places.items() if old is tensor), tensor)
        if now is tensor:
            return True
        if now.producer is None or tensor.producer is None:
            return False
        values = [self.value_of(each.producer[0].setting(name)) for each in (now, tensor) if each.producer]
        return values[0] is not None and values[0] == values[1]

    def name_of(self, tensor: TermTensor) -> str | None:
        return self.places.get(tensor, tensor).name

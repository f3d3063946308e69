"""Rules of which one leaves nothing to another: those that are shadowed, and those that have the same pattern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import define, field

from rewriter.language import syntax
from rewriter.language.conditions import in_words_of, own_words, renamed, surely_holds
from rewriter.language.fit import Fit
from rewriter.language.rules import Rule
from rewriter.language.sides import Sides, below
from rewriter.language.sizes import Sizes
from rewriter.language.terms import ACTIVATION, Contents, Term, TermOperator, TermTensor
from rewriter.source import Diagnostic

_MOST_FITS = 15_000
"""Pairs of rules that are looked at closely; what is left over after so many is not warned of."""

_DEEPEST = 2  # operators below the root whose features are compared

Feature = tuple[object, ...]


def shadows(rules: Sequence[Rule]) -> list[Diagnostic]:
    """A warning for each rule that matches only where one that comes before it does.

    Args:
        rules: All rules of a run, in the order in which they are given.
    """
    used = [rule for rule in rules if rule.used and rule.sides is not None and rule.sides.terms]
    found: list[Diagnostic] = []
    search = _Search()
    phases: dict[int, list[Rule]] = {}
    for rule in used:
        phases.setdefault(rule.phase, []).append(rule)
    for phase in phases.values():
        # Sorting keeps the order of those of one benefit.
        found += search.phase(sorted(phase, key=lambda rule: -rule.benefit))
    return found


@define
class _Entry:
    """A rule with what its pattern asks for, and what it says of what it matches."""

    rule: Rule
    sides: Sides
    asks: frozenset[Feature]
    says: frozenset[Feature] | None
    forms: frozenset[syntax.Syntax]

    @property
    def decides(self) -> bool:
        """Whether the pattern says anything by which a condition could be told."""
        return self.says is None or any(each[0] != "op" for each in self.says)

    @classmethod
    def of(cls, rule: Rule) -> _Entry:
        sides = rule.sides
        assert sides is not None
        asks = [frozenset(_asked(term)) for term in sides.terms]
        says = frozenset(_said(sides.terms[0], sides.sizes[0])) if len(sides.terms) == 1 else None
        forms = frozenset(_form(each) for each in _conjuncts(sides.conditions))
        return cls(rule, sides, asks[0].intersection(*asks[1:]), says, forms)


@define
class _Search:
    fits: int = 0
    seen: list[Diagnostic] = field(factory=list[Diagnostic])

    def phase(self, rules: Sequence[Rule]) -> Iterator[Diagnostic]:
        """The warnings for rules of one phase, in the order in which they are tried."""
        by_head: dict[str | None, list[_Entry]] = {}
        for rule in rules:
            entry = _Entry.of(rule)
            heads = entry.sides.terms[0].root.heads
            several = len({each.root.heads for each in entry.sides.terms}) > 1
            before = list(by_head.get(None, ()))
            if heads is not None and not several:
                before += by_head.get(next(iter(heads)), ())
            earlier = next((each for each in before if self.shadows(each, entry)), None)
            if earlier is not None:
                yield self.warning(earlier, entry)
            for term in entry.sides.terms:
                for head in term.root.heads or (None,):
                    entries = by_head.setdefault(head, [])
                    if not entries or entries[-1] is not entry:
                        entries.append(entry)

    def shadows(self, one: _Entry, other: _Entry) -> bool:
        """Whether the first rule matches wherever the second does, at the same root."""
        if other.says is not None and not one.asks <= other.says:
            return False
        if not one.forms <= other.forms and not other.decides:
            return False
        if one.rule.equality.lossy > other.rule.equality.lossy:
            return False
        if one.rule.changes_interface > other.rule.changes_interface or self.fits >= _MOST_FITS:
            return False
        self.fits += 1
        return covers(one.sides, other.sides)

    def warning(self, one: _Entry, other: _Entry) -> Diagnostic:
        place = f"line {one.rule.span.line}"
        if one.rule.span.text.name != other.rule.span.text.name:
            place = f"{one.rule.span.text.name}, {place}"
        name, earlier = other.rule.name, one.rule.qualified
        span = other.sides.terms[0].root.span
        if covers(other.sides, one.sides):
            message = f"{name} has the same pattern as {earlier} ({place}), which is tried first"
            return Diagnostic("W404", message, span, "one rule, or a condition that tells them apart", "warning")
        message = f"{name} is shadowed by {earlier} ({place}): wherever it matches, that one does, and is tried first"
        return Diagnostic("W403", message, span, "put it first, or give it more benefit", "warning")


def covers(one: Sides, other: Sides) -> bool:
    """Whether the first pattern surely matches wherever the second does, conditions included."""
    return all(
        any(_Cover(one, number, other, place).at(term.root) for number in range(len(one.terms)))
        for place, term in enumerate(other.terms)
    )


class _Cover(Fit):
    """A rule's pattern laid on that of another rule."""

    def __init__(self, one: Sides, number: int, other: Sides, place: int) -> None:
        super().__init__(one.terms[number], other.sizes[place])
        self.one = one
        self.branch = number
        self.other = other
        self.place = place
        self.term = other.terms[place]

    def accept(self) -> bool:
        return self.replaceable() and self.conditions()

    def conditions(self) -> bool:
        """Whether each condition of the pattern is one of the term's, or follows from what the term says."""
        if not self.one.conditions:
            return True
        known = [own_words(each, self.term, self) for each in _conjuncts(self.other.conditions)]
        return all(self.known(each, known) for each in _conjuncts(self.one.conditions))

    def known(self, condition: syntax.Syntax, known: Sequence[syntax.Syntax]) -> bool:
        written = in_words_of(condition, self.pattern, self, lambda tensor: tensor.name)
        return (written is not None and written in known) or surely_holds(condition, self.pattern, self)

    def replaceable(self) -> bool:
        """Whether what the pattern would make disappear surely has no readers besides."""
        if self.one.shared or len(self.pattern.operators) == 1:
            return True
        if not self.one.made:
            return False
        going = [self.operators[each] for each in self.one.going(self.pattern, self.one.made[self.branch])]
        if not going:
            return True
        if self.other.shared or not self.other.made:
            return False
        others = self.other.going(self.term, self.other.made[self.place])
        if not all(each in others for each in going):
            return False
        rest = [each for each in others if each not in going]
        return not any(self.may_read(each, gone) for each in rest for gone in going)

    def may_read(self, reader: TermOperator, other: TermOperator) -> bool:
        """Whether an operator may read another's result, as what the term says nothing of."""
        if reader in below(other):
            return False  # it would read what it feeds
        if reader.operands is None:
            return True
        for tensor in reader.reads():
            if tensor.producer is None:
                if tensor.const is None and tensor.presence != "absent":
                    return True
                continue
            heads = tensor.producer[0].heads
            if heads is None or other.heads is None or heads & other.heads:
                return True
        return False


def _form(condition: syntax.Syntax) -> syntax.Syntax:
    """A condition without its names: the same for two that may say the same."""
    return renamed(condition, lambda name: syntax.Name(name.span, "_"))


def _conjuncts(conditions: Iterable[syntax.Syntax]) -> Iterator[syntax.Syntax]:
    for condition in conditions:
        if isinstance(condition, syntax.Binary) and condition.operator == "and":
            yield from _conjuncts((condition.left, condition.right))
        else:
            yield condition


# -- features: what a pattern must say before another one, which asks for it, can match wherever it does --------------


def _asked(term: Term) -> Iterator[Feature]:
    for depth, operator in _near(term):
        if operator.heads is not None and len(operator.heads) == 1:
            yield "op", depth, *operator.heads
        for name, setting in operator.settings.items():
            if name != ACTIVATION and setting.values is not None and len(setting.values) == 1:
                yield "attribute", depth, name, repr(setting.values[0])
        for tensor in operator.operands or ():
            if isinstance(tensor, TermTensor) and tensor.presence == "present":
                yield from _features(tensor, depth)
                yield from (("rank", depth, shape.least) for shape in tensor.shapes if shape.back is None)


def _said(term: Term, sizes: Sizes) -> Iterator[Feature]:
    for depth, operator in _near(term):
        if operator.heads is not None and len(operator.heads) == 1:
            yield "op", depth, *operator.heads
        for name, setting in operator.settings.items():
            if setting.values is not None and len(setting.values) == 1:
                yield "attribute", depth, name, repr(setting.values[0])
        for tensor in operator.reads():
            yield from _features(tensor, depth)
            exact = sizes.exact(tensor)
            if exact is not None:
                yield "rank", depth, len(exact)


def _features(tensor: TermTensor, depth: int) -> Iterator[Feature]:
    kinds = tensor.kinds
    if kinds is not None and len(kinds) == 1:
        yield "type", depth, *kinds
    if tensor.const is not None:
        yield "const", depth
    for contents in tensor.contents:
        yield from literals(contents, depth)


def literals(contents: Contents, depth: int) -> Iterator[Feature]:
    """What is fixed of a constant's elements."""
    elements = contents.elements
    if not elements or not all(isinstance(each, int | float) for each in elements):
        return
    if contents.splat or len(set(elements)) == 1:
        yield "all", depth, elements[0]
    if not contents.splat:
        yield "list", depth, elements


def _near(term: Term) -> Iterator[tuple[int, TermOperator]]:
    """The operators around the root, with how far below it they are."""
    row = [term.root]
    for depth in range(_DEEPEST):
        yield from ((depth, operator) for operator in row)
        row = [tensor.producer[0] for operator in row for tensor in operator.reads() if tensor.producer is not None]

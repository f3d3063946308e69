"""Rules that can undo each other: what one makes, another matches, and gives back what the first one matched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from rewriter.language import syntax
from rewriter.language.conditions import in_words_of, own_words, surely_fails
from rewriter.language.fit import Fit, Meeting
from rewriter.language.overlap import Feature, literals
from rewriter.language.remade import Remade
from rewriter.language.rules import Rule
from rewriter.language.sizes import Sizes
from rewriter.language.terms import ACTIVATION, Run, Setting, Size, Term, TermOperator, TermTensor, Text
from rewriter.language.truth import Meaning, Truth, meaning_in
from rewriter.source import Diagnostic

_MOST_MEETINGS = 5_000
"""Meetings of a replacement and a pattern that are looked at; what is left over after so many is not warned of."""

_LONGEST = 3  # rules in a circle
_CROWD = 50  # patterns with one kind of root, from which on only those with fitting constants are looked at
_MOST_PARTS = 200  # of a term that is built


def undoings(rules: Sequence[Rule]) -> list[Diagnostic]:
    """A warning for each set of rules that can lead around in a circle, with an example.

    Args:
        rules: All rules of a run, in the order in which they are given.
    """
    phases: dict[int, list[_Side]] = {}
    for rule in rules:
        if not rule.used or rule.sides is None:
            continue
        for term, made, sizes in rule.sides.whole():
            if len(term.root.results) == len(made.roots) == 1 and not term.root.has_list:
                side = _Side(rule, term, made, sizes)
                if not side.merges:
                    phases.setdefault(rule.phase, []).append(side)
    order = {id(rule): place for place, rule in enumerate(rules)}
    return [warning for sides in phases.values() for warning in _Search(sides, order).warnings()]


@frozen(eq=False)
class _Side:
    """A rule with one choice of its alternatives."""

    rule: Rule
    term: Term
    made: Remade
    sizes: Sizes

    @property
    def before(self) -> TermTensor:
        return self.term.root.results[0]

    @property
    def after(self) -> TermTensor:
        return self.made.roots[0][1]

    @property
    def merges(self) -> bool:
        """Whether it takes for its root what another operator of the match gives: one of two goes, and stays away."""
        producer = self.after.producer
        if producer is None or producer[0].made:
            return False
        below = {self.term.root: None}
        waiting = [self.term.root]
        while waiting:
            for tensor in waiting.pop().reads():
                if tensor.producer is not None and tensor.producer[0] not in below:
                    below[tensor.producer[0]] = None
                    waiting.append(tensor.producer[0])
        return producer[0] not in below


@frozen(eq=False)
class _Step:
    """What stands where a rule was applied, and what it was applied for: the graph before, now, and on the way."""

    path: tuple[_Side, ...]
    graphs: tuple[TermTensor, ...]
    grown: Mapping[TermTensor, TermTensor]
    conditions: tuple[syntax.Syntax, ...]
    narrowed: Mapping[object, tuple[object, ...]] = field(factory=dict[object, tuple[object, ...]])


@define
class _Search:
    sides: list[_Side]
    order: Mapping[int, int]
    roots: dict[str | None, dict[frozenset[Feature], list[_Side]]] = field(
        factory=dict[str | None, dict[frozenset["Feature"], list["_Side"]]]
    )
    inner: dict[str, list[tuple[_Side, TermOperator]]] = field(factory=dict[str, list[tuple["_Side", TermOperator]]])
    counts: dict[str | None, int] = field(factory=dict[str | None, int])
    meetings: int = 0
    found: set[frozenset[int]] = field(factory=set[frozenset[int]])

    def warnings(self) -> Iterator[Diagnostic]:
        for side in self.sides:
            wanted = frozenset(_wanted(side.term.root))
            for head in side.term.root.heads or (None,):
                self.roots.setdefault(head, {}).setdefault(wanted, []).append(side)
                self.counts[head] = self.counts.get(head, 0) + 1
            for operator in side.term.operators[1:]:
                for head in operator.heads or ():
                    self.inner.setdefault(head, []).append((side, operator))
        for side in self.sides:
            if not side.made.operators or side.after.producer is None:
                continue
            own = Fit(side.term, side.sizes)
            conditions = tuple(own_words(each, side.term, own) for each in _conditions(side))
            start = _Step((side,), (side.before, side.after), {}, conditions)
            yield from self.go_on(start, side.sizes)
            yield from self.below(side, conditions)

    # -- circles ------------------------------------------------------------------------------------------------------

    def go_on(self, step: _Step, sizes: Sizes) -> Iterator[Diagnostic]:
        """Apply each rule that meets something that was made."""
        now = step.graphs[-1]
        for place in _made_in(now):
            for side in self.candidates(place):
                if self.meetings >= _MOST_MEETINGS:
                    return
                if any(side.rule is each.rule for each in step.path) or not self.may_close(step, side, place):
                    continue
                if self.known(step, side):
                    continue
                meeting = self.meet(side, place, step, sizes)
                if meeting is None:
                    continue
                comes = _Copy(meeting, meeting.tensors, made_only=True).tensor(side.after)
                after = _Copy(None, {place.results[0]: comes}, made_only=True).tensor(now)
                following = _Step(
                    (*step.path, side),
                    (*step.graphs, after),
                    meeting.grown,
                    (*step.conditions, *_words(side, meeting)),
                    meeting.narrowed,
                )
                if _Same(meeting).same(step.graphs[0], after):
                    yield from self.warning(following)
                elif len(following.path) < _LONGEST:
                    yield from self.go_on(following, sizes)

    def below(self, side: _Side, conditions: tuple[syntax.Syntax, ...]) -> Iterator[Diagnostic]:
        """Rules whose pattern reaches above what was made: both act inside a larger graph."""
        assert side.after.producer is not None
        place = side.after.producer[0]
        if not place.made:
            return
        for head in place.heads or ():
            for other, inner in self.inner.get(head, ()):
                step = _Step((side,), (side.before, side.after), {}, conditions)
                if other.rule is side.rule or self.known(step, other) or self.meetings >= _MOST_MEETINGS:
                    continue
                self.meetings += 1
                meeting = Meeting(other.term, side.sizes, {}, {})
                if not meeting.solve([(inner, place)]) or self.excluded(side, other, meeting, conditions):
                    continue
                meeting.tensors[inner.results[0]] = side.after
                around = {**meeting.tensors, inner.results[0]: side.before}
                before = _Copy(meeting, around, made_only=False).tensor(other.before)
                between = _Copy(meeting, meeting.tensors, made_only=False).tensor(other.before)
                after = _Copy(meeting, meeting.tensors, made_only=True).tensor(other.after)
                if _Same(meeting).same(before, after):
                    yield from self.warning(_Step((side, other), (before, between, after), meeting.grown, conditions))

    def candidates(self, place: TermOperator) -> Iterator[_Side]:
        given = frozenset(_given(place))
        for head in (*(place.heads or ()), None):
            crowded = self.counts.get(head, 0) > _CROWD
            for wanted, sides in self.roots.get(head, {}).items():
                if not crowded or wanted <= given:
                    yield from sides

    def may_close(self, step: _Step, side: _Side, place: TermOperator) -> bool:
        """Whether this can be the last step, or leave room for one."""
        if len(step.path) + 1 < _LONGEST or place is not (step.graphs[-1].producer or (None,))[0]:
            return True
        one, other = step.graphs[0].producer, side.after.producer
        return one is not None and other is not None and _meet(one[0], other[0])

    def meet(self, side: _Side, place: TermOperator, step: _Step, sizes: Sizes) -> Meeting | None:
        self.meetings += 1
        meeting = Meeting(side.term, sizes, step.grown, step.narrowed)
        if not meeting.at(place) or self.excluded(step.path[0], side, meeting, step.conditions):
            return None
        if len(step.path) > 1 and len(meeting.grown) > len(step.grown):
            return None  # what was applied before was not applied to that
        return meeting

    def excluded(self, first: _Side, side: _Side, meeting: Meeting, conditions: Sequence[syntax.Syntax]) -> bool:
        """Whether the rule's conditions fail for what was made, or where those of the rules before it hold."""
        if any(surely_fails(each, side.term, meeting) for each in _conditions(side)):
            return True
        if any(judge.verdict(each)[0] is False for judge in (_told(first, meeting),) for each in _conditions(first)):
            return True
        return any(_exclude(one, other) for one in conditions for other in _words(side, meeting))

    # -- reports ------------------------------------------------------------------------------------------------------

    def known(self, step: _Step, side: _Side) -> bool:
        """Whether a part of this circle has been warned of."""
        if not self.found:
            return False
        rules = {id(each.rule) for each in (*step.path, side)}
        return any(circle <= rules for circle in self.found)

    def warning(self, step: _Step) -> Iterator[Diagnostic]:
        circle = frozenset(id(each.rule) for each in step.path)
        if circle in self.found:
            return
        self.found.add(circle)
        rules = sorted({id(each.rule): each.rule for each in step.path}.values(), key=lambda rule: self.order[id(rule)])
        names = [rule.qualified for rule in rules]
        words = _Words(step.grown)
        example = " -> ".join(words.shown(each) for each in step.graphs)
        message = f"{', '.join(names[:-1])} and {names[-1]} can undo each other: {example}"
        sides = rules[-1].sides
        assert sides is not None
        span = sides.terms[0].root.span
        hint = "leave out one direction, or give them conditions that exclude each other"
        yield Diagnostic("W405", message, span, hint, "warning")


def _conditions(side: _Side) -> tuple[syntax.Expression, ...]:
    return side.rule.sides.conditions if side.rule.sides is not None else ()


def _told(first: _Side, meeting: Meeting) -> Truth:
    """Judges conditions of the first rule by what a later one's pattern says of the same tensors."""
    plain = meaning_in(first.term, first.sizes)
    more: dict[TermTensor, TermTensor] = {}
    for one, other in meeting.tensors.items():
        if not one.plain and other.producer is None:
            told = more.setdefault(other, evolve(other, dtypes=[*other.dtypes], shapes=[*other.shapes]))
            told.dtypes += one.dtypes
            # Names of sizes are the later rule's own.
            told.shapes += [evolve(each, front=_numbers(each.front), back=_numbers(each.back)) for each in one.shapes]
            told.const = told.const or one.const

    def meaning(name: str) -> Meaning:
        found = plain(name)
        return more.get(found, found) if isinstance(found, TermTensor) else found

    return Truth(meaning, first.sizes, list(first.term.runs))


def _numbers(sizes: tuple[Size, ...] | None) -> Any:
    return None if sizes is None else tuple(size if isinstance(size, int) else None for size in sizes)


def _words(side: _Side, meeting: Fit) -> tuple[syntax.Syntax, ...]:
    found = (in_words_of(each, side.term, meeting, lambda tensor: tensor.name) for each in _conditions(side))
    return tuple(each for each in found if each is not None)


def _meet(one: TermOperator, other: TermOperator) -> bool:
    return one.heads is None or other.heads is None or bool(one.heads & other.heads)


def _wanted(root: TermOperator) -> Iterator[Feature]:
    for tensor in root.operands or ():
        if isinstance(tensor, TermTensor):
            for contents in tensor.contents:
                yield from literals(contents, 0)


def _given(place: TermOperator) -> Iterator[Feature]:
    for tensor in place.reads():
        for contents in tensor.contents:
            yield from literals(contents, 0)


def _made_in(root: TermTensor) -> list[TermOperator]:
    found: dict[TermOperator, None] = {}
    waiting = [root]
    while waiting:
        tensor = waiting.pop()
        if tensor.producer is None or not tensor.producer[0].made or tensor.producer[0] in found:
            continue
        found[tensor.producer[0]] = None
        waiting += tensor.producer[0].reads()
    return list(found)


# -- building and comparing -------------------------------------------------------------------------------------------


class _Copy:
    """Copies a term, with other tensors in the place of some of its own.

    Args:
        fit: What names of numbers and attributes of the pattern stand for, where the term is one that was laid.
        known: What takes the place of tensors.
        made_only: Whether only operators that a replacement makes are copied; others stay.
    """

    def __init__(self, fit: Fit | None, known: Mapping[TermTensor, TermTensor], *, made_only: bool) -> None:
        self.fit = fit
        self.known = dict(known)
        self.made_only = made_only
        self.operators: dict[TermOperator, TermOperator] = {}

    def tensor(self, tensor: TermTensor) -> TermTensor:
        found = self.known.get(tensor)
        if found is not None:
            return found
        if tensor.producer is None or (self.made_only and not tensor.producer[0].made):
            return tensor
        operator, index = tensor.producer
        made = self.operator(operator)
        copy = TermTensor(tensor.span, tensor.presence, tensor.name, tensor.many, tensor.dtypes, tensor.shapes)
        copy.producer = (made, index)
        self.known[tensor] = copy
        made.results.append(copy)
        return copy

    def operator(self, operator: TermOperator) -> TermOperator:
        known = self.operators.get(operator)
        if known is not None:
            return known
        heads = operator.heads
        laid = self.fit.operators.get(operator.origin) if self.fit is not None and operator.origin is not None else None
        if laid is not None and laid.heads is not None:
            heads = laid.heads
        copy = TermOperator(operator.span, heads, operator.declarations, {}, made=True)
        self.operators[operator] = copy
        for name in names_of(operator):
            copy.settings[name] = self.setting(operator.setting(name))
        if operator.operands is not None:
            copy.operands = [each if isinstance(each, Run) else self.tensor(each) for each in operator.operands]
        return copy

    def setting(self, setting: Setting) -> Setting:
        """A setting in the words of the term that the pattern was laid on."""
        if self.fit is None or setting.values is not None:
            return setting
        if isinstance(setting.key, tuple):
            operator, name = setting.key  # type: ignore[misc]
            laid = self.fit.operators.get(operator)  # type: ignore[arg-type]
            return setting if laid is None else laid.setting(name)  # type: ignore[arg-type]
        value = self.fit.numbers.get(setting.key) if isinstance(setting.key, str) else None
        match value:
            case None:
                return setting
            case str() | tuple():
                return Setting(None, value)  # type: ignore[arg-type]
            case Text(text=text):
                return Setting((text,))
            case _:
                return Setting((value,))


def names_of(operator: TermOperator) -> set[str]:
    """The attributes of which something is known, or could be."""
    names = {name for each in operator.declarations.values() for name in each.attributes} | {"custom_options"}
    return names | operator.settings.keys() | (names_of(operator.origin) if operator.origin is not None else set())


class _Same:
    """Whether two terms can be the same graph; commutative operators' operands may stand in either order."""

    def __init__(self, meeting: Meeting) -> None:
        self.grown = meeting.grown
        self.values = meeting.values
        self.parts = 0

    def same(self, one: TermTensor, other: TermTensor) -> bool:
        self.parts += 1
        if one is other:
            return True
        if self.parts > _MOST_PARTS:
            return False
        one, other = self.made_by(one), self.made_by(other)
        if one.producer is not None and other.producer is not None:
            return one.producer[1] == other.producer[1] and self.operators(one.producer[0], other.producer[0])
        if one.producer is not None or other.producer is not None:
            return False
        if one.const is not None and other.const is not None:
            return _same_constant(one, other)
        return one.presence == other.presence == "absent"

    def made_by(self, tensor: TermTensor) -> TermTensor:
        return self.grown.get(tensor, tensor) if tensor.producer is None else tensor

    def operators(self, one: TermOperator, other: TermOperator) -> bool:
        if one is other:
            return True
        if not _meet(one, other) or one.operands is None or other.operands is None:
            return False
        for name in names_of(one) | names_of(other):
            values, others = self.values(one.setting(name)), self.values(other.setting(name))
            if values is not None and others is not None and not any(each in others for each in values):
                return False
        ones, others = _present(one.operands), _present(other.operands)
        if self.each(ones, others):
            return True
        free = any(each.commutative for each in (*one.declarations.values(), *other.declarations.values()))
        return free and len(ones) == 2 and self.each(ones[::-1], others)

    def each(self, ones: Sequence[TermTensor | Run], others: Sequence[TermTensor | Run]) -> bool:
        if len(ones) != len(others):
            return False
        for one, other in zip(ones, others, strict=True):
            if isinstance(one, Run) or isinstance(other, Run):
                if one is not other:
                    return False
            elif not self.same(one, other):
                return False
        return True


def _present(operands: Sequence[TermTensor | Run]) -> list[TermTensor | Run]:
    """Operands up to the last that is there; implied ones follow from the result."""
    found = [each for each in operands if isinstance(each, Run) or each.presence != "any"]
    while found and isinstance(found[-1], TermTensor) and found[-1].presence == "absent":
        found.pop()
    return found


def _same_constant(one: TermTensor, other: TermTensor) -> bool:
    kinds, others = one.kinds, other.kinds
    if kinds and others and not kinds & others:
        return False
    fixed = [[set(literals(contents, 0)) for contents in each.contents] for each in (one, other)]
    return all(not a or not b or bool(a & b) for a in fixed[0] for b in fixed[1])


# -- conditions that exclude each other -------------------------------------------------------------------------------

_OPPOSITES = {
    frozenset(pair)
    for pair in (("==", "!="), ("<", ">="), ("<=", ">"), ("<", ">"), ("<", "=="), (">", "=="), ("in", "not in"))
} | {frozenset(("is", "is not"))}

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _exclude(one: syntax.Syntax, other: syntax.Syntax) -> bool:
    """Whether two conditions, plainly, never hold together."""
    for a, b in ((one, other), (other, one)):
        if isinstance(a, syntax.Unary) and a.operator == "not" and a.operand == b:
            return True
    ones, others = _plain(one), _plain(other)
    if ones is None or others is None or ones[0] != others[0]:
        return False
    if ones[2] == others[2]:
        return frozenset((ones[1], others[1])) in _OPPOSITES
    return _apart(ones[1], _number(ones[2]), others[1], _number(others[2]))


def _plain(node: syntax.Syntax) -> tuple[syntax.Syntax, str, syntax.Syntax] | None:
    """A single comparison, with what is a number to its right."""
    if not isinstance(node, syntax.Compare) or len(node.operators) != 1:
        return None
    (left, right), (sign,) = node.operands, node.operators
    if isinstance(left, syntax.Number) and sign in _MIRRORED:
        left, sign, right = right, _MIRRORED[sign], left
    return left, sign, right


def _number(node: syntax.Syntax) -> object:
    match node:
        case syntax.Number(value=value) | syntax.String(value=value):
            return value
        case syntax.Word(text=text):
            return text
        case _:
            return None


def _apart(sign: str, one: object, other_sign: str, other: object) -> bool:
    if one is None or other is None:
        return False
    if sign == other_sign == "==":
        return one != other
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return False
    if sign in (">", ">=", "==") and other_sign in ("<", "<=", "=="):
        return one > other or (one == other and ("<" in (other_sign,) or ">" in (sign,)))
    if sign in ("<", "<=") and other_sign in (">", ">=", "=="):
        return _apart(other_sign, other, sign, one)
    return False


class _Words:
    """Terms in words, as patterns would write them; what is not the same has not the same name."""

    def __init__(self, grown: Mapping[TermTensor, TermTensor]) -> None:
        self.grown = grown
        self.names: dict[TermTensor, str] = {}

    def shown(self, tensor: TermTensor, depth: int = 6) -> str:
        if tensor.producer is None:
            tensor = self.grown.get(tensor, tensor)
        if tensor.producer is None or depth == 0:
            return self.named(tensor)
        operator = tensor.producer[0]
        heads = "|".join(sorted(operator.heads)) if operator.heads is not None else "ANY"
        heads = f"({heads})" if "|" in heads else heads
        values = operator.setting(ACTIVATION).values
        if values is not None and values not in (("NONE",), ()) and operator.has(ACTIVATION) is not False:
            heads += f"[{ACTIVATION}={'|'.join(map(str, values))}]"
        if operator.operands is None:
            return f"{heads}(..)"
        operands = [each.each if isinstance(each, Run) else each for each in _present(operator.operands)]
        return f"{heads}({', '.join(self.shown(each, depth - 1) for each in operands)})"

    def named(self, tensor: TermTensor) -> str:
        if tensor.contents and not tensor.name:
            return tensor.contents[0].span.content
        if tensor.presence == "absent":
            return "absent"
        wanted = tensor.name or ("c" if tensor.const else None)
        if wanted is None:
            return "_"
        if tensor not in self.names:
            taken = set(self.names.values())
            free = (f"{wanted}{number}" if number else wanted for number in itertools.count())
            self.names[tensor] = wanted if not tensor.name else next(each for each in free if each not in taken)
        return self.names[tensor]

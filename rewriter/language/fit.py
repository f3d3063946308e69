"""Whether a pattern matches a term: whatever the model behind the term is, or (`Meeting`) in some model.

The term plays the part of the graph. What is known of its tensors has to imply what the pattern asks of them, so an
answer of yes holds for every model in which the term is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rewriter.language.program import same_value
from rewriter.language.sizes import Sizes
from rewriter.language.terms import (
    ACTIVATION,
    UNKNOWN,
    Contents,
    Run,
    Setting,
    Shape,
    Term,
    TermOperator,
    TermTensor,
    Text,
)

Pair = tuple[TermTensor | TermOperator, TermTensor | TermOperator]


class Fit:
    """One pattern laid on one term.

    Attributes:
        tensors: What each tensor of the pattern was found to be.
        operators: What each operator of the pattern was found to be.
        numbers: What each name of a number was found to be: a number, a name of the term's, or a key of its own.
    """

    partial = False  # whether only a part of the pattern is laid

    def __init__(self, pattern: Term, sizes: Sizes) -> None:
        self.pattern = pattern
        self.sizes = sizes
        self.tensors: dict[TermTensor, TermTensor] = {}
        self.operators: dict[TermOperator, TermOperator] = {}
        self.numbers: dict[str, object] = {}
        self.lists: dict[TermTensor, list[TermTensor | Run]] = {}

    def at(self, root: TermOperator) -> bool:
        """Whether the pattern matches with its root here; the first way that is accepted counts."""
        return self.solve([(self.pattern.root, root)])

    def accept(self) -> bool:
        """Whether a way to match is one; subclasses ask for more than that the operators fit."""
        return True

    def solve(self, goals: list[Pair]) -> bool:
        while goals:
            one, other = goals.pop()
            if isinstance(one, TermTensor):
                if not isinstance(other, TermTensor) or not self.tensor(one, other, goals):
                    return False
                continue
            assert isinstance(other, TermOperator)
            if one in self.operators:
                if self.operators[one] is not other:
                    return False
                continue
            self.operators[one] = other
            if not self.operator(one, other):
                return False
            goals += [pair for pair in zip(one.results, other.results, strict=True) if pair[0] not in self.tensors]
            orders = self.orders(one, other)
            if not orders:
                return False
            if len(orders) > 1:
                return any(self.attempt([*goals, *order]) for order in orders)
            goals += orders[0]
        # What the root does not lead to was not looked at.
        return (self.partial or all(each in self.operators for each in self.pattern.operators)) and self.accept()

    def attempt(self, goals: list[Pair]) -> bool:
        """Go on with these goals; where they cannot be reached, all is as before."""
        kept = dict(self.tensors), dict(self.operators), dict(self.numbers), dict(self.lists)
        if self.solve(goals):
            return True
        self.tensors, self.operators, self.numbers, self.lists = kept
        return False

    # -- operators ----------------------------------------------------------------------------------------------------

    def operator(self, one: TermOperator, other: TermOperator) -> bool:
        if one.heads is not None and (other.heads is None or not other.heads <= one.heads):
            return False
        if one.version is not None and not _implies_version(other.version, one.version):
            return False
        if [each.many for each in one.results] != [each.many for each in other.results]:
            return False
        return all(self.setting(one, other, name, wanted) for name, wanted in one.settings.items())

    def setting(self, one: TermOperator, other: TermOperator, name: str, wanted: Setting) -> bool:
        if isinstance(wanted.key, tuple):
            return True  # any value, captured under no name
        found = other.setting(name)
        if wanted.values is not None:
            if name == ACTIVATION and wanted.values == ("NONE",) and other.has(name) is False:
                return True
            return found.values is not None and all(_among(value, wanted.values) for value in found.values)
        assert isinstance(wanted.key, str)
        if found is UNKNOWN or not self.readable(other, name, found):
            return False
        return self.number(wanted.key, self.value_of(found))

    def readable(self, other: TermOperator, name: str, found: Setting) -> bool:
        """Whether the attribute surely has a value: a number that its enum has no word for is none."""
        if found.values is not None or isinstance(found.key, str):
            return True
        specs = [each.attributes.get(name) for each in other.declarations.values()]
        coded = any(each.code is not None for each in other.declarations.values())
        return bool(specs) and not coded and all(spec is not None and spec.enum is None for spec in specs)

    def value_of(self, found: Setting) -> object:
        """What tells a setting from others: its one value, or its key."""
        if found.values is not None and len(found.values) == 1:
            (value,) = found.values
            return Text(value) if isinstance(value, str) else value
        return self.sizes.known(found.key) if isinstance(found.key, str) else found.key

    def number(self, name: str, value: object) -> bool:
        """Note what a name of the pattern stands for; False where it stands for something else already."""
        if value is None:
            return False
        if name not in self.numbers:
            self.numbers[name] = value
            return True
        return self.equal(self.numbers[name], value)

    def equal(self, one: object, other: object) -> bool:
        """Whether two numbers are surely the same."""
        return one == other and type(one) is type(other)

    def orders(self, one: TermOperator, other: TermOperator) -> list[list[Pair]]:
        """The ways to lay operands on operands, each as goals in reverse order; none where there is no way."""
        if one.operands is None:
            return [[]]
        if other.operands is None:
            return []
        free = bool(other.heads) and bool(one.free) and (other.heads or frozenset()) <= one.free
        if other.free and not free and not all(each.plain and each.name is None for each in one.reads()):
            return []  # the term does not say which of its operands comes first
        if any(isinstance(each, Run) for each in (*one.operands, *other.operands)):
            return self.runs(one.operands, other.operands)
        written = self.laid(one.operands, other.operands)
        if not free or len(one.operands) != 2:
            return [written]
        return [written, self.laid(one.operands[::-1], other.operands)]

    def laid(self, ones: Sequence[TermTensor | Run], others: Sequence[TermTensor | Run]) -> list[Pair]:
        pairs: list[Pair] = []
        for place in range(max(len(ones), len(others))):
            one = ones[place] if place < len(ones) else _absent(others[place])
            other = others[place] if place < len(others) else _absent(ones[place])
            assert isinstance(one, TermTensor)
            assert isinstance(other, TermTensor)
            pairs.append((one, other))
        return pairs[::-1]

    def runs(self, ones: Sequence[TermTensor | Run], others: Sequence[TermTensor | Run]) -> list[list[Pair]]:
        """A run of the pattern takes what the fixed operands before and behind it leave."""
        places = [place for place, each in enumerate(ones) if isinstance(each, Run)]
        if len(places) != 1:
            return []
        before, run, behind = ones[: places[0]], ones[places[0]], ones[places[0] + 1 :]
        assert isinstance(run, Run)
        if len(others) < len(before) + len(behind):
            return []
        middle = list(others[len(before) : len(others) - len(behind)])
        results: list[Pair] = []
        if run.each.many:
            # The results of one operator can only be those of another.
            if len(middle) != 1 or not isinstance(middle[0], Run) or not middle[0].each.many:
                return []
            results = [(run.each, middle[0].each)]
        elif run.each.producer is not None:
            return []
        fixed = [*others[: len(before)], *others[len(others) - len(behind) :]]
        if any(isinstance(each, Run) for each in fixed):
            return []
        if any(each.presence != "present" for each in middle if isinstance(each, TermTensor)):
            return []
        for each in middle:
            if not self.implied(run.each, each.each if isinstance(each, Run) else each):
                return []
        known = self.lists.setdefault(run.each, middle)
        if known is not middle and [id(each) for each in known] != [id(each) for each in middle]:
            return []
        return [[*self.laid([*before, *behind], fixed), *results]]

    # -- tensors ------------------------------------------------------------------------------------------------------

    def tensor(self, one: TermTensor, other: TermTensor, goals: list[Pair]) -> bool:
        known = self.tensors.get(one)
        if known is not None:
            return known is other
        self.tensors[one] = other
        if not self.present(one, other) or one.others:
            return False
        if one.presence == "maybe" and other.presence == "absent":
            return True
        if not self.implied(one, other):
            return False
        if one.producer is None:
            return True
        return self.produced(one, other, goals)

    def produced(self, one: TermTensor, other: TermTensor, goals: list[Pair]) -> bool:
        assert one.producer is not None
        if other.producer is None or other.producer[1] != one.producer[1]:
            return False
        goals.append((one.producer[0], other.producer[0]))
        return True

    def present(self, one: TermTensor, other: TermTensor) -> bool:
        match one.presence:
            case "present":
                return other.presence == "present"
            case "absent":
                return other.presence == "absent"
            case _:
                return True

    def implied(self, one: TermTensor, other: TermTensor) -> bool:
        """Whether all that the pattern says of a tensor is known of the term's."""
        if one.dtypes:
            kinds, wanted = other.kinds, one.kinds or frozenset()
            if not kinds or not kinds <= wanted:
                return False
        if one.const is not None and other.const is None:
            return False
        return all(self.shaped(shape, other) for shape in one.shapes) and all(
            self.contained(contents, other) for contents in one.contents
        )

    def shaped(self, shape: Shape, other: TermTensor) -> bool:
        exact = self.sizes.exact(other)
        if shape.back is None:
            if exact is None or len(exact) != shape.least:
                return False
        elif (len(exact) if exact is not None else self.sizes.least(other)) < shape.least:
            return False
        places = [*enumerate(shape.front), *enumerate(shape.back or (), -len(shape.back or ()))]
        return all(self.dimension(wanted, other, place, exact) for place, wanted in places)

    def dimension(
        self, wanted: int | str | None, other: TermTensor, place: int, exact: tuple[float | str | None, ...] | None
    ) -> bool:
        if wanted is None:
            return True
        found: object = self.sizes.at(other, place)
        if isinstance(wanted, int):
            return found == wanted
        if found is None:
            # Not known, but the same each time that it is asked for.
            found = (other, place if exact is None or place >= 0 else place + len(exact))
        return self.number(wanted, found)

    def contained(self, contents: Contents, other: TermTensor) -> bool:
        if contents.splat:
            wanted = contents.elements[0]
            return any(
                bool(each.elements) and all(found == wanted for found in each.elements) for each in other.contents
            )
        return any(self.listed(contents, each, other) for each in other.contents)

    def listed(self, contents: Contents, found: Contents, other: TermTensor) -> bool:
        if found.splat or found.shape != contents.shape or len(found.elements) != len(contents.elements):
            return False
        for place, (wanted, element) in enumerate(zip(contents.elements, found.elements, strict=True)):
            if wanted is None:
                continue
            value: object = self.sizes.known(element)
            if not isinstance(wanted, str):
                if value != wanted:
                    return False
            elif not self.number(wanted, (other, "element", place) if value is None else value):
                return False
        return True


def _absent(beside: TermTensor | Run) -> TermTensor:
    return TermTensor(beside.span, "absent")


def _implies_version(known: tuple[str, int] | None, wanted: tuple[str, int]) -> bool:
    if known is None:
        return False
    sign, number = known
    asked, limit = wanted
    if asked == "==":
        return known == wanted
    if sign not in ("==", asked):
        return False
    return number <= limit if asked == "<=" else number >= limit


def _among(value: object, values: Sequence[object]) -> bool:
    return any(value == each or same_value(value, each) for each in values)


class Meeting(Fit):
    """Whether a pattern and a term can be those of one model.

    Where the pattern goes deeper than the term, the term's tensor is taken to be what the pattern asks for.

    Attributes:
        grown: What tensors of the term were taken to be made by.
        narrowed: What attributes of the term, by their keys, were taken to have as values.
    """

    partial = True

    def __init__(
        self,
        pattern: Term,
        sizes: Sizes,
        grown: Mapping[TermTensor, TermTensor],
        narrowed: Mapping[object, tuple[object, ...]],
    ) -> None:
        super().__init__(pattern, sizes)
        self.grown = dict(grown)
        self.narrowed = dict(narrowed)

    def attempt(self, goals: list[Pair]) -> bool:
        kept = dict(self.grown), dict(self.narrowed)
        if super().attempt(goals):
            return True
        self.grown, self.narrowed = kept
        return False

    def values(self, setting: Setting) -> tuple[object, ...] | None:
        """The values that an attribute can have, as far as it is known by now."""
        return setting.values if setting.values is not None else self.narrowed.get(setting.key)

    def operator(self, one: TermOperator, other: TermOperator) -> bool:
        if one.heads is not None and other.heads is not None and not one.heads & other.heads:
            return False
        if [each.many for each in one.results] != [each.many for each in other.results]:
            return False
        return all(self.setting(one, other, name, wanted) for name, wanted in one.settings.items())

    def setting(self, one: TermOperator, other: TermOperator, name: str, wanted: Setting) -> bool:
        found = other.setting(name)
        if isinstance(wanted.key, str):
            return self.number(wanted.key, self.value_of(found))
        if wanted.values is None or (name == ACTIVATION and wanted.values == ("NONE",) and other.has(name) is False):
            return True
        values = self.values(found)
        if values is not None:
            return any(_among(value, wanted.values) for value in values)
        if found.key is not None:
            self.narrowed[found.key] = wanted.values
        return True

    def number(self, name: str, value: object) -> bool:
        return value is None or super().number(name, value)

    def equal(self, one: object, other: object) -> bool:
        """Only what has a value can differ."""
        return not all(isinstance(each, int | float | bool) for each in (one, other)) or one == other

    def orders(self, one: TermOperator, other: TermOperator) -> list[list[Pair]]:
        if one.operands is None or other.operands is None:
            return [[]]
        if any(isinstance(each, Run) for each in (*one.operands, *other.operands)):
            return self.runs(one.operands, other.operands)
        written = self.laid(one.operands, other.operands)
        if not (one.free or other.free) or len(one.operands) != 2 or len(other.operands) != 2:
            return [written]
        return [written, self.laid(one.operands[::-1], other.operands)]

    def produced(self, one: TermTensor, other: TermTensor, goals: list[Pair]) -> bool:
        assert one.producer is not None
        if other.producer is not None:
            return super().produced(one, other, goals)
        known = self.grown.setdefault(other, one)
        return other.const is None and other.presence != "absent" and known is one

    def present(self, one: TermTensor, other: TermTensor) -> bool:
        return (one.presence != "absent" or other.presence != "present") and (
            one.presence != "present" or other.presence != "absent"
        )

    def implied(self, one: TermTensor, other: TermTensor) -> bool:
        kinds, wanted = other.kinds, one.kinds
        if kinds and wanted and not kinds & wanted:
            return False
        if one.const is not None and other.producer is not None:
            return False
        return all(self.shaped(shape, other) for shape in one.shapes) and all(
            self.contained(contents, other) for contents in one.contents
        )

    def shaped(self, shape: Shape, other: TermTensor) -> bool:
        exact = self.sizes.exact(other)
        if exact is None:
            return True
        if shape.least > len(exact) or (shape.back is None and shape.least != len(exact)):
            return False
        places = [*enumerate(shape.front), *enumerate(shape.back or (), -len(shape.back or ()))]
        return all(
            not isinstance(wanted, int) or exact[place] in (wanted, None) or isinstance(exact[place], str)
            for place, wanted in places
        )

    def contained(self, contents: Contents, other: TermTensor) -> bool:
        return all(self.agree(contents, each) for each in other.contents)

    def agree(self, contents: Contents, found: Contents) -> bool:
        ones, others = contents.elements, found.elements
        if contents.splat or found.splat:
            ones, others = (ones * len(others), others) if contents.splat else (ones, others * len(ones))
        if len(ones) != len(others):
            return False
        return all(
            a == b or not all(isinstance(each, int | float) for each in (a, b))
            for a, b in zip(ones, others, strict=True)
        )

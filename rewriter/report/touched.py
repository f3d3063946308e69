"""Which operators of a model, before and after, each change has to do with, and which ones stand unchanged in both.

What a rule made may be replaced by a later one. An application is then told by what it led to: the operators of the
first model that went into it, and those of the last one that came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field, frozen

if TYPE_CHECKING:
    from rewriter.driver import Application
    from rewriter.model import Model, Operator, Tensor
    from rewriter.report.difference import ModelDifference

Where: TypeAlias = tuple[int, int]
"""A subgraph's index, and the index of an operator or of a tensor in it."""


@frozen
class Touched:
    """What one change has to do with.

    Attributes:
        before, after: The operators that went into it, and those that came of it.
        reads: Operators of the first model that belonged to the match and stayed.
        tensors_before, tensors_after: What it computed, and what stands for that; where no operator came, these are
            all there is to see.
    """

    before: tuple[Where, ...] = ()
    after: tuple[Where, ...] = ()
    reads: tuple[Where, ...] = ()
    tensors_before: tuple[Where, ...] = ()
    tensors_after: tuple[Where, ...] = ()


@frozen
class Pairing:
    """Two models, what was changed, and the operators that are the same in both.

    Attributes:
        touched: For each change what it has to do with, in the order of the changes.
        same: Operators that nothing changed, before and after.
    """

    touched: tuple[Touched, ...]
    same: Mapping[Where, Where]


def pair_applications(before: Model, after: Model, applications: Sequence[Application]) -> Pairing:
    """Pair a model with what applications made of it.

    Args:
        before: As the source has it.
        after: The model that was rewritten, itself: its operators are told by their identity.
        applications: All that were made, in their order.
    """
    return _Trail(_Places.of(before), _Places.of(after), applications).pairing()


def pair_difference(found: ModelDifference) -> Pairing:
    """Pair two models by the names of their tensors; the places where they differ are the changes."""
    one, other = (_Places.of(model) for model in found.models)
    touched = [Touched(one.named(place.before), other.named(place.after)) for place in found.places]
    same = {one.operators[each]: other.operators[twin] for each, twin in found.same.items()}
    return Pairing(tuple(touched), same)


@define
class _Places:
    """Where the operators and tensors of a model stand, and what stands where in its file."""

    operators: dict[Operator, Where]
    tensors: dict[Tensor, Where]
    operators_at: dict[int, tuple[Where, Operator]]
    tensors_at: dict[int, Where]

    @classmethod
    def of(cls, model: Model) -> _Places:
        operators: dict[Operator, Where] = {}
        tensors: dict[Tensor, Where] = {}
        for number, subgraph in enumerate(model.subgraphs):
            operators |= {each: (number, index) for index, each in enumerate(subgraph.operators)}
            tensors |= {each: (number, index) for index, each in enumerate(subgraph.tensors)}
        return cls(
            operators,
            tensors,
            {each.at: (where, each) for each, where in operators.items() if each.at},
            {each.at: where for each, where in tensors.items() if each.at},
        )

    def named(self, several: Iterable[Operator]) -> tuple[Where, ...]:
        return tuple(self.operators[each] for each in several if each in self.operators)


@define
class _Trail:
    """Follows operators that were made and replaced again on the way."""

    before: _Places
    after: _Places
    applications: Sequence[Application]
    _made_by: dict[Operator, int] = field(factory=dict, init=False)  # pyright: ignore[reportUnknownVariableType]
    _gone_by: dict[Operator, int] = field(factory=dict, init=False)  # pyright: ignore[reportUnknownVariableType]

    def pairing(self) -> Pairing:
        count = len(self.applications)
        for number, each in enumerate(self.applications):
            self._gone_by |= dict.fromkeys(each.removed, number)
            self._made_by |= dict.fromkeys(each.inserted, number)
        went: list[dict[Where, None]] = []
        for each in self.applications:
            found: dict[Where, None] = {}
            for operator in each.removed:
                maker = self._made_by.get(operator)
                if maker is not None:
                    # A circle is refused where rules are applied, so the maker came earlier.
                    found |= went[maker] if maker < len(went) else {}
                elif operator.at in self.before.operators_at:
                    found[self.before.operators_at[operator.at][0]] = None
            went.append(found)
        came: list[dict[Where, None]] = [{} for _ in range(count)]
        for number in reversed(range(count)):
            for operator in self.applications[number].inserted:
                if operator in self.after.operators:
                    came[number][self.after.operators[operator]] = None
                elif operator in self._gone_by:
                    came[number] |= came[self._gone_by[operator]]
        touched = [self._touched(*each) for each in zip(self.applications, went, came, strict=True)]
        return Pairing(tuple(touched), self._same())

    def _touched(self, each: Application, went: Iterable[Where], came: Iterable[Where]) -> Touched:
        known = self.before.operators_at
        gone = set(went)
        reads = dict.fromkeys(
            known[operator.at][0]
            for operator in each.before
            if operator.at in known and _makes(operator, known[operator.at][1])
        )
        stayed = tuple(where for where in reads if where not in gone)
        roots = tuple(self.before.tensors_at[tensor.at] for tensor in each.roots if tensor.at in self.before.tensors_at)
        results = tuple(self.after.tensors[tensor] for tensor in each.results if tensor in self.after.tensors)
        return Touched(tuple(sorted(gone)), tuple(sorted(came)), stayed, roots, results)

    def _same(self) -> dict[Where, Where]:
        """What is still there and still has its attributes."""
        found: dict[Where, Where] = {}
        for operator, where in self.after.operators.items():
            if operator in self._made_by or operator.at not in self.before.operators_at:
                continue
            place, original = self.before.operators_at[operator.at]
            if operator.code is not original.code and operator.code.name != original.code.name:
                continue
            edited = operator.options is not None or operator.custom is not None
            if not edited or operator.attributes() == original.attributes():
                found[place] = where
        return found


def _makes(record: Operator, original: Operator) -> bool:
    """Whether a record is of an operator of the source, and not of one that was made from its attributes."""
    return [each.at for each in record.outputs] == [each.at for each in original.outputs]

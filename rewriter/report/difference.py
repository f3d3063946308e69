"""What two models differ in, operator by operator: the facts, as text and as JSON.

Tensors are told by their names, which rewriting keeps, so operators may be inserted anywhere. Differences that hang
together by a tensor that only one of the models has are one place.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, field, frozen

from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.report.document import operator_json
from rewriter.report.facts import Facts
from rewriter.report.model import operator_lines
from rewriter.report.words import kind_of, name_of, number, wrapped

Key: TypeAlias = tuple[str, int]
"""A tensor's name, and which of those that are called so it is."""

_PLACES = 10


@frozen
class Place:
    """Operators of one model, and what stands for them in the other.

    Attributes:
        subgraph: The number of the subgraph.
        before, after: The operators; none where something was only added or removed.
        remarks: What else differs here: constants and types of tensors that both models have.
    """

    subgraph: int
    before: tuple[Operator, ...]
    after: tuple[Operator, ...]
    remarks: tuple[str, ...] = ()


@frozen
class ModelDifference:
    """Everything that two models differ in.

    Attributes:
        models: Both.
        places: Where operators differ, in the order of execution.
        remarks: What differs besides, in sentences: inputs, outputs, signatures, metadata.
        same: The operators of the first model that the second one has too, and which those are there.
    """

    models: tuple[Model, Model]
    places: tuple[Place, ...]
    remarks: tuple[str, ...]
    same: Mapping[Operator, Operator] = field(factory=dict, eq=False, repr=False)  # pyright: ignore[reportUnknownVariableType]

    @property
    def equal(self) -> bool:
        """Whether there is no difference."""
        return not self.places and not self.remarks


def compare_models(before: Model, after: Model) -> ModelDifference:
    """Compare two models, subgraph by subgraph."""
    places: list[Place] = []
    same: dict[Operator, Operator] = {}
    for one, other in zip(before.subgraphs, after.subgraphs, strict=False):
        graphs = _Graphs(_Side.of(one), _Side.of(other), same)
        places += graphs.places(one.index)
    return ModelDifference((before, after), tuple(places), tuple(_remarks(before, after)), same)


@define
class _Side:
    """One subgraph, its tensors by key, and its operators by the key of their first result."""

    keys: dict[Tensor, Key]
    tensors: dict[Key, Tensor]
    operators: dict[Key, Operator]

    @classmethod
    def of(cls, subgraph: Subgraph) -> _Side:
        count: Counter[str] = Counter()
        keys: dict[Tensor, Key] = {}
        for tensor in subgraph.tensors:
            name = tensor.name or f"#{tensor.index}"
            keys[tensor] = (name, count[name])
            count[name] += 1
        operators: dict[Key, Operator] = {}
        for operator in subgraph.operators:
            if operator.outputs:
                operators[keys[operator.outputs[0]]] = operator
            else:
                # It is told by its kind: no name of a tensor ends like this.
                operators[f"{operator.name}()", count[f"{operator.name}()"]] = operator
                count[f"{operator.name}()"] += 1
        return cls(keys, {key: tensor for tensor, key in keys.items()}, operators)

    def told(self, operator: Operator) -> object:
        """All that makes an operator what it is, in terms that mean the same in both models."""
        code = operator.code
        operands = [None if tensor is None else self.operand(tensor) for tensor in operator.inputs]
        results = [(self.keys[tensor], kind_of(tensor), tensor.quantization) for tensor in operator.outputs]
        attributes = sorted(operator.attributes().items())
        return code.builtin, code.custom_code, code.version, operands, results, attributes, operator.custom_options

    def operand(self, tensor: Tensor) -> object:
        # A constant is what it holds, whatever it is called.
        if tensor.is_constant:
            return kind_of(tensor), tensor.quantization, hashlib.sha256(tensor.data or b"").digest()
        return self.keys[tensor]


@define
class _Graphs:
    """Two subgraphs, and what of them hangs together."""

    before: _Side
    after: _Side
    same: dict[Operator, Operator]
    _parents: dict[int, int] = field(factory=dict[int, int])

    def places(self, subgraph: int) -> list[Place]:
        before, after = self.before, self.after
        went: list[Operator] = []
        came: list[Operator] = []
        for key in before.operators.keys() | after.operators.keys():
            one, other = before.operators.get(key), after.operators.get(key)
            if one is not None and other is not None:
                if before.told(one) == after.told(other):
                    self.same[one] = other
                    continue
                self._join(one, other)
            if one is not None:
                went.append(one)
            if other is not None:
                came.append(other)
        for side, operators, opposite in ((before, went, after), (after, came, before)):
            self._join_by_tensors(side, operators, opposite)
        groups: dict[int, tuple[list[Operator], list[Operator]]] = {}
        for number_, operators in enumerate((went, came)):
            for operator in sorted(operators, key=lambda each: each.index):
                groups.setdefault(self._root(id(operator)), ([], []))[number_].append(operator)
        found = [Place(subgraph, tuple(one), tuple(other), tuple(self._told(one))) for one, other in groups.values()]
        return sorted(found, key=lambda place: (place.before or place.after)[0].index)

    def _join_by_tensors(self, side: _Side, operators: Iterable[Operator], opposite: _Side) -> None:
        """What shares a result that the other model lacks was, or became, one thing."""
        makers: dict[Tensor, Operator] = {tensor: each for each in operators for tensor in each.outputs}
        for operator in operators:
            for tensor in operator.inputs:
                if tensor in makers and side.keys[tensor] not in opposite.tensors:
                    self._join(operator, makers[tensor])

    def _told(self, before: Iterable[Operator]) -> list[str]:
        lines: dict[str, None] = {}
        for operator in before:
            other = self.after.operators.get(self.before.keys[operator.outputs[0]]) if operator.outputs else None
            if other is None or other.name != operator.name:
                continue
            if operator.code.version != other.code.version:
                lines[f"{operator.name}: version {operator.code.version} -> {other.code.version}"] = None
            for one, two in zip(operator.outputs, other.outputs, strict=False):
                if kind_of(one) == kind_of(two) and one.quantization != two.quantization:
                    lines[f"{name_of(one)!r}: other quantization parameters"] = None
            for one, two in zip(operator.inputs, other.inputs, strict=False):
                if one is not None and two is not None and one.is_constant and two.is_constant:
                    said = _constants(one, two)
                    if said is not None:
                        lines[said] = None
        return list(lines)

    def _join(self, one: Operator, other: Operator) -> None:
        self._parents[self._root(id(one))] = self._root(id(other))

    def _root(self, each: int) -> int:
        while self._parents.get(each, each) != each:
            each = self._parents[each]
        return each


def _constants(one: Tensor, other: Tensor) -> str | None:
    """How two constants differ that are the same operand of the same operator; None if they do not."""
    name = name_of(one)
    if kind_of(one) != kind_of(other):
        return f"constant {name!r}: {kind_of(one)} -> {kind_of(other)}"
    if one.quantization != other.quantization:
        return f"constant {name!r}: other quantization parameters"
    if one.data == other.data:
        return None
    from rewriter.dialect.values import stored_values  # brings NumPy, which nothing else here needs

    try:
        first, second = stored_values(one), stored_values(other)
    except ValueError:
        return f"constant {name!r}: other values"
    return f"constant {name!r}: {int((first != second).sum()):,} of {number(first.size, 'value')} differ"


def _remarks(before: Model, after: Model) -> Iterable[str]:
    """What differs in the models outside their operators."""
    if len(before.subgraphs) != len(after.subgraphs):
        yield f"subgraphs: {len(before.subgraphs)} -> {len(after.subgraphs)}"
    for one, other in zip(before.subgraphs, after.subgraphs, strict=False):
        for what, old, new in (("inputs", one.inputs, other.inputs), ("outputs", one.outputs, other.outputs)):
            words = [[f"{name_of(tensor)} {kind_of(tensor)}" for tensor in tensors] for tensors in (old, new)]
            yield from _changed(f"{what} of subgraph {one.index}", *words)
    signatures = [
        {
            signature.key: [f"{name} = {name_of(tensor)}" for name, tensor in (*signature.inputs, *signature.outputs)]
            for signature in model.signatures
        }
        for model in (before, after)
    ]
    yield from _changed("signatures", *(list(each) for each in signatures))
    for key in signatures[0].keys() & signatures[1].keys():
        yield from _changed(f"signature {key!r}", signatures[0][key], signatures[1][key])
    blocks = [
        {each.name: bytes(each.buffer.content(model.file)) for each in model.metadata} for model in (before, after)
    ]
    yield from _changed("metadata", *(list(each) for each in blocks))
    for name in blocks[0].keys() & blocks[1].keys():
        if blocks[0][name] != blocks[1][name]:
            yield f"metadata {name!r}: {len(blocks[0][name]):,} -> {len(blocks[1][name]):,} bytes"
    if before.description != after.description:
        yield f"description: {before.description!r} -> {after.description!r}"


def _changed(what: str, before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
    if before == after:
        return
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    if not gone and not come:
        yield f"{what}: in another order"
        return
    yield f"{what}: " + "; ".join(f"{sign}{each}" for sign, several in (("-", gone), ("+", come)) for each in several)


def describe_difference(found: ModelDifference, width: int | None, *, verbose: bool) -> list[str]:
    """A difference as text: counts, then each place with what went (`-`) and what came (`+`).

    Args:
        found: The difference.
        width: How many columns there are; None for any number.
        verbose: Whether every place is shown, with all attributes.
    """
    if found.equal:
        return ["no difference in operators, constants, inputs, outputs, signatures and metadata"]
    facts = [Facts(model) for model in found.models]
    totals = [sum(1 for _ in model.operators()) for model in found.models]
    lines = [f"operators: {totals[0]:,} -> {totals[1]:,}", *_counts(found)] if found.places else []
    for place in found.places[: None if verbose else _PLACES]:
        root = next((each.outputs[0] for each in (place.before or place.after)[::-1] if each.outputs), None)
        named = f"at {name_of(root)!r}" if root is not None else "at an operator without results"
        inside = f" of subgraph {place.subgraph}" if place.subgraph else ""
        lines += ["", f"{named}{inside}"]
        for sign, fact, operators in (("-", facts[0], place.before), ("+", facts[1], place.after)):
            for operator in operators:
                subgraph = fact.model.subgraphs[place.subgraph]
                first, *more = operator_lines(fact, [(subgraph, operator)], width, verbose=verbose)
                lines += [f"{sign}{first}", *more]
        lines += [f"  {remark}" for remark in place.remarks]
    if len(found.places) > _PLACES and not verbose:
        lines += ["", f"and {number(len(found.places) - _PLACES, 'more place')} (-v shows them)"]
    if found.remarks:
        lines += [""] * bool(lines) + [line for each in found.remarks for line in wrapped(each, width, hang=2)]
    return lines


def _counts(found: ModelDifference) -> list[str]:
    went = Counter(operator.name for place in found.places for operator in place.before)
    came = Counter(operator.name for place in found.places for operator in place.after)
    lines: list[str] = []
    for sign, counts in (("-", went - came), ("+", came - went)):
        if counts:
            lines.append(f"{sign} " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    return lines


def difference_json(found: ModelDifference) -> dict[str, Any]:
    """A difference as a script reads it."""
    facts = [Facts(model) for model in found.models]

    def operators(side: int, several: Iterable[Operator]) -> list[Mapping[str, Any]]:
        return [
            operator_json(facts[side], each) | {"results_named": [tensor.name for tensor in each.outputs]}
            for each in several
        ]

    return {
        "equal": found.equal,
        "operators": dict(
            zip(("before", "after"), (sum(1 for _ in model.operators()) for model in found.models), strict=True)
        ),
        "places": [
            {
                "subgraph": place.subgraph,
                "before": operators(0, place.before),
                "after": operators(1, place.after),
                "remarks": list(place.remarks),
            }
            for place in found.places
        ],
        "remarks": list(found.remarks),
    }

"""Cleanups of operators: those that nobody reads, and those that are there twice."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.changes import MergeOperators, RemoveOperator, View, alike
from rewriter.model import Operator, Subgraph, Tensor

_BEGINNING = 64  # bytes of a constant


def remove_dead_operators(view: View) -> Iterator[RemoveOperator]:
    """Operators whose results nobody reads, the last one first: what it alone read may be dead then."""
    for subgraph in view.model.subgraphs:
        for operator in reversed(subgraph.operators):
            for tensor in operator.outputs:
                if tensor.consumers or tensor.is_output:
                    break
            else:
                named = any(map(view.is_named, operator.outputs))
                if operator.outputs and not named and view.computes(operator):
                    yield RemoveOperator(subgraph, operator)


def common_subexpression_elimination(view: View) -> Iterator[MergeOperators]:
    """Operators that do what an earlier one does with the same operands."""
    for subgraph in view.model.subgraphs:
        yield from _equal(view, subgraph)


def _equal(view: View, subgraph: Subgraph) -> Iterator[MergeOperators]:
    first: dict[object, Operator] = {}
    # A tensor may have hundreds of readers that differ in a constant, slices for instance: these are told apart by it.
    alternatives: dict[object, dict[object, list[Operator]]] = {}
    for operator in subgraph.operators:
        # Of two equal operators each reads what the other reads. Few tensors have two readers, so this ends most.
        for tensor in operator.inputs:
            if tensor is not None and len(tensor.consumers) > 1:
                break
        else:
            continue
        operands = [None if tensor is None or tensor.is_constant else tensor for tensor in operator.inputs]
        key = (operator.code.name, operator.code.version, *operands)
        lone = first.setdefault(key, operator)
        if lone is operator:
            continue
        if key not in alternatives:
            alternatives[key] = {_beginnings(lone): [lone]}
        earlier = alternatives[key].setdefault(_beginnings(operator), [])
        same = next((each for each in earlier if _is_same(view, operator, each)), None)
        if same is None:
            earlier.append(operator)
        else:
            yield MergeOperators(subgraph, operator, same)


def _beginnings(operator: Operator) -> tuple[bytes | None, ...]:
    """How an operator's constants begin."""
    data = (None if tensor is None else tensor.data for tensor in operator.inputs)
    return tuple(None if each is None else bytes(each[:_BEGINNING]) for each in data)


def _is_same(view: View, operator: Operator, earlier: Operator) -> bool:
    if len(operator.outputs) != len(earlier.outputs) or operator.intermediates or earlier.intermediates:
        return False
    for old, new in zip(operator.outputs, earlier.outputs, strict=True):
        if not alike(old, new) or (old.is_output and new.is_output) or (not old.is_output and view.is_named(old)):
            return False
    attributes = _attributes(operator)
    return (
        attributes is not None
        and attributes == _attributes(earlier)
        and operator.custom_options == earlier.custom_options
        and all(map(_is_same_operand, operator.inputs, earlier.inputs))
        and view.computes(operator)
    )


def _attributes(operator: Operator) -> dict[str, str] | None:
    """An operator's attributes as texts, which tell -0.0 from 0.0; None where one cannot be compared."""
    attributes = operator.attributes()
    if any(value is None for value in attributes.values()):
        return None
    return {name: repr(value) for name, value in attributes.items()}


def _is_same_operand(one: Tensor | None, other: Tensor | None) -> bool:
    if one is other:
        return True
    if one is None or other is None or one.is_input or other.is_input or not alike(one, other):
        return False
    return one.is_constant and other.is_constant and one.data == other.data

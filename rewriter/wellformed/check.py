"""The graph check as a whole: of a model, and of what a rewrite made of it."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.model import Buffer, Model, Operator, Tensor
from rewriter.wellformed.complaint import Complaint, Findings
from rewriter.wellformed.operators import Find, OperatorCheck
from rewriter.wellformed.order import check_order
from rewriter.wellformed.references import check_calls, check_interface, check_references, check_signatures
from rewriter.wellformed.tensors import check_tensor


def examine(model: Model, find: Find | None = None) -> list[Complaint]:
    """Everything that can be said of a model's graphs, remarks included.

    Args:
        model: It is not changed.
        find: Finds the declaration of a custom operator by its code; without it, nothing is known of them.
    """
    findings = Findings()
    check = OperatorCheck(findings, find)
    check_references(model, findings)
    for subgraph in model.subgraphs:
        check_order(subgraph, findings)
        check_interface(subgraph, findings)
        for tensor in subgraph.tensors:
            check_tensor(subgraph, tensor, findings)
        for operator in subgraph.operators:
            check.check(subgraph, operator)
            check_calls(model, subgraph, operator, check)
    check_signatures(model, findings)
    return findings.complaints


def complaints(model: Model, find: Find | None = None) -> list[Complaint]:
    """All that is wrong with a model's graphs; empty for a model that is well formed. Arguments as for `examine`."""
    return [each for each in examine(model, find) if each.severity == "error"]


def new_complaints(before: Model, after: Model, find: Find | None = None) -> list[Complaint]:
    """What is wrong with a model that was not wrong with the one it came from; a version that is too low counts too.

    Args:
        before: The model as it was: cheapest is a second reading of the file that `after` was read from.
        after: The model as it is.
        find: As for `examine`.
    """
    found = [
        each for each in _examine_changed(before, after, find) if each.severity == "error" or each.rule == "version"
    ]
    if not found:
        return []
    known = {each.key for each in examine(before, find)}
    return [each for each in found if each.key not in known]


def _examine_changed(before: Model, after: Model, find: Find | None) -> list[Complaint]:
    """What can be said of a model, but for operators and tensors that are what they were.

    What stands in the file as it stood, with all that belongs to it, gives the cause for complaint that it gave before.
    """
    if before.binary is None or before.binary is not after.binary or before.modified:
        return examine(after, find)
    findings = Findings()
    check = OperatorCheck(findings, find)
    check_references(after, findings)
    old = {operator.at: operator for operator in before.operators()}
    for subgraph in after.subgraphs:
        check_order(subgraph, findings)
        check_interface(subgraph, findings)
        for tensor in subgraph.tensors:
            if not tensor.at or tensor.edited:
                check_tensor(subgraph, tensor, findings)
        for operator in subgraph.operators:
            if not _is_as_it_was(operator, old.get(operator.at)):
                check.check(subgraph, operator)
            check_calls(after, subgraph, operator, check)
    check_signatures(after, findings)
    return findings.complaints


def _is_as_it_was(operator: Operator, old: Operator | None) -> bool:
    """Whether operator, operands and results stand in the file as another reading of it has them."""
    if old is None or not operator.at or operator.options is not None or operator.custom is not None:
        return False
    if operator.code.at != old.code.at or not operator.code.at:
        return False
    return _are_as_they_were(operator.inputs, old.inputs) and _are_as_they_were(operator.outputs, old.outputs)


def _are_as_they_were(tensors: Sequence[Tensor | None], old: Sequence[Tensor | None]) -> bool:
    return len(tensors) == len(old) and all(map(_is_same_tensor, tensors, old))


def _is_same_tensor(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.at != other.at or not one.at or one.edited:
        return False
    return one.buffer is other.buffer or _same_place(one.buffer, other.buffer)


def _same_place(one: Buffer | None, other: Buffer | None) -> bool:
    return one is not None and other is not None and one.data is None and one.at == other.at and one.size == other.size

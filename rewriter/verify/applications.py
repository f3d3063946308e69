"""Places from the driver's record of what it did.

The driver changes a model in place, and keeps the operators of both sides of an application as they stood then. So both
can be made into models of their own, whatever came before and after.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from attrs import evolve

from rewriter.verify.cut import Cut
from rewriter.verify.place import Place
from rewriter.verify.region import Region, read_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewriter.driver import Application
    from rewriter.model import Model, Operator, Tensor


def places_of(before: Model, after: Model, applications: Iterable[Application]) -> list[Place]:
    """The places of a run.

    Args:
        before: The original, read a second time: nothing has changed it.
        after: The model that the driver changed.
        applications: What the driver did to it, in order (`rewriter.driver.Report.applications`).
    """
    kept = {tensor for subgraph in after.subgraphs for tensor in subgraph.tensors}
    return [_place(before, after, each, kept) for each in applications]


def _place(before: Model, after: Model, application: Application, kept: set[Tensor]) -> Place:
    if not application.roots and not application.dropped:
        nothing = Region(after, (), (), ())
        rule = application.rule
        return Place(
            rule.qualified, application.subgraph, nothing, nothing, rule.equality, (), (), False, None, application.name
        )
    # What stays belongs to both sides: what it computes is all that the rule may know of the captures.
    matched = _in_order(application.before)
    inserted = _in_order(_with_matched_sources(application.after, matched))
    read_before = read_by(matched)
    read_after = read_by(inserted)
    made = {tensor for operator in inserted for tensor in operator.outputs}
    read_after += [each for each in application.results if each not in made and not each.is_constant]
    # What the replacement reads is what the match captured, or what took the place of an input.
    exchanged = {new: old for old, new in application.inputs}
    other = {exchanged.get(tensor, tensor): tensor for tensor in read_after}
    inputs = tuple(dict.fromkeys([*read_before, *other]))
    paired = tuple(other.get(tensor, tensor) for tensor in inputs)
    source = before.subgraphs[application.subgraph]
    sources = tuple(_original(tensor, source.tensors) for tensor in inputs)
    old = (*application.roots, *application.dropped)
    roots = [_original(root, source.tensors) for root in old]
    left = Region(_with_constants(after, matched), matched, inputs, old)
    return Place(
        application.rule.qualified,
        application.subgraph,
        left,
        Region(_with_constants(after, inserted), inserted, paired, application.results),
        application.rule.equality,
        sources,
        tuple(root for root in roots if root is not None) if None not in roots else (),
        # What was cut off is no part of the rewritten model, and there is nothing in it to look at.
        application.outputs is None and all(result in kept for result in application.results),
        Cut(left, *application.outputs) if application.outputs is not None else None,
    )


def _with_matched_sources(operators: Sequence[Operator], matched: Iterable[Operator]) -> list[Operator]:
    """Operators, and those of a match that compute what they read: a capture may be a result of the match, too."""
    makers = {tensor: operator for operator in matched for tensor in operator.outputs}
    found = dict.fromkeys(operators)
    made = {tensor for operator in operators for tensor in operator.outputs}
    pending = list(operators)
    while pending:
        for tensor in pending.pop().inputs:
            maker = None if tensor is None or tensor in made else makers.get(tensor)
            if maker is not None and maker not in found:
                found[maker] = None
                pending.append(maker)
    return list(found)


def _original(tensor: Tensor, tensors: Sequence[Tensor]) -> Tensor | None:
    """The tensor of the original model that `tensor` was read as; None for one that was made since."""
    return tensors[tensor.key] if tensor.at else None


def _in_order(operators: Sequence[Operator]) -> tuple[Operator, ...]:
    """Operators in an order in which they can run."""
    makers = {tensor: operator for operator in operators for tensor in operator.outputs}
    needs = {
        operator: [makers[tensor] for tensor in operator.inputs if tensor is not None and tensor in makers]
        for operator in operators
    }
    return tuple(TopologicalSorter(needs).static_order())


def _with_constants(model: Model, operators: Sequence[Operator]) -> Model:
    """The model with the buffers that operators need, also those that it has dropped since.

    Results count, too: some converters give every tensor a buffer, an empty one where it is no constant.
    """
    lists = (each for operator in operators for each in (operator.inputs, operator.outputs, operator.intermediates))
    tensors = (tensor for tensors in lists for tensor in tensors if tensor is not None)
    buffers = dict.fromkeys(tensor.buffer for tensor in tensors if tensor.buffer is not None)
    # Bodies, which an operator may refer to, need theirs. Otherwise a search in all the buffers of a large model, again
    # for each of thousands of places, would take longer than the check.
    return evolve(model, buffers=[*buffers, *(model.buffers if len(model.subgraphs) > 1 else ())])

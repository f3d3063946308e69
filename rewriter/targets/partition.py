"""How the runtime cuts a graph into what a delegate is given and what it keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rewriter.model import Operator, Subgraph, Tensor

# Operators that do more than compute keep their order, as do those that touch a resource.
_ORDERED = frozenset({"CALL_ONCE", "IF", "WHILE"})


def cut(subgraph: Subgraph, taken: Collection[Operator]) -> list[list[int]]:
    """The partitions that a delegate is given, each as operator indices in the order in which they run.

    The operators are gone through in epochs. An epoch is of one kind, that of the first operator that is left: taken or
    not. To it belongs everything of its kind that needs nothing but earlier epochs and itself, wherever it stands. An
    operator that is not taken so parts only what depends on it from what it depends on.

    Args:
        subgraph: Its operators stand in an order in which they can run.
        taken: The operators that the delegate takes.

    Source:
        TensorFlow Lite, `PartitionGraphIntoIndependentNodeSubsets`, greedily, with stateful operators in order.
    """
    operators = subgraph.operators
    place = {operator: index for index, operator in enumerate(operators)}
    kinds = [operator in taken for operator in operators]
    needs, readers = _dependencies(operators, place)
    ready: dict[bool, list[int]] = {True: [], False: []}
    for index, count in enumerate(needs):
        if not count:
            ready[kinds[index]].append(index)
    done = [False] * len(operators)
    partitions: list[list[int]] = []
    for first in range(len(operators)):
        if done[first]:
            continue
        kind, epoch = kinds[first], list[int]()
        waiting = ready[kind]
        while waiting:
            index = waiting.pop()
            done[index] = True
            epoch.append(index)
            for reader in readers[index]:
                needs[reader] -= 1
                if not needs[reader]:
                    ready[kinds[reader]].append(reader)
        if kind and epoch:
            partitions.append(sorted(epoch))
    return partitions


def _dependencies(operators: list[Operator], place: dict[Operator, int]) -> tuple[list[int], list[list[int]]]:
    """For each operator, how many others it waits for, and which wait for it."""
    needs = [0] * len(operators)
    readers: list[list[int]] = [[] for _ in operators]
    ordered: int | None = None
    for index, operator in enumerate(operators):
        before = {place[each.producer] for each in operator.inputs if each and each.producer in place}
        if operator.code.builtin in _ORDERED or _touches_resource((*operator.inputs, *operator.outputs)):
            before |= {ordered} if ordered is not None else set[int]()
            ordered = index
        before.discard(index)
        needs[index] = len(before)
        for each in before:
            readers[each].append(index)
    return needs, readers


def _touches_resource(tensors: Iterable[Tensor | None]) -> bool:
    return any(tensor is not None and tensor.dtype in ("resource", "variant") for tensor in tensors)


def left_over(subgraph: Subgraph, partitions: Iterable[Iterable[int]]) -> list[int]:
    """The operators that run outside the partitions and that an output of the subgraph depends on, by index.

    What nothing depends on is left out: a runtime's list of what it will run does not tell whether it was taken.
    """
    inside: dict[int, frozenset[int]] = {}
    for partition in partitions:
        members = frozenset(partition)
        inside |= dict.fromkeys(members, members)
    place = {operator: index for index, operator in enumerate(subgraph.operators)}
    waiting = [place[tensor.producer] for tensor in subgraph.outputs if tensor.producer in place]
    seen: set[int] = set()
    found: set[int] = set()
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        members = inside.get(index)
        if members is None:
            found.add(index)
        group = members or {index}
        seen |= group
        for each in group:
            read = subgraph.operators[each].inputs
            waiting += (place[tensor.producer] for tensor in read if tensor and tensor.producer in place)
    return sorted(found)

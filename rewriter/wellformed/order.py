"""Who computes what, and in which order."""

from __future__ import annotations

from rewriter.model import Operator, Subgraph, Tensor
from rewriter.wellformed.complaint import Findings


def check_order(subgraph: Subgraph, findings: Findings) -> None:
    """One producer for each tensor, no cycle, and every operand there before it is read."""
    ready: set[Tensor] = set(subgraph.inputs)
    early: list[tuple[Operator, Tensor]] = []
    for operator in subgraph.operators:
        early += [
            (operator, tensor)
            for tensor in operator.inputs
            if tensor is not None and tensor not in ready and not tensor.is_variable and not tensor.is_constant
        ]
        for tensor in operator.outputs:
            if tensor in ready:
                findings.operator(
                    "producer", subgraph, operator, f"computes {tensor.name!r}, which is there already", tensor
                )
            elif tensor.is_constant:
                findings.operator(
                    "producer", subgraph, operator, f"computes {tensor.name!r}, which is a constant", tensor
                )
            ready.add(tensor)
    if early:
        _check_early(subgraph, early, findings)
    for tensor in dict.fromkeys(subgraph.outputs):
        if tensor not in ready and not tensor.is_variable and not tensor.is_constant and 0 not in tensor.shape:
            findings.other("value", subgraph, f"output {tensor.name!r}", "nothing computes it", tensor)


def _check_early(subgraph: Subgraph, early: list[tuple[Operator, Tensor]], findings: Findings) -> None:
    """Tell operators in a circle, which no order helps, from those that only stand too early."""
    makers = {tensor: operator for operator in subgraph.operators for tensor in operator.outputs}
    for operator, tensor in early:
        maker = makers.get(tensor)
        if maker is None:
            # A constant of no elements has no bytes, and some custom operators get room to work in as an operand.
            if 0 not in tensor.shape:
                message = f"reads {tensor.name!r}, which nothing computes"
                severity = "remark" if operator.code.builtin == "CUSTOM" else "error"
                findings.operator("value", subgraph, operator, message, tensor, severity=severity)
        elif _depends(maker, operator, makers):
            findings.operator(
                "cycle", subgraph, operator, f"reads {tensor.name!r}, which depends on its own results", tensor
            )
        else:
            findings.operator("order", subgraph, operator, f"reads {tensor.name!r} before it is computed", tensor)


def _depends(operator: Operator, other: Operator, makers: dict[Tensor, Operator]) -> bool:
    """Whether an operator reads, by way of others, what another one computes."""
    pending, seen = [operator], {operator}
    while pending:
        reader = pending.pop()
        if reader is other:
            return True
        for tensor in reader.inputs:
            maker = None if tensor is None else makers.get(tensor)
            if maker is not None and maker not in seen:
                seen.add(maker)
                pending.append(maker)
    return False

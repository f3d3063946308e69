"""What must be so between the parts of a model: interfaces, signatures, and the subgraphs that operators run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.wellformed.complaint import Findings
from rewriter.wellformed.operators import OperatorCheck, called


def check_references(model: Model, findings: Findings) -> None:
    """What a model's parts refer to is in its lists."""
    buffers, codes = set(model.buffers), set(model.operator_codes)
    for subgraph in model.subgraphs:
        known: set[Tensor | None] = {None, *subgraph.tensors}
        for tensor in subgraph.tensors:
            if tensor.buffer is not None and tensor.buffer not in buffers:
                findings.tensor("reference", subgraph, tensor, "has its data in a buffer that the model does not have")
        for operator in subgraph.operators:
            if operator.code not in codes:
                findings.operator("reference", subgraph, operator, "has an operator code that the model does not have")
            lists = (operator.inputs, operator.outputs, operator.intermediates)
            if not all(map(known.issuperset, lists)):
                for tensor in chain.from_iterable(lists):
                    if tensor not in known:
                        assert tensor is not None
                        message = f"{tensor.name!r} is no tensor of its subgraph"
                        findings.operator("reference", subgraph, operator, message, tensor)
        for what, tensors in (("inputs", subgraph.inputs), ("outputs", subgraph.outputs)):
            for tensor in tensors:
                if tensor not in known:
                    message = f"{tensor.name!r} is no tensor of this subgraph"
                    findings.other("reference", subgraph, what, message, tensor)


def check_interface(subgraph: Subgraph, findings: Findings) -> None:
    """Inputs and outputs of a subgraph. A tensor may be an output several times."""
    for tensor, times in Counter(subgraph.inputs).items():
        if times > 1:
            findings.other("interface", subgraph, "inputs", f"{tensor.name!r} is there {times} times", tensor)
        if tensor.buffer is not None and tensor.buffer.size and not tensor.is_variable:
            message = f"{tensor.name!r} is a constant"
            findings.other("interface", subgraph, "inputs", message, tensor, severity="remark")
    names: dict[str, Tensor] = {}
    for tensor in dict.fromkeys(subgraph.outputs):
        other = names.setdefault(tensor.name, tensor)
        if other is not tensor:
            message = f"two outputs have one name, {tensor.name!r}"
            findings.other("interface", subgraph, "outputs", message, tensor)


def check_signatures(model: Model, findings: Findings) -> None:
    """Signatures name inputs and outputs of their subgraphs."""
    keys = Counter(signature.key for signature in model.signatures)
    for signature in model.signatures:
        subgraph, where = signature.subgraph, f"signature {signature.key!r}"

        def say(message: str, *tensors: Tensor, where: str = where, subgraph: Subgraph = subgraph) -> None:
            findings.other("signature", subgraph, where, message, *tensors)

        if keys[signature.key] > 1:
            say(f"its key stands for {keys[signature.key]} signatures")
        if all(subgraph is not each for each in model.subgraphs):
            say("its subgraph is not the model's")
            continue
        for what, pairs, tensors in (
            ("input", signature.inputs, subgraph.inputs),
            ("output", signature.outputs, subgraph.outputs),
        ):
            names = Counter(name for name, _ in pairs)
            for name, tensor in pairs:
                if names[name] > 1:
                    say(f"two {what}s are called {name!r}", tensor)
                if tensor not in tensors:
                    if tensor not in subgraph.tensors:
                        say(f"{name!r} is no tensor there", tensor)
                    else:
                        say(f"{name!r} is {tensor.name!r}, which is no {what} there", tensor)
            named = {tensor for _, tensor in pairs}
            for tensor in dict.fromkeys(tensors):
                if tensor not in named:
                    message = f"the {what} {tensor.name!r} has no name in it"
                    findings.other("signature", subgraph, where, message, tensor, severity="remark")


def check_calls(model: Model, subgraph: Subgraph, operator: Operator, check: OperatorCheck) -> None:
    """The subgraphs that an operator runs are there, and take and give what it does."""
    kind = check.kind(operator)
    if kind is None or not kind.declaration.subgraph_attributes:
        return
    try:
        found = called(operator, kind.declaration)
    except KeyError:
        return  # options of another operator, which is said elsewhere
    builtin = operator.code.builtin
    for name, number in found:
        if number >= len(model.subgraphs):
            message = f"{name} is {number}, the model has {len(model.subgraphs)} subgraphs"
            check.say("reference", subgraph, operator, message)
            continue
        other = model.subgraphs[number]
        if other is subgraph:
            check.say("call", subgraph, operator, f"{name} is the subgraph that it stands in")
            continue
        given: Sequence[Tensor | None] = operator.inputs[1:] if builtin == "IF" else operator.inputs
        if builtin in ("IF", "WHILE", "CALL", "STABLEHLO_WHILE", "STABLEHLO_COMPOSITE"):
            _compare(subgraph, operator, name, "inputs", given, other.inputs, check)
        if builtin in ("IF", "CALL", "STABLEHLO_COMPOSITE") or name in ("body_subgraph_index",):
            _compare(subgraph, operator, name, "outputs", operator.outputs, other.outputs, check)
        elif builtin in ("WHILE", "STABLEHLO_WHILE") and [each.dtype for each in other.outputs] != ["bool"]:
            check.say("call", subgraph, operator, f"{name} is subgraph {number}, whose result is no single bool")


def _compare(
    subgraph: Subgraph,
    operator: Operator,
    name: str,
    what: str,
    mine: Sequence[Tensor | None],
    theirs: Sequence[Tensor],
    check: OperatorCheck,
) -> None:
    if len(mine) != len(theirs):
        message = f"has {len(mine)} {what}, {name} has {len(theirs)}"
        check.say("call", subgraph, operator, message)
        return
    for one, other in zip(mine, theirs, strict=True):
        if one is not None and one.dtype != other.dtype:
            message = f"{one.name!r} is {one.dtype}, and {other.name!r}, of the {what} of {name}, {other.dtype}"
            check.say("call", subgraph, operator, message, one, other)
        elif one is not None and len(one.shape) != len(other.shape) and one.shape and other.shape:
            message = (
                f"{one.name!r} has shape {list(one.shape)}, and {other.name!r}, of the {what} of {name}, "
                f"{list(other.shape)}"
            )
            check.say("call", subgraph, operator, message, one, other)

"""What is in a model, as text for a person: an overview, and details of what is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rewriter.dialect.inference import integers
from rewriter.model import Operator, Subgraph, Tensor
from rewriter.provenance import recorded
from rewriter.report.facts import Facts, bytes_of
from rewriter.report.words import columns, cut, kind_of, name_of, number, size, value, wrapped
from rewriter.wellformed import Complaint

# A model of at most this many operators is shown with all of them.
SHORT = 20
_BAR = 20
_FEW = 5  # of a list, where nobody asked for all of it
_VALUES = 8


def describe_model(
    name: str, facts: Facts, complaints: Sequence[Complaint], width: int | None, *, operators: bool, verbose: bool
) -> list[str]:
    """An overview of a model.

    Args:
        name: What it is called.
        facts: The model's.
        complaints: What the graph check says of it.
        width: How many columns there are; None for any number.
        operators: Whether all operators are shown, however many there are.
        verbose: Whether lists are shown in full, and names of tensors.
    """
    model = facts.model
    count = sum(1 for _ in model.operators())
    lines = _head(name, facts, count, width)
    lines += _histogram(facts, width)
    lines += _largest(facts, width, verbose=verbose)
    lines += _dynamic(facts, width, verbose=verbose)
    shown = operators or verbose or count <= SHORT
    several = len(model.subgraphs) > SHORT and not verbose and not operators
    for subgraph in model.subgraphs[: _FEW if several else None]:
        lines += ["", *_subgraph(facts, subgraph, width, operators=shown, verbose=verbose)]
    if several:
        lines += ["", f"and {len(model.subgraphs) - _FEW} more subgraphs (-v shows them)"]
    for signature in model.signatures:
        lines += ["", f"signature {signature.key!r} of subgraph {signature.subgraph.index}"]
        pairs = [("in", *pair) for pair in signature.inputs] + [("out", *pair) for pair in signature.outputs]
        lines += [
            cut(f"  {way:<3}  {key} = {_short(tensor, verbose or width is None)}", width) for way, key, tensor in pairs
        ]
    if model.metadata:
        lines += ["", "metadata"]
        lines += [cut(f"  {each.name or '(no name)'}  {size(each.buffer.size)}", width) for each in model.metadata]
    for entry in recorded(model):
        lines += wrapped(_rewritten(entry), width, indent=2, hang=2)
    lines += ["", *wrapped(check_line(complaints), width, hang=2)]
    if not shown:
        hint = f"{count:,} operators: --operators shows all of them, --op CONV_2D or --op 7 some"
        lines += wrapped(hint, width, hang=2)
    return lines


def _rewritten(entry: Mapping[str, Any]) -> str:
    """What a run noted of itself, as a sentence."""
    fired = ", ".join(f"{rule} {count}" for rule, count in entry["rules"].items())
    return f"rewritten by rewriter {entry.get('rewriter')}, pipeline {str(entry.get('pipeline'))[:12]}: {fired}"


def describe_operator(facts: Facts, subgraph: Subgraph, operator: Operator, width: int | None) -> list[str]:
    """All that is known of an operator."""
    lines = [f"operator {operator.index} of subgraph {subgraph.index}: {operator.name} version {operator.code.version}"]
    rows = [(name, tensor) for name, tensor in facts.operands(operator)]
    lines += ["  operands", *_tensor_rows(rows, width)] if rows else []
    lines += ["  results", *_tensor_rows(list(facts.results(operator)), width)] if operator.outputs else []
    inside = [("", tensor) for tensor in operator.intermediates if tensor is not None]
    lines += ["  intermediates", *_tensor_rows(inside, width)] if inside else []
    attributes = [(name, value(given)) for name, given in facts.attributes(operator).items()]
    if attributes:
        lines += ["  attributes", *(cut(f"    {row}", width) for row in columns(attributes))]
    return lines


def describe_tensor(facts: Facts, subgraph: Subgraph, tensor: Tensor, width: int | None) -> list[str]:
    """All that is known of a tensor."""
    lines = [f"tensor {tensor.index} of subgraph {subgraph.index}: {tensor.name!r}", f"  {kind_of(tensor)}"]
    if tensor.dynamic and tensor.shape_signature is not None:
        lines.append(f"  open sizes are 1 until somebody sets them: {list(tensor.shape)}")
    parameters = tensor.quantization
    if parameters is not None and parameters.per_channel:
        least, most = min(parameters.scale), max(parameters.scale)
        zero_points = ", ".join(map(str, sorted(set(parameters.zero_point))[:_VALUES]))
        lines.append(f"  {len(parameters.scale)} scales from {least:.6g} to {most:.6g}, zero points {zero_points}")
    if parameters is not None and parameters.minimum and parameters.maximum:
        lines.append(f"  values seen from {min(parameters.minimum):g} to {max(parameters.maximum):g}")
    lines += _data(tensor)
    marks = [
        word
        for word, holds in (
            ("an input", tensor.is_input),
            ("an output", tensor.is_output),
            ("a variable", tensor.is_variable),
        )
        if holds
    ]
    if marks:
        lines.append(f"  {' and '.join(marks)} of the subgraph")
    if tensor.producer is not None:
        lines.append(f"  made by {_called(tensor.producer, whole=width is None)}")
    for reader in sorted(tensor.consumers, key=lambda each: each.index):
        names = [name for name, operand in facts.operands(reader) if operand is tensor and name]
        lines.append(f"  read by {_called(reader, whole=width is None)}{f' as {names[0]}' if names else ''}")
    if tensor.producer is None and not tensor.consumers and not marks:
        lines.append("  nothing reads it")
    return [line for each in lines for line in wrapped(each, width, hang=4)]


def describe_complaints(complaints: Iterable[Complaint], width: int | None) -> list[str]:
    """Complaints, a paragraph each, with the rule that each is about."""
    lines: list[str] = []
    for each in complaints:
        lines += wrapped(f"{each.severity}: {each} [{each.rule}]", width, hang=4)
    return lines


def operator_lines(
    facts: Facts, operators: Iterable[tuple[Subgraph, Operator]], width: int | None, *, verbose: bool
) -> list[str]:
    """Operators as equations, a line each, or as many as the columns make it take."""
    lines: list[str] = []
    whole = verbose or width is None
    for _, operator in operators:
        told = facts.attributes(operator) if verbose else facts.told(operator)
        attributes = ", ".join(f"{name}={value(given)}" for name, given in told.items())
        operands = ", ".join(
            _operand(name, tensor, verbose=verbose, whole=whole) for name, tensor in facts.operands(operator)
        )
        results = ", ".join(_short(tensor, whole) for tensor in operator.outputs)
        bracket = f"[{attributes}]" if attributes else ""
        version = f"@{operator.code.version}" if verbose else ""
        equation = f"{results} = " if results else ""
        lines += wrapped(
            f"{operator.index:>4}  {equation}{operator.name}{bracket}{version}({operands})", width, indent=2, hang=8
        )
    return lines


def check_line(complaints: Sequence[Complaint]) -> str:
    """What the graph check found, in a line."""
    errors = sum(each.severity == "error" for each in complaints)
    remarks = len(complaints) - errors
    counts = [number(count, what) for count, what in ((errors, "error"), (remarks, "remark")) if count]
    if not counts:
        return "graph check: nothing is wrong"
    return f"graph check: {', '.join(counts)} (--check shows them)"


def _head(name: str, facts: Facts, count: int, width: int | None) -> list[str]:
    model = facts.model
    constants = sum(buffer.size for buffer in model.buffers)
    whole = f"{model.binary.size:,} bytes, " if model.binary else ""
    share = f" ({100 * constants / model.binary.size:.0f} %)" if model.binary and model.binary.size else ""
    kinds = len(model.histogram())
    tensors = sum(len(subgraph.tensors) for subgraph in model.subgraphs)
    lines = [
        f"{name}: {whole}{constants:,} of constants{share}",
        f"{number(len(model.subgraphs), 'subgraph')}, {number(count, 'operator')} of {number(kinds, 'kind')}, "
        f"{number(tensors, 'tensor')}; schema version {model.version}",
    ]
    if model.description:
        lines.append(f"description: {model.description}")
    types: list[str] = []
    for dtype, (many, single, several) in facts.types().items():
        marks = [f"{single:,} per-tensor"] * bool(single) + [f"{several:,} per-channel"] * bool(several)
        types.append(f"{many:,} {dtype}" + (f" ({', '.join(marks)})" if marks else ""))
    lines.append(f"types: {', '.join(types)}")
    return [line for each in lines for line in wrapped(each, width, hang=2)]


def _histogram(facts: Facts, width: int | None) -> list[str]:
    histogram = facts.model.histogram()
    if not histogram:
        return []
    most = max(histogram.values())
    constants = facts.constants_by_kind()
    rows = [
        (f"{count:,}", name, "#" * max(1, round(_BAR * count / most)), size(held) if (held := constants[name]) else "")
        for name, count in histogram.items()
    ]
    title = ("", "operators", "", "constants")
    return ["", *(cut(f"  {row}", width) for row in columns([title, *rows], right=(0, 3)))]


def _largest(facts: Facts, width: int | None, *, verbose: bool) -> list[str]:
    found = facts.largest_constants(20 if verbose else _FEW)
    if not found:
        return []
    rows = [
        (
            size(bytes_of(tensor)),
            kind_of(tensor),
            name_of(tensor, whole=verbose or width is None),
            _first_reader(tensor),
        )
        for _, tensor in found
    ]
    return ["", "largest constants", *(cut(f"  {row}", width) for row in columns(rows, right=(0,)))]


def _dynamic(facts: Facts, width: int | None, *, verbose: bool) -> list[str]:
    found = facts.dynamic()
    if not found:
        return []
    title = f"dynamic: {number(len(found), 'tensor')} with sizes that are open until the model runs"
    lines = ["", *wrapped(title, width, hang=2)]
    ends = [each for each in found if each[1].is_input or each[1].is_output]
    listed = found if verbose else (ends or found)[:_FEW]
    lines += [cut(f"  {_short(tensor, verbose or width is None)}", width) for _, tensor in listed]
    return lines


def _subgraph(facts: Facts, subgraph: Subgraph, width: int | None, *, operators: bool, verbose: bool) -> list[str]:
    name = f" {subgraph.name!r}" if subgraph.name else ""
    lines = [f"subgraph {subgraph.index}{name}: {number(len(subgraph.operators), 'operator')}"]
    most = None if operators else SHORT
    for way, tensors in (("in", subgraph.inputs), ("out", subgraph.outputs)):
        lines += [cut(f"  {way:<3}  {_short(tensor, verbose or width is None)}", width) for tensor in tensors[:most]]
        if most is not None and len(tensors) > most:
            lines.append(f"  {way:<3}  and {len(tensors) - most} more")
    if operators:
        listed = ((subgraph, operator) for operator in subgraph.operators)
        lines += operator_lines(facts, listed, width, verbose=verbose)
    return lines


def _tensor_rows(rows: Sequence[tuple[str, Tensor | None]], width: int | None) -> list[str]:
    shown = [
        (name, "absent", "", "")
        if tensor is None
        else (name, name_of(tensor, whole=True), kind_of(tensor), _role(tensor))
        for name, tensor in rows
    ]
    return [line for row in columns(shown) for line in wrapped(row, width, indent=4, hang=2)]


def _role(tensor: Tensor) -> str:
    """Where a tensor comes from and goes to."""
    roles = [f"constant, {size(bytes_of(tensor))}"] * tensor.is_constant
    roles += ["sparse"] * tensor.is_sparse + ["variable"] * tensor.is_variable
    roles += ["input"] * tensor.is_input + ["output"] * tensor.is_output
    return ", ".join(roles)


def _data(tensor: Tensor) -> list[str]:
    if not tensor.is_constant or tensor.buffer is None:
        return []
    where = " outside the flatbuffer" if tensor.buffer.external else ""
    sparse = ", stored sparsely" if tensor.is_sparse else ""
    lines = [f"  constant: {tensor.buffer.size:,} bytes in buffer {tensor.buffer.index}{where}{sparse}"]
    from rewriter.dialect.values import stored_values  # brings NumPy, which nothing else here needs

    try:
        flat = stored_values(tensor).reshape(-1)
    except ValueError:
        return lines
    first = ", ".join(value(each) for each in flat[:_VALUES].tolist())
    if len(flat):
        span = f"; from {value(flat.min().item())} to {value(flat.max().item())}" if flat.dtype.kind in "iuf" else ""
        lines.append(f"  stored values: {first}{', …' * (len(flat) > _VALUES)}{span}")
    return lines


def _operand(name: str, tensor: Tensor | None, *, verbose: bool, whole: bool) -> str:
    prefix = f"{name}=" if name else ""
    if tensor is None:
        return f"{prefix}absent"
    listed = None if verbose else _listed(tensor)
    if listed is not None:
        return prefix + listed
    return prefix + (_short(tensor, whole) if tensor.is_constant else name_of(tensor, whole=whole))


def _listed(tensor: Tensor) -> str | None:
    """The values of a short constant of whole numbers, an axis or a shape, as a pattern would write it."""
    if not tensor.is_constant or tensor.dtype not in ("i32", "i64") or tensor.is_sparse or len(tensor.shape) > 1:
        return None
    parameters = tensor.quantization
    if (parameters is not None and parameters.scale) or (tensor.shape and tensor.shape[0] > _VALUES):
        return None
    values = integers(tensor)
    return value(list(values)) if tensor.shape else ", ".join(map(str, values))


def _short(tensor: Tensor, whole: bool) -> str:
    return f"{name_of(tensor, whole=whole)} {kind_of(tensor)}"


def _called(operator: Operator, *, whole: bool = False) -> str:
    result = f" {name_of(operator.outputs[0], whole=whole)}" if operator.outputs else ""
    return f"{operator.index} {operator.name}{result}"


def _first_reader(tensor: Tensor) -> str:
    reader = next(iter(tensor.consumers), None)
    return "" if reader is None else f"read by {reader.index} {reader.name}"

"""`rewriter inspect`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

from rewriter.cli import complete
from rewriter.cli.output import common, load_or_read, print_json, terminal_width
from rewriter.errors import UsageError
from rewriter.explain import tensors_called
from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.packs import find_declaration
from rewriter.report.document import model_json, operator_json, tensor_json
from rewriter.report.facts import Facts
from rewriter.report.model import (
    check_line,
    describe_complaints,
    describe_model,
    describe_operator,
    describe_tensor,
    operator_lines,
)
from rewriter.wellformed import Complaint, examine

_MOST = 50  # tensors that a part of a name may stand for


@click.command("inspect")
@click.argument("model", shell_complete=complete.files(*complete.MODELS))
@click.option("--operators", is_flag=True, help="Show all operators, however many there are.")
@click.option("--op", "op", metavar="NAME|INDEX", help="Show the operators of this name, or all of one: 7, or 1:7.")
@click.option(
    "--tensor",
    metavar="NAME|INDEX",
    help="Show all of the tensor of this name, or #7; where none is called so, of those whose name has it in it.",
)
@click.option("--check", is_flag=True, help="Show what the graph check says; exit 1 if something is wrong.")
@common
def command(
    model: str,
    operators: bool,
    op: str | None,
    tensor: str | None,
    check: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Show MODEL: operators, tensors, types, shapes, quantisation, signatures, metadata, sizes.

    Operators are shown one by one in models of at most 20, and otherwise where they are asked for.

    \b
    rewriter inspect model.tflite
    rewriter inspect model.tflite --operators
    rewriter inspect model.tflite --op CONV_2D
    rewriter inspect model.tflite --op 7
    rewriter inspect model.tflite --tensor conv/weights
    rewriter inspect model.tflite --check
    some-converter | rewriter inspect -
    """
    loaded = load_or_read(model)
    facts = Facts(loaded)
    found_operators = None if op is None else _operators(loaded, op)
    found_tensors = None if tensor is None else _tensors(loaded, tensor)
    details = found_operators is not None or found_tensors is not None
    complaints = examine(loaded, find_declaration) if check or not details else []
    wrong = check and any(each.severity == "error" for each in complaints)
    if as_json:
        document: dict[str, object] = {} if details else model_json(model, facts, complaints)
        if details and check:
            document["complaints"] = [each.to_json() for each in complaints]
        if found_operators is not None:
            document["operators"] = [
                {"subgraph": subgraph.index} | operator_json(facts, operator) for subgraph, operator in found_operators
            ]
        if found_tensors is not None:
            document["tensors"] = [
                {"subgraph": subgraph.index} | tensor_json(tensor) for subgraph, tensor in found_tensors
            ]
        print_json(document)
        return int(wrong)
    if quiet:
        return int(wrong)
    width = terminal_width()
    parts: list[list[str]] = []
    if found_operators is not None:
        parts += _operator_parts(facts, found_operators, width, verbose)
    if found_tensors is not None:
        parts += [describe_tensor(facts, subgraph, tensor, width) for subgraph, tensor in found_tensors]
    if check:
        parts.append(_check_lines(complaints, width))
    if not details and (not check or operators or verbose):
        parts.insert(0, describe_model(model, facts, complaints, width, operators=operators, verbose=verbose))
    click.echo("\n\n".join("\n".join(part) for part in parts))
    return int(wrong)


def _check_lines(complaints: Sequence[Complaint], width: int | None) -> list[str]:
    summary = check_line(complaints).removesuffix(" (--check shows them)")
    ordered = sorted(complaints, key=lambda each: each.severity != "error")
    return [*describe_complaints(ordered, width), summary]


def _operator_parts(
    facts: Facts, found: Sequence[tuple[Subgraph, Operator]], width: int | None, verbose: bool
) -> list[list[str]]:
    """One operator in full, several a line each."""
    if len(found) == 1 or verbose:
        return [describe_operator(facts, subgraph, operator, width) for subgraph, operator in found]
    parts: list[list[str]] = []
    for subgraph in dict.fromkeys(subgraph for subgraph, _ in found):
        mine = [each for each in found if each[0] is subgraph]
        parts.append([f"subgraph {subgraph.index}", *operator_lines(facts, mine, width, verbose=False)])
    return parts


def _operators(model: Model, wanted: str) -> list[tuple[Subgraph, Operator]]:
    """The operators that a user means: by kind, or by place in a subgraph, the first where none is named.

    Raises:
        UsageError: There are none.
    """
    every = [(subgraph, operator) for subgraph in model.subgraphs for operator in subgraph.operators]
    place, colon, index = wanted.rpartition(":")
    if index.isdecimal() and (place.isdecimal() or not colon):
        found = [each for each in every if each[0].index == int(place or 0) and each[1].index == int(index)]
        if not found:
            counts = ", ".join(f"{len(each.operators)} in subgraph {each.index}" for each in model.subgraphs[:5])
            raise UsageError(f"there is no operator {wanted}", hint=f"operators are counted from 0; there are {counts}")
        return found
    names = {operator.name: None for _, operator in every}
    codes = {wanted.casefold(), f"custom[{wanted}]".casefold()}
    found = [each for each in every if each[1].name.casefold() in codes]
    if not found:
        known = {name.casefold(): name for name in names}
        close = [known[each] for each in get_close_matches(wanted.casefold(), known)]
        raise UsageError(f"the model has no {wanted}", hint=", ".join(close or sorted(names)) or None)
    return found


def _tensors(model: Model, wanted: str) -> list[tuple[Subgraph, Tensor]]:
    """The tensors that a user means: by index, by name, or by a part of the name.

    Raises:
        UsageError: There are none, or too many.
    """
    every = [(subgraph, tensor) for subgraph in model.subgraphs for tensor in subgraph.tensors]
    found = tensors_called(model, wanted) or [each for each in every if wanted.casefold() in each[1].name.casefold()]
    if not found:
        close = get_close_matches(wanted, {tensor.name for _, tensor in every})
        raise UsageError(f"the model has no tensor {wanted!r}", hint=", ".join(map(repr, close)) or "a part of a name")
    if len(found) > _MOST:
        raise UsageError(f"{len(found)} tensors have {wanted!r} in their names", hint="more of the name")
    return found

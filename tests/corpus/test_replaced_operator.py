"""Every real model with one operator replaced: everything else is as it was, says the independent reader.

The language cannot write most operators of these models yet, so the operator is replaced by the object that rules use.
"""

from __future__ import annotations

import copy
import io
import struct
import zipfile
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rewriter.builder import Built
from rewriter.model import Operator, OperatorCode, read
from rewriter.rewriter import Rewriter
from rewriter.wellformed import new_complaints
from tests.corpus.bindings import differences, misaligned, unpack, unpack_file, withdrawn_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rewriter.model import Model, Subgraph

OPTIONS = b"how often\x03\x00the tail of an option"


def replace_one(model: Model, make: Callable[[Operator], Operator]) -> tuple[Subgraph, int]:
    """Put what `make` makes in the place of an operator that has one result. Says where it stood.

    The operator is taken from the middle of the last subgraph that has one, so that neighbours on both sides can be
    seen to stay. A model without one ends the test.
    """
    for subgraph in reversed(model.subgraphs):
        choice = [operator for operator in subgraph.operators if len(operator.outputs) == 1]
        if choice:
            old = choice[len(choice) // 2]
            place = subgraph.operators.index(old)
            rewriter = Rewriter(model, subgraph)
            applied = rewriter.apply((old,), Built([make(old)], roots=[(old.outputs[0], old.outputs[0])]))
            rewriter.finish()
            assert applied.removed == [old]
            return subgraph, place
    pytest.skip("no operator of this model has exactly one result")


def test_an_operator_made_again_changes_nothing_at_all(path: Path) -> None:
    def made_again(operator: Operator) -> Operator:
        made = Operator(operator.code, [*operator.inputs], [*operator.outputs], operator.at, operator.file)
        made.intermediates = [*operator.intermediates]
        if stores_options(path, operator):
            made.options = {}  # so that they are written field by field, and not copied
        return made

    model = read(path)
    replace_one(model, made_again)
    written = model.to_bytes()
    assert differences(unpack_file(path), unpack(written)) == []
    assert withdrawn_tags(written) == withdrawn_tags(path.read_bytes())
    assert misaligned(written) == []


def stores_options(path: Path, operator: Operator) -> bool:
    """Whether the file has a table of options for an operator; where it has none, all are defaults."""
    for subgraph, unpacked in zip(read(path).subgraphs, unpack_file(path).subgraphs, strict=True):
        for each, stored in zip(subgraph.operators, unpacked.operators or [], strict=True):
            if each.at == operator.at:
                return bool(stored.builtinOptions or stored.builtinOptions2)
    raise AssertionError


def test_a_renamed_operator_changes_itself_alone(path: Path) -> None:
    model = read(path)
    code = OperatorCode("CUSTOM", "Renamed", 2)
    model.operator_codes.append(code)
    subgraph, place = replace_one(model, lambda old: Operator(code, [*old.inputs], [*old.outputs], custom=OPTIONS))
    assert new_complaints(read(path), model) == []
    written = model.to_bytes()

    expected: Any = copy.deepcopy(unpack_file(path))
    after = unpack(written)
    old = expected.subgraphs[subgraph.index].operators.pop(place)
    new = after.subgraphs[subgraph.index].operators.pop(place)
    added = after.operatorCodes.pop()
    assert differences(expected, after) == []
    assert (added.deprecatedBuiltinCode, added.builtinCode, added.customCode, added.version) == (32, 32, b"Renamed", 2)
    assert new.opcodeIndex == len(expected.operatorCodes)
    assert differences(old.inputs, new.inputs) == []
    assert differences(old.outputs, new.outputs) == []
    assert bytes(new.customOptions) == OPTIONS
    assert new.builtinOptions is new.builtinOptions2 is None
    assert list(tail_files(written)) == list(tail_files(path.read_bytes()))


def tail_files(data: bytes) -> Iterator[tuple[str, bytes | str]]:
    """The files in the archive behind a flatbuffer, and where its directory counts from, since zipfile takes either."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        return
    size, offset = struct.unpack_from("<2L", data, end + 12)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        start = min(entry.header_offset for entry in archive.infolist())
        yield "counted from", {0: "the file", start: "the archive"}[end - size - offset]
        for entry in archive.infolist():
            yield entry.filename, archive.read(entry)


def traits(path: Path) -> Iterator[str]:
    """What a model has that a careless writer loses."""
    data = path.read_bytes()
    model = unpack_file(path)
    codes = model.operatorCodes or []
    if any(tail_files(data)):
        yield "an archive behind it"
    if len(model.subgraphs or ()) > 1:
        yield "several subgraphs"
    if model.signatureDefs:
        yield "signatures"
    if any(withdrawn_tags(data)):
        yield "a withdrawn field"
    if model.metadata:
        yield "metadata"
    if model.description:
        yield "a description"
    if any(code.deprecatedBuiltinCode != code.builtinCode for code in codes):
        yield "one operator-code field alone"
    if misaligned(data):
        yield "constants out of alignment"
    for graph in model.subgraphs or ():
        tensors, operators = graph.tensors or [], graph.operators or []
        yield from ("sparsity" for tensor in tensors if tensor.sparsity)
        yield from ("variable tensors" for tensor in tensors if tensor.isVariable)
        yield from ("shape signatures" for tensor in tensors if tensor.shapeSignature is not None)
        yield from (
            "minimum and maximum" for tensor in tensors if tensor.quantization and tensor.quantization.min is not None
        )
        yield from (
            "parameters for each channel"
            for tensor in tensors
            if np.size(tensor.quantization and tensor.quantization.scale) > 1
        )
        buffers = Counter(tensor.buffer for tensor in tensors if tensor.buffer)
        yield from ("shared buffers" for times in buffers.values() if times > 1)
        yield from ("custom options" for operator in operators if operator.customOptions is not None)
        yield from ("intermediates" for operator in operators if operator.intermediates is not None)
        yield from (
            "absent operands" for operator in operators if operator.inputs is not None and -1 in operator.inputs
        )
        yield from ("options of the second kind" for operator in operators if operator.builtinOptions2)


def test_the_models_have_what_could_be_lost(any_paths: list[Path]) -> None:
    found = {trait for path in any_paths for trait in traits(path)}
    assert found == {
        "a description",
        "a withdrawn field",
        "absent operands",
        "an archive behind it",
        "constants out of alignment",
        "custom options",
        "intermediates",
        "metadata",
        "minimum and maximum",
        "one operator-code field alone",
        "options of the second kind",
        "parameters for each channel",
        "several subgraphs",
        "shape signatures",
        "shared buffers",
        "signatures",
        "sparsity",
        "variable tensors",
    }

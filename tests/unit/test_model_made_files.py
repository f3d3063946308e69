"""Files that the schema bindings make, with what real models at hand do not have."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from rewriter.errors import ModelError
from rewriter.model import OperatorCode, read
from tests.corpus.bindings import EXTERNAL, differences, misaligned, pack, unpack
from tests.unit.sample_model import WEIGHTS, rename_first, sample, without_first

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rewriter.model import Model

FAR = (1 << 31) + 12_345  # past what a flatbuffer can address


def mark_modified(model: Model) -> None:
    model.modified = True


def test_everything_in_a_file_survives_encoding() -> None:
    source = pack(sample())
    assert read(source).to_bytes() == source
    model = read(source)
    mark_modified(model)
    assert differences(unpack(source), unpack(model.to_bytes())) == []


def test_everything_in_a_file_survives_a_rewrite() -> None:
    source = pack(sample())
    model = read(source)
    rename_first(model)
    written = model.to_bytes()
    assert unpack(written).operatorCodes[4].customCode == b"Renamed"
    assert differences(without_first(unpack(source)), without_first(unpack(written))) == []
    assert misaligned(written) == []


def test_a_constant_that_tensors_share_is_written_once() -> None:
    model = read(pack(sample()))
    rename_first(model)
    written = model.to_bytes()
    assert written.count(WEIGHTS.tobytes()) == 1
    first, second = read(written).subgraphs
    assert first.tensors[1].buffer is first.tensors[7].buffer is second.tensors[1].buffer


def test_buffers_that_share_their_bytes_go_on_sharing_them() -> None:
    source = bytearray(pack(sample()))
    root: Any = schema.Model.GetRootAs(source, 0)
    one, other = root.Buffers(1)._tab, root.Buffers(2)._tab
    # Offsets point forward, and the bindings write what comes later in a list before what comes earlier.
    where = other.Pos + other.Offset(4)
    struct.pack_into("<I", source, where, one.Vector(one.Offset(4)) - 4 - where)
    model = read(source)
    mark_modified(model)
    written = model.to_bytes()
    assert differences(unpack(bytes(source)), unpack(written)) == []
    assert written.count(WEIGHTS.tobytes()) == 1
    again = read(written)
    assert again.buffers[1].start == again.buffers[2].start


@pytest.mark.parametrize(("name", "old"), [("CONV_2D", 3), ("GELU", 127), ("STABLEHLO_ADD", 127)])
def test_both_fields_of_a_new_operator_code_are_written(name: str, old: int) -> None:
    number = getattr(schema.BuiltinOperator, name)
    model = read(pack(sample()))
    model.operator_codes.append(OperatorCode(name, version=7))
    mark_modified(model)
    added = unpack(model.to_bytes()).operatorCodes[-1]
    assert (added.deprecatedBuiltinCode, added.builtinCode, added.customCode, added.version) == (old, number, None, 7)


def test_an_operator_nobody_knows_is_named_by_its_number_and_kept() -> None:
    model = read(pack(sample()))
    assert model.subgraphs[1].operators[0].name == "BUILTIN_30000"
    mark_modified(model)
    assert unpack(model.to_bytes()).operatorCodes[3].builtinCode == 30_000


# -- constants outside the flatbuffer ---------------------------------------------------------------------------------


def put_outside(model: Any, start: int = 0) -> tuple[bytes, int, bytes]:
    """Pack a model with its constants, and the options of its custom operator, behind the flatbuffer.

    Returns:
        The flatbuffer, where what follows it begins (at `start`, or aligned behind it), and what follows it.
    """
    options = model.subgraphs[0].operators[2]
    options.largeCustomOptionsOffset, options.largeCustomOptionsSize = 2, len(options.customOptions)
    payload, options.customOptions = bytes(options.customOptions), None
    outside: list[bytes] = []
    for buffer in model.buffers[1:4]:
        outside.append(bytes(buffer.data))
        buffer.data, buffer.offset, buffer.size = None, 2, len(buffer.data)
    head = bytearray(pack(model))
    root: Any = schema.Model.GetRootAs(head, 0)
    places = [(root.Buffers(index + 1)._tab, 6) for index in range(3)] + [(root.Subgraphs(0).Operators(2)._tab, 22)]
    start = start or len(head) + -len(head) % 16
    behind = bytearray()
    for (table, slot), data in zip(places, [*outside, payload], strict=True):
        behind += bytes(-len(behind) % 16)
        struct.pack_into("<Q", head, table.Pos + table.Offset(slot), start + len(behind))
        behind += data
    return bytes(head), start, bytes(behind)


def test_constants_outside_the_flatbuffer_are_read_and_stay_outside() -> None:
    head, start, behind = put_outside(sample())
    source = head + bytes(start - len(head)) + behind
    model = read(source)
    assert bytes(model.subgraphs[0].tensors[1].data or b"") == WEIGHTS.tobytes()
    assert model.subgraphs[0].operators[2].custom_options == b"options\0and a tail"
    assert model.to_bytes() == source
    rename_first(model)
    written = model.to_bytes()
    after = unpack(written)
    assert [buffer.offset for buffer in after.buffers[1:4]] == [EXTERNAL] * 3
    assert differences(without_first(unpack(source)), without_first(after)) == []
    assert misaligned(written) == []
    assert written.count(WEIGHTS.tobytes()) == 1


def test_a_file_above_2_gib_is_read_and_rewritten(tmp_path: Path) -> None:
    head, start, behind = put_outside(sample(), FAR)
    path = tmp_path / "far.tflite"
    with path.open("wb") as file:  # most of it is a hole, which takes no room
        file.write(head)
        file.seek(start)
        file.write(behind)
    model = read(path)
    assert bytes(model.subgraphs[0].tensors[1].data or b"") == WEIGHTS.tobytes()
    rename_first(model)
    model.save(tmp_path / "out.tflite")
    written = (tmp_path / "out.tflite").read_bytes()
    near, start, behind = put_outside(sample())
    expected = unpack(near + bytes(start - len(near)) + behind)
    assert differences(without_first(expected), without_first(unpack(written))) == []


def test_constants_that_no_flatbuffer_can_hold_are_put_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    source = pack(sample())
    model = read(source)
    mark_modified(model)
    monkeypatch.setattr(
        "rewriter.model.writer.LIMIT", (1 << 28) + WEIGHTS.size
    )  # room for the graph and less than there is
    written = model.to_bytes()
    after = unpack(written)
    assert [bool(buffer.offset == EXTERNAL) for buffer in after.buffers] == [False, True, True, True, True, False]
    for buffer in after.buffers[1:5]:
        buffer.offset = buffer.size = 0
    assert differences(unpack(source), after) == []
    assert misaligned(written) == []


@pytest.mark.parametrize(("slot", "what"), [(6, "buffer 1 ends at byte"), (8, "buffer 1 ends at byte")])
def test_a_constant_that_ends_behind_the_file_is_refused(slot: int, what: str) -> None:
    head, start, behind = put_outside(sample())
    data = bytearray(head + bytes(start - len(head)) + behind)
    table: Any = schema.Model.GetRootAs(data, 0).Buffers(1)._tab  # type: ignore[union-attr]
    struct.pack_into("<Q", data, table.Pos + table.Offset(slot), len(data) - 10)
    with pytest.raises(ModelError, match=what):
        read(bytes(data))


def test_custom_options_that_end_behind_the_file_are_refused_when_asked_for_and_when_written() -> None:
    head, start, behind = put_outside(sample())
    data = (head + bytes(start - len(head)) + behind)[:-1]
    model = read(data)
    with pytest.raises(ModelError, match="custom options end at byte"):
        assert model.subgraphs[0].operators[2].custom_options
    mark_modified(model)
    with pytest.raises(ModelError, match="the file ends at"):
        model.to_bytes()


# -- what is newer than the schema ------------------------------------------------------------------------------------

TABLES: dict[str, Callable[[Any], Any]] = {
    "Model": lambda root: root,
    "OperatorCode": lambda root: root.OperatorCodes(0),
    "SubGraph": lambda root: root.Subgraphs(0),
    "Tensor": lambda root: root.Subgraphs(0).Tensors(5),
    "QuantizationParameters": lambda root: root.Subgraphs(0).Tensors(2).Quantization(),
    "SparsityParameters": lambda root: root.Subgraphs(0).Tensors(3).Sparsity(),
    "DimensionMetadata": lambda root: root.Subgraphs(0).Tensors(3).Sparsity().DimMetadata(1),
    "Int32Vector": lambda root: root.Subgraphs(0).Tensors(3).Sparsity().DimMetadata(1).ArrayIndices(),
    "Operator": lambda root: root.Subgraphs(0).Operators(1),
    "AddOptions": lambda root: root.Subgraphs(0).Operators(0).BuiltinOptions(),
    "Buffer": lambda root: root.Buffers(2),
    "Metadata": lambda root: root.Metadata(0),
    "SignatureDef": lambda root: root.SignatureDefs(0),
    "TensorMap": lambda root: root.SignatureDefs(0).Inputs(0),
}


def with_field(data: bytes, find: Callable[[Any], Any], slot: int) -> bytes:
    """Give a table a field in `slot`: a vtable at the end of the file that says it stands where the table begins."""
    found = find(schema.Model.GetRootAs(data, 0))
    at = getattr(found, "_tab", found).Pos
    made = bytearray(data) + bytes(-len(data) % 4)
    vtable = at - struct.unpack_from("<i", data, at)[0]
    length, size = struct.unpack_from("<2H", data, vtable)
    slots = list(struct.unpack_from(f"<{(length - 4) // 2}H", data, vtable + 4))
    slots += [0] * (slot + 1 - len(slots))
    slots[slot] = 4
    struct.pack_into("<i", made, at, at - len(made))
    return bytes(made + struct.pack(f"<{2 + len(slots)}H", 4 + 2 * len(slots), max(size, 8), *slots))


@pytest.mark.parametrize("table", TABLES)
def test_a_field_that_the_schema_does_not_have_is_copied_or_refused_and_never_dropped(table: str) -> None:
    source = with_field(pack(sample()), TABLES[table], 40)
    model = read(source)
    assert model.to_bytes() == source
    mark_modified(model)
    with pytest.raises(
        ModelError, match=f"<bytes>: the model uses field 40 of {table}, which the schema known here"
    ) as caught:
        model.to_bytes()
    assert caught.value.hint == "install a newer ai-edge-litert, whose schema will be used"


def test_two_fields_in_one_place_are_damage() -> None:
    damaged = with_field(pack(sample()), TABLES["Tensor"], 3)
    with pytest.raises(ModelError, match=r"the Tensor at byte \d+ has two fields in one place"):
        assert read(damaged).subgraphs[0].tensors[5].name


def test_a_field_that_the_schema_has_withdrawn_is_copied_and_not_left_out_of_what_is_written_anew() -> None:
    made = sample()
    resize = made.subgraphs[0].operators[0]
    resize.builtinOptionsType, resize.builtinOptions = (
        schema.BuiltinOptions.ResizeBilinearOptions,
        schema.ResizeBilinearOptionsT(),
    )
    resize.builtinOptions.alignCorners = True
    source = with_field(pack(made), TABLES["AddOptions"], 0)
    model = read(source)
    mark_modified(model)
    assert TABLES["AddOptions"](schema.Model.GetRootAs(model.to_bytes(), 0)).Offset(4) == 4
    model.subgraphs[0].operators[0].options = {"half_pixel_centers": True}
    with pytest.raises(ModelError, match="field 0 of ResizeBilinearOptions, which the schema known here does not have"):
        model.to_bytes()


def test_options_of_a_newer_kind_are_copied_or_refused() -> None:
    data = bytearray(pack(sample()))
    table: Any = schema.Model.GetRootAs(data, 0).Subgraphs(0).Operators(0)._tab  # type: ignore[union-attr]
    data[table.Pos + table.Offset(10)] = 250
    model = read(data)
    assert model.to_bytes() == data
    mark_modified(model)
    with pytest.raises(ModelError, match="BuiltinOptions number 250 is newer than the schema known here"):
        model.to_bytes()


def test_a_schema_version_above_3_is_refused() -> None:
    model = sample()
    model.version = 4
    with pytest.raises(ModelError, match="<bytes>: its schema version is 4; versions up to 3 are known"):
        read(pack(model))


def test_a_type_that_the_schema_does_not_have_is_refused_when_asked_for_and_kept_when_not() -> None:
    made = sample()
    made.subgraphs[0].tensors[1].type = 99
    source = pack(made)
    model = read(source)
    with pytest.raises(ModelError, match="<bytes>: tensor type 99 is newer than the schema known here"):
        assert model.subgraphs[0].tensors[1].dtype
    mark_modified(model)
    assert differences(unpack(source), unpack(model.to_bytes())) == []


# -- small files that would be large ----------------------------------------------------------------------------------


def listed(builder: flatbuffers.Builder, items: list[int]) -> int:
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return builder.EndVector()


def repetitive(subgraphs: int = 1, operators: int = 0, inputs: int = 0, tensors: int = 1, dimensions: int = 0) -> bytes:
    """A file whose lists of tables name one table as often as they are told to."""
    builder: Any = flatbuffers.Builder(1 << 16)
    schema.DimensionMetadataStart(builder)
    dimension = schema.DimensionMetadataEnd(builder)
    metadata = listed(builder, [dimension] * dimensions)
    schema.SparsityParametersStart(builder)
    schema.SparsityParametersAddDimMetadata(builder, metadata)
    sparsity = schema.SparsityParametersEnd(builder)
    schema.TensorStart(builder)
    schema.TensorAddSparsity(builder, sparsity)
    tensor_ = schema.TensorEnd(builder)
    numbers = builder.CreateNumpyVector(np.zeros(inputs, np.int32))
    schema.OperatorStart(builder)
    schema.OperatorAddInputs(builder, numbers)
    operator_ = schema.OperatorEnd(builder)
    lists = listed(builder, [tensor_] * tensors), listed(builder, [operator_] * operators)
    schema.SubGraphStart(builder)
    schema.SubGraphAddTensors(builder, lists[0])
    schema.SubGraphAddOperators(builder, lists[1])
    subgraph = schema.SubGraphEnd(builder)
    schema.OperatorCodeStart(builder)
    code = schema.OperatorCodeEnd(builder)
    lists = listed(builder, [subgraph] * subgraphs), listed(builder, [code])
    schema.ModelStart(builder)
    schema.ModelAddVersion(builder, 3)
    schema.ModelAddSubgraphs(builder, lists[0])
    schema.ModelAddOperatorCodes(builder, lists[1])
    builder.Finish(schema.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize(
    "many",
    [{"subgraphs": 20_000, "tensors": 20_000}, {"operators": 20_000, "inputs": 20_000}],
    ids=["tensors", "inputs"],
)
def test_a_small_file_that_would_take_all_memory_to_read_is_refused(many: dict[str, int]) -> None:
    with pytest.raises(ModelError, match="<bytes>: damaged model: its lists have more items than the file has bytes"):
        read(repetitive(**many))


def test_a_small_file_that_would_take_all_memory_to_write_is_refused() -> None:
    model = read(repetitive(tensors=20_000, dimensions=20_000))
    mark_modified(model)
    with pytest.raises(ModelError, match="<bytes>: damaged model: its lists have more items than the file has bytes"):
        model.to_bytes()


def test_lists_that_name_a_table_twice_are_no_damage() -> None:
    source = repetitive(subgraphs=2, operators=3, inputs=4, tensors=5, dimensions=6)
    model = read(source)
    mark_modified(model)
    assert differences(unpack(source), unpack(model.to_bytes())) == []

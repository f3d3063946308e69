"""From the bytes of a `.tflite` file to a Model."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from rewriter.collection import collection_paused
from rewriter.errors import ModelError
from rewriter.model.binary import Binary
from rewriter.model.flatbuffer import Damage, FlatBuffer, unpack_i32, unpack_u32
from rewriter.model.graph import Buffer, Metadata, Model, Operator, OperatorCode, Signature, Subgraph, Tensor
from rewriter.model.schema import schema

if TYPE_CHECKING:
    import os

IDENTIFIER = b"TFL3"
_VERSION = 3


def read(source: str | os.PathLike[str] | bytes | bytearray | memoryview, name: str = "<bytes>") -> Model:
    """Read a model. Constants stay where they are, and so does every detail until it is asked for.

    Args:
        source: A path, or the bytes of a file.
        name: What errors call bytes.

    Raises:
        ModelError: The source cannot be read, is no TFLite model, or is damaged; the message says where.
    """
    return _read(Binary.open(source, name))


def reread(model: Model) -> Model:
    """The model as its source has it, as a second, independent object; one made here is its own source.

    A model that was changed is read from the bytes that it would be written as.
    """
    if model.binary is None or model.modified:
        return read(model.to_bytes())
    return _read(model.binary)


def _read(binary: Binary) -> Model:
    if binary.size < 8 or binary.data[4:8] != IDENTIFIER:
        raise ModelError(
            f"{binary.name}: not a TFLite model: {_looks_like(binary)}",
            hint="a .tflite file has TFL3 at its bytes 4 to 7",
        )
    reader = _Reader(binary)
    with reader.file.reading, collection_paused():
        return reader.model()


def _looks_like(binary: Binary) -> str:
    head = bytes(binary.data[:16])
    if not head:
        return "the file is empty"
    if head[:2] == b"PK":
        return "it is a zip archive"
    if head.lstrip()[:1] == b"{":
        return "it looks like JSON"
    if all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head):
        return "it looks like text"
    if head[:4] in (b"\x08\x00\x00\x00", b"\x1c\x00\x00\x00") or head[4:8].isalnum():
        return f"its file identifier is {head[4:8]!r}"
    return f"it begins with {head[:8].hex(' ')}"


class _Reader:
    def __init__(self, binary: Binary) -> None:
        self.schema = schema()
        self.binary = binary
        self.file = FlatBuffer(binary.data, self.schema, binary.name)
        self.listed = 0  # items of all lists read so far
        self.table = self.schema.table

    def model(self) -> Model:
        file = self.file
        root = unpack_u32(file.data, 0)[0]
        table = self.table("Model")
        model = Model(
            [],
            [self._buffer(index, at) for index, at in enumerate(self._tables(root, "Model", "buffers"))],
            [self._code(at) for at in self._tables(root, "Model", "operator_codes")],
            version=int(file.scalar(root, table, "version")),
            at=root,
            binary=self.binary,
            file=file,
            modified=False,
        )
        if model.version > _VERSION:
            raise ModelError(
                f"{self.binary.name}: its schema version is {model.version}; versions up to {_VERSION} are known"
            )
        model.constants_end = max((buffer.start + buffer.size for buffer in model.buffers), default=0)
        description = file.follow(root, table, "description")
        model.description = file.text(description) if description else None
        for index, at in enumerate(self._tables(root, "Model", "subgraphs")):
            model.subgraphs.append(self._subgraph(model, index, at))
        for at in self._tables(root, "Model", "metadata"):
            model.metadata.append(self._metadata(model, at))
        for at in self._tables(root, "Model", "signature_defs"):
            model.signatures.append(self._signature(model, at))
        return model

    def _tables(self, at: int, table: str, name: str) -> list[int]:
        where = self.file.follow(at, self.table(table), name)
        found = self.file.references(where) if where else []
        self._count(len(found))
        return found

    def _count(self, items: int) -> None:
        """Notice a small file that would take all memory, because its lists name the same tables over and over."""
        self.listed += items
        if self.listed > self.file.size:
            raise Damage("its lists have more items than the file has bytes")

    def _buffer(self, index: int, at: int) -> Buffer:
        file = self.file
        data, offset, _ = file.layout(at, self.table("Buffer")).offsets
        buffer = Buffer(index, at)
        if data:
            start = at + data + unpack_u32(file.data, at + data)[0]
            word = self.binary.peek(start, 4)
            if len(word) < 4:
                raise Damage(f"buffer {index} begins at byte {start}, but the file ends at {file.size}")
            buffer.start = start + 4
            buffer.size = int.from_bytes(word, "little")
        if offset and not buffer.size:
            # 0 and 1 stand for "not used": converters write 1 first and the true offset when they know it.
            start = int(file.scalar(at, self.table("Buffer"), "offset"))
            if start > 1:
                buffer.external = True
                buffer.start = start
                buffer.size = int(file.scalar(at, self.table("Buffer"), "size"))
        if buffer.start + buffer.size > file.size:
            end = buffer.start + buffer.size
            raise Damage(f"buffer {index} ends at byte {end}, but the file ends at {file.size}: it was cut off")
        return buffer

    def _code(self, at: int) -> OperatorCode:
        file, table = self.file, self.table("OperatorCode")
        old = int(file.scalar(at, table, "deprecated_builtin_code"))
        # Old files have only the byte; new ones have both, the byte saying 127 where it cannot hold the number.
        number = max(old, int(file.scalar(at, table, "builtin_code")))
        custom = file.follow(at, table, "custom_code")
        return OperatorCode(
            self.schema.operators.get(number, f"BUILTIN_{number}"),
            file.text(custom) if custom else None,
            int(file.scalar(at, table, "version")),
            at,
        )

    def _subgraph(self, model: Model, index: int, at: int) -> Subgraph:
        file = self.file
        tensors = self._tensors(model, at)
        # The last place is reached by index -1, which stands for "absent".
        by_index: list[Tensor | None] = [*tensors, None]
        name = file.follow(at, self.table("SubGraph"), "name")
        subgraph = Subgraph(
            index,
            tensors,
            self._present(at, "inputs", tensors, index),
            self._present(at, "outputs", tensors, index),
            [],
            file.text(name) if name else "",
            at,
        )
        try:
            subgraph.operators = self._operators(model, at, by_index)
        except IndexError:
            raise Damage(
                f"an operator of subgraph {index} names a tensor or an operator code that is not there"
            ) from None
        subgraph.connect()
        return subgraph

    def _present(self, at: int, name: str, tensors: list[Tensor], subgraph: int) -> list[Tensor]:
        where = self.file.follow(at, self.table("SubGraph"), name)
        indices = self.file.vector(where, "i") if where else ()
        for index in indices:
            if not 0 <= index < len(tensors):
                raise Damage(f"{name} of subgraph {subgraph} name tensor {index} of {len(tensors)}")
        return [tensors[int(index)] for index in indices]

    def _tensors(self, model: Model, subgraph: int) -> list[Tensor]:
        file, data = self.file, self.file.data
        table = self.table("Tensor")
        layouts = file.layouts("Tensor")
        slot, variable = table.by_name["buffer"].slot, table.by_name["is_variable"].slot
        buffers: list[Buffer | None] = [*model.buffers]
        if buffers:
            buffers[0] = None
        tensors: list[Tensor] = []
        for index, at in enumerate(self._tables(subgraph, "SubGraph", "tensors")):
            layout = layouts.get(at - unpack_i32(data, at)[0]) or file.layout(at, table)
            offset = layout.offsets[slot]
            number: int = unpack_u32(data, at + offset)[0] if offset else 0
            if number and number >= len(buffers):
                raise Damage(f"tensor {index} names buffer {number} of {len(buffers)}")
            tensor = Tensor(index, buffers[number] if number else None, at, file, None, {}, index)
            if layout.offsets[variable] and data[at + layout.offsets[variable]]:
                tensor.is_variable = True
            tensors.append(tensor)
        return tensors

    def _operators(self, model: Model, subgraph: int, tensors: list[Tensor | None]) -> list[Operator]:
        file, data = self.file, self.file.data
        table = self.table("Operator")
        layouts = file.layouts("Operator")
        codes = model.operator_codes
        vector = self._vector
        operators: list[Operator] = []
        for index, at in enumerate(self._tables(subgraph, "SubGraph", "operators")):
            layout = layouts.get(at - unpack_i32(data, at)[0]) or file.layout(at, table)
            offsets = layout.offsets
            code = codes[unpack_u32(data, at + offsets[0])[0] if offsets[0] else 0]
            inputs = [tensors[i] for i in vector(at + offsets[1])] if offsets[1] else []
            outputs = [tensors[i] for i in vector(at + offsets[2])] if offsets[2] else []
            if None in outputs:
                raise IndexError
            operator = Operator(code, inputs, outputs, at, file, index)  # type: ignore[arg-type]
            if offsets[8]:
                operator.intermediates = [tensors[i] for i in vector(at + offsets[8])]
            operators.append(operator)
        return operators

    def _vector(self, at: int) -> tuple[int, ...]:
        """The tensor indices in the vector that the field at `at` refers to; -1 is the only negative one allowed."""
        data = self.file.data
        at += unpack_u32(data, at)[0]
        length = unpack_u32(data, at)[0]
        if length == 1:
            indices = unpack_i32(data, at + 4)
        elif length * 4 <= self.file.size:
            indices = struct.unpack_from(f"<{length}i", data, at + 4)
        else:
            raise Damage(f"the vector at byte {at} is longer than the file")
        if indices and min(indices) < -1:
            raise IndexError
        self._count(length)
        return indices

    def _metadata(self, model: Model, at: int) -> Metadata:
        table = self.table("Metadata")
        name = self.file.follow(at, table, "name")
        number = int(self.file.scalar(at, table, "buffer"))
        if number >= len(model.buffers):
            raise Damage(f"metadata names buffer {number} of {len(model.buffers)}")
        return Metadata(self.file.text(name) if name else "", model.buffers[number], at)

    def _signature(self, model: Model, at: int) -> Signature:
        table = self.table("SignatureDef")
        key = self.file.follow(at, table, "signature_key")
        number = int(self.file.scalar(at, table, "subgraph_index"))
        if number >= len(model.subgraphs):
            raise Damage(f"a signature names subgraph {number} of {len(model.subgraphs)}")
        subgraph = model.subgraphs[number]

        def named(field: str) -> list[tuple[str, Tensor]]:
            pairs: list[tuple[str, Tensor]] = []
            for each in self._tables(at, "SignatureDef", field):
                name = self.file.follow(each, self.table("TensorMap"), "name")
                index = int(self.file.scalar(each, self.table("TensorMap"), "tensor_index"))
                if index >= len(subgraph.tensors):
                    raise Damage(f"a signature names tensor {index} of {len(subgraph.tensors)}")
                pairs.append((self.file.text(name) if name else "", subgraph.tensors[index]))
            return pairs

        return Signature(self.file.text(key) if key else "", subgraph, named("inputs"), named("outputs"), at)

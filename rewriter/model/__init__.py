"""The model: the only door between this program and the flatbuffer schema."""

from rewriter.model.graph import (
    DTYPES,
    Buffer,
    Metadata,
    Model,
    Operator,
    OperatorCode,
    Quantization,
    Signature,
    Sparsity,
    Subgraph,
    Tensor,
    extract,
    refers_to_subgraph,
)
from rewriter.model.reader import read, reread
from rewriter.model.schema import Field, Table, schema
from rewriter.model.writer import write_file

__all__ = [
    "DTYPES",
    "Buffer",
    "Field",
    "Metadata",
    "Model",
    "Operator",
    "OperatorCode",
    "Quantization",
    "Signature",
    "Sparsity",
    "Subgraph",
    "Table",
    "Tensor",
    "extract",
    "read",
    "refers_to_subgraph",
    "reread",
    "schema",
    "write_file",
]

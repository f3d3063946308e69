"""What must be so of a tensor by itself: its shape, parameters and constant."""

from __future__ import annotations

import struct
from math import isfinite, prod

from rewriter.model import DTYPES, Quantization, Subgraph, Tensor
from rewriter.wellformed.complaint import Findings

# The values that a type of steps can store.
_LIMITS = {
    f"{sign}{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) if sign == "i" else (0, (1 << bits) - 1)
    for sign in "iu"
    for bits in (2, 4, 8, 16, 32, 64)
}
_HEAD = 4  # bytes of the count, and of each offset, in a constant of strings


def check_tensor(subgraph: Subgraph, tensor: Tensor, findings: Findings) -> None:
    """Shape, quantization parameters and constant of a tensor."""
    shape = tensor.shape
    if shape and min(shape) < 0:
        findings.tensor("shape", subgraph, tensor, f"has a negative size in {list(shape)}")
        return
    signature = tensor.shape_signature
    if signature and signature != shape:
        _check_signature(subgraph, tensor, shape, signature, findings)
    parameters = tensor.quantization
    if parameters is not None and parameters.scale:
        _check_parameters(subgraph, tensor, parameters, findings)
    if tensor.is_variable and tensor.buffer is not None and tensor.buffer.size:
        findings.tensor("variable", subgraph, tensor, "is a variable, and has data in the file")
    elif tensor.buffer is not None and tensor.buffer.size:
        _check_constant(subgraph, tensor, findings)


def _check_signature(
    subgraph: Subgraph, tensor: Tensor, shape: tuple[int, ...], signature: tuple[int, ...], findings: Findings
) -> None:
    said = f"has shape {list(shape)} and signature {list(signature)}"
    if len(signature) != len(shape) or min(signature) < -1:
        findings.tensor("shape", subgraph, tensor, said)
    elif any(open_ not in (-1, size) for open_, size in zip(signature, shape, strict=True)):
        findings.tensor("shape", subgraph, tensor, f"{said}: only an open size may differ")


def _check_parameters(subgraph: Subgraph, tensor: Tensor, parameters: Quantization, findings: Findings) -> None:
    def say(message: str) -> None:
        findings.tensor("quantization", subgraph, tensor, message)

    scales, zero_points = parameters.scale, parameters.zero_point
    for scale in scales:
        if not (isfinite(scale) and scale > 0):
            say(f"has a scale of {scale:g}")
            break
    if len(zero_points) != len(scales):
        say(f"has {len(scales)} scales and {len(zero_points)} zero points")
    elif tensor.dtype in _LIMITS:
        least, most = _LIMITS[tensor.dtype]
        if min(zero_points) < least or max(zero_points) > most:
            beyond = next(each for each in zero_points if not least <= each <= most)
            say(f"has zero point {beyond}, {tensor.dtype} holds {least} to {most}")
    if len(scales) > 1:
        if tensor.shape == (len(scales),) and parameters.dimension > 0:
            # Some converters give a bias the filter's dimension; kernels count its channels and do not look.
            message = f"has its scales along dimension {parameters.dimension} of {list(tensor.shape)}"
            findings.tensor("quantization", subgraph, tensor, message, "remark")
        elif not 0 <= parameters.dimension < len(tensor.shape):
            say(f"has {len(scales)} scales along dimension {parameters.dimension} of {list(tensor.shape)}")
        elif (along := tensor.shape[parameters.dimension]) != len(scales):
            say(f"has {len(scales)} scales for {along} channels")


def _check_constant(subgraph: Subgraph, tensor: Tensor, findings: Findings) -> None:
    assert tensor.buffer is not None
    size = tensor.buffer.size
    if tensor.dtype == "string":
        wrong = _strings_complaint(tensor)
        if wrong:
            findings.tensor("constant", subgraph, tensor, wrong)
        return
    bits = DTYPES[tensor.dtype][1] if tensor.dtype in DTYPES else 0
    if not bits:
        return
    wanted = -(-prod(tensor.shape) * bits // 8)
    if size == wanted:
        return
    if not tensor.is_sparse:
        findings.tensor("constant", subgraph, tensor, f"holds {size} bytes, its type and shape take {wanted}")
    elif size > wanted:
        message = f"holds {size} bytes in a sparse format, all of it takes {wanted}"
        findings.tensor("constant", subgraph, tensor, message)


def _strings_complaint(tensor: Tensor) -> str | None:
    """What is wrong with a constant of strings: their number, where each begins and the last ends, then all bytes."""
    data = tensor.data
    assert data is not None
    wanted = prod(tensor.shape)
    if len(data) < _HEAD:
        return f"holds {len(data)} bytes, which say no number of strings"
    (count,) = struct.unpack_from("<i", data)
    if count != wanted:
        return f"holds {count} strings, its shape takes {wanted}"
    if len(data) < _HEAD * (count + 2):
        return f"holds {len(data)} bytes, which do not say where {count} strings are"
    offsets = struct.unpack_from(f"<{count + 1}i", data, _HEAD)
    if offsets[0] != _HEAD * (count + 2) or list(offsets) != sorted(offsets) or offsets[-1] > len(data):
        return "holds strings that overlap or leave its bytes"
    return None

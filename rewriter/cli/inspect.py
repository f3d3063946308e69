"""`rewriter inspect`."""

from __future__ import annotations

from typing import Any

import click

from rewriter.cli.output import common, print_json
from rewriter.dialect.dialect import Dialect
from rewriter.model import Model, Operator, Subgraph, Tensor
from rewriter.packs import find_declaration
from rewriter.run import load


@click.command("inspect")
@click.argument("model")
@common
def command(model: str, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Show MODEL: operators, tensors, types, shapes, quantisation, signatures, metadata, sizes.

    \b
    rewriter inspect model.tflite
    rewriter inspect model.tflite --json
    """
    loaded = load(model)
    if as_json:
        print_json(_document(model, loaded))
        return 0
    for line in _lines(loaded):
        click.echo(line)
    return 0


_DIALECT = Dialect(elsewhere=find_declaration)


def _operands(operator: Operator) -> list[tuple[str, Tensor | None]]:
    """The operands in the file's order, with the names that their declaration gives them."""
    declaration = _DIALECT.find(operator.code.builtin, operator.code.custom_code)
    specs = declaration.operands if declaration is not None else None
    names: list[str] = []
    for place in range(len(operator.inputs)):
        logical = declaration.stored[place] if declaration is not None and place < len(declaration.stored) else place
        names.append(specs[logical].name if specs and logical < len(specs) else "")
    return list(zip(names, operator.inputs, strict=True))


def _attributes(operator: Operator) -> dict[str, Any]:
    declaration = _DIALECT.find(operator.code.builtin, operator.code.custom_code)
    if declaration is not None and declaration.codec is not None:
        from rewriter.dialect.options import OptionsError

        try:
            return declaration.codec.decode(operator.custom_options)
        except OptionsError as error:
            return {"custom_options": str(error)}
    attributes = operator.attributes()
    options = operator.custom_options
    return attributes | ({"custom_options": f"{len(options)} bytes"} if options else {})


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    quantization = tensor.quantization
    return {
        "index": tensor.index,
        "name": tensor.name,
        "type": tensor.dtype,
        "shape": list(tensor.shape),
        "shape_signature": None if tensor.shape_signature is None else list(tensor.shape_signature),
        "constant_bytes": tensor.buffer.size if tensor.is_constant and tensor.buffer else 0,
        "variable": tensor.is_variable,
        "quantization": None
        if quantization is None
        else {
            "scale": list(quantization.scale),
            "zero_point": list(quantization.zero_point),
            "dimension": quantization.dimension,
        },
    }


def _document(name: str, model: Model) -> dict[str, Any]:
    return {
        "model": name,
        "bytes": model.binary.size if model.binary else None,
        "version": model.version,
        "description": model.description,
        "operators": dict(model.histogram()),
        "subgraphs": [
            {
                "index": subgraph.index,
                "name": subgraph.name,
                "inputs": [tensor.index for tensor in subgraph.inputs],
                "outputs": [tensor.index for tensor in subgraph.outputs],
                "tensors": [_tensor_json(tensor) for tensor in subgraph.tensors],
                "operators": [
                    {
                        "index": operator.index,
                        "operator": operator.name,
                        "version": operator.code.version,
                        "inputs": [-1 if tensor is None else tensor.index for tensor in operator.inputs],
                        "outputs": [tensor.index for tensor in operator.outputs],
                        "attributes": _attributes(operator),
                    }
                    for operator in subgraph.operators
                ],
            }
            for subgraph in model.subgraphs
        ],
        "signatures": [
            {
                "key": signature.key,
                "subgraph": signature.subgraph.index,
                "inputs": {name: tensor.index for name, tensor in signature.inputs},
                "outputs": {name: tensor.index for name, tensor in signature.outputs},
            }
            for signature in model.signatures
        ],
        "metadata": [{"name": each.name, "bytes": each.buffer.size} for each in model.metadata],
        "constant_bytes": sum(buffer.size for buffer in model.buffers),
    }


def _lines(model: Model) -> list[str]:
    lines: list[str] = []
    constants = sum(buffer.size for buffer in model.buffers)
    size = f"{model.binary.size:,} bytes, " if model.binary else ""
    count = sum(1 for _ in model.operators())
    lines.append(f"{size}{constants:,} of constants; {len(model.subgraphs)} subgraph(s), {count} operators")
    if model.description:
        lines.append(f"description: {model.description}")
    for name, number in model.histogram().items():
        lines.append(f"  {number:5} {name}")
    for subgraph in model.subgraphs:
        lines += _subgraph_lines(subgraph)
    for signature in model.signatures:
        lines.append(f"signature {signature.key!r} of subgraph {signature.subgraph.index}")
        lines += [f"  in  {name} = {_described(tensor)}" for name, tensor in signature.inputs]
        lines += [f"  out {name} = {_described(tensor)}" for name, tensor in signature.outputs]
    for each in model.metadata:
        lines.append(f"metadata {each.name!r}: {each.buffer.size:,} bytes")
    return lines


def _subgraph_lines(subgraph: Subgraph) -> list[str]:
    lines = [f"subgraph {subgraph.index} {subgraph.name!r}"]
    lines += [f"  in  {_described(tensor)}" for tensor in subgraph.inputs]
    for operator in subgraph.operators:
        operands = ", ".join(_operand(name, tensor) for name, tensor in _operands(operator))
        attributes = ", ".join(f"{name}={value}" for name, value in _attributes(operator).items())
        results = ", ".join(_described(tensor) for tensor in operator.outputs)
        bracket = f"[{attributes}]" if attributes else ""
        lines.append(f"  {operator.index:4} {results} = {operator.name}{bracket}@{operator.code.version}({operands})")
    lines += [f"  out {_described(tensor)}" for tensor in subgraph.outputs]
    return lines


def _operand(name: str, tensor: Tensor | None) -> str:
    prefix = f"{name}=" if name else ""
    if tensor is None:
        return f"{prefix}absent"
    return f"{prefix}{_described(tensor) if tensor.is_constant else tensor.name}"


def _described(tensor: Tensor) -> str:
    sizes = tensor.shape_signature if tensor.dynamic and tensor.shape_signature else tensor.shape
    shape = ", ".join("?" if size < 0 else str(size) for size in sizes)
    constant = "const " if tensor.is_constant else ""
    quantization = tensor.quantization
    quantized = ""
    if quantization is not None and quantization.scale:
        quantized = (
            f" q({len(quantization.scale)} channels)"
            if quantization.per_channel
            else f" q({quantization.scale[0]:g}, {quantization.zero_point[0]})"
        )
    return f"{tensor.name}: {constant}{tensor.dtype}[{shape}]{quantized}"

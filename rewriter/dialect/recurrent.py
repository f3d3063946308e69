"""Shape functions of recurrent networks, look-ups and text; `shapes` says how they are called.

Source: the operators' definitions in the TFLite schema and the shape conditions of LiteRT's own kernels.
"""

from __future__ import annotations

from rewriter.dialect.shapes import (
    constant,
    length,
    listed,
    merged,
    product,
    ranked,
    same_dtype,
    scalar,
    shaped,
    text,
    unknown,
)
from rewriter.dialect.types import TensorType


def svdf(
    input: TensorType,
    weights_feature: TensorType,
    weights_time: TensorType,
    bias: TensorType | None,
    state: TensorType,
    *,
    rank: int,
    **_: object,
) -> TensorType:
    """SVDF: `[batch, units]`; the filters, rank * units of them, are the rows of `weights_feature`.

    Raises:
        ValueError: The rows are no multiple of the rank, or the shapes do not go together.
    """
    batch, features = ranked(input, 2, "input")
    rows, columns = ranked(weights_feature, 2, "weights_feature")
    merged(features, columns, f"{input} and {weights_feature} do not go together")
    merged(rows, ranked(weights_time, 2, "weights_time")[0], "the filters in feature and in time differ")
    if rank < 1 or (rows is not None and rows % rank):
        raise ValueError(f"{rows} filters are no multiple of the rank {rank}")
    units = None if rows is None else rows // rank
    if bias is not None:
        merged(units, length(bias, "bias"), f"bias {bias} does not go with {units} units")
    return TensorType(input.dtype, (batch, units))


def rnn(
    input: TensorType,
    weights: TensorType,
    recurrent_weights: TensorType,
    bias: TensorType,
    hidden_state: TensorType,
    **_: object,
) -> TensorType:
    """RNN: `[batch, units]`.

    Raises:
        ValueError: The shapes do not go together.
    """
    batch, size = ranked(input, 2, "input")
    units = _cell(size, weights, recurrent_weights, bias)
    merged_state = ranked(hidden_state, 2, "hidden_state")
    merged(units, merged_state[1], f"{hidden_state} does not go with {units} units")
    return TensorType(input.dtype, (merged(batch, merged_state[0], "the state is for another batch"), units))


def sequence_rnn(
    input: TensorType,
    weights: TensorType,
    recurrent_weights: TensorType,
    bias: TensorType,
    hidden_state: TensorType,
    *,
    time_major: bool,
    **_: object,
) -> TensorType:
    """UNIDIRECTIONAL_SEQUENCE_RNN: the units in the place of the features.

    Raises:
        ValueError: The shapes do not go together.
    """
    *leading, size = ranked(input, 3, "input")
    units = _cell(size, weights, recurrent_weights, bias)
    batch, state = ranked(hidden_state, 2, "hidden_state")
    merged(units, state, f"{hidden_state} does not go with {units} units")
    merged(leading[1 if time_major else 0], batch, "the state is for another batch")
    return TensorType(input.dtype, (*leading, units))


def _cell(size: int | None, weights: TensorType, recurrent: TensorType, bias: TensorType) -> int | None:
    units, columns = ranked(weights, 2, "weights")
    merged(size, columns, f"{weights} does not go with {size} features")
    merged(units, ranked(recurrent, 2, "recurrent_weights")[0], "the two weights have different units")
    merged(units, length(bias, "bias"), f"bias {bias} does not go with {units} units")
    return units


def bidirectional_rnn(
    input: TensorType,
    fw_weights: TensorType,
    fw_recurrent_weights: TensorType,
    fw_bias: TensorType,
    fw_hidden_state: TensorType,
    bw_weights: TensorType,
    bw_recurrent_weights: TensorType,
    bw_bias: TensorType,
    bw_hidden_state: TensorType,
    *_: TensorType | None,
    merge_outputs: bool,
    **__: object,
) -> TensorType | tuple[TensorType, TensorType]:
    """BIDIRECTIONAL_SEQUENCE_RNN: a result for each direction, or both one behind the other.

    Raises:
        ValueError: The shapes do not go together.
    """
    *leading, size = ranked(input, 3, "input")
    forward = _cell(size, fw_weights, fw_recurrent_weights, fw_bias)
    backward = _cell(None, bw_weights, bw_recurrent_weights, bw_bias)
    return _directions(input, leading, forward, backward, merge_outputs=merge_outputs)


def _directions(
    input: TensorType, leading: list[int | None], forward: int | None, backward: int | None, *, merge_outputs: bool
) -> TensorType | tuple[TensorType, TensorType]:
    if merge_outputs:
        both = None if forward is None or backward is None else forward + backward
        return TensorType(input.dtype, (*leading, both))
    return TensorType(input.dtype, (*leading, forward)), TensorType(input.dtype, (*leading, backward))


def lstm(*operands: TensorType | None, kernel_type: str, **_: object) -> TensorType | tuple[TensorType, ...]:
    """LSTM: `[batch, outputs]`. The basic kernel gives its state and two areas it works in besides.

    Raises:
        ValueError: An operand is missing, or the shapes do not go together.
    """
    if kernel_type == "BASIC":
        return _basic_lstm(operands)
    input = _present(operands, 0, "input")
    if input.rank not in (2, 3):
        raise ValueError(f"two or three dimensions are needed, not {input}")
    return TensorType(input.dtype, (*input.shape[:-1], _outputs(operands, 8, diagonal=False)))


def _basic_lstm(operands: tuple[TensorType | None, ...]) -> tuple[TensorType, ...]:
    input, activation, weights, _bias, state = (
        _present(operands, place, what)
        for place, what in enumerate(("input", "activation", "weights", "biases", "state"))
    )
    batch, features = ranked(input, 2, "input")
    units = ranked(activation, 2, "the previous activation")[1]
    gates, columns = ranked(weights, 2, "weights")
    if units is not None and gates is not None:
        merged(gates, 4 * units, f"{weights} are not the gates of {units} units")
    total = None if features is None or units is None else features + units
    merged(columns, total, f"{weights} does not go with {input} and {activation}")
    return (
        TensorType(input.dtype, (batch, units)),
        TensorType(state.dtype, (batch, units)),
        TensorType(input.dtype, (batch, total)),
        TensorType("i16" if input.dtype == "u8" else input.dtype, (batch, None if units is None else 4 * units)),
    )


def sequence_lstm(*operands: TensorType | None, diagonal_recurrent_tensors: bool = False, **_: object) -> TensorType:
    """UNIDIRECTIONAL_SEQUENCE_LSTM: the outputs in the place of the features.

    Raises:
        ValueError: An operand is missing, or the input is no sequence.
    """
    input = _present(operands, 0, "input")
    *leading, _features = ranked(input, 3, "input")
    return TensorType(input.dtype, (*leading, _outputs(operands, 8, diagonal=diagonal_recurrent_tensors)))


def bidirectional_lstm(
    *operands: TensorType | None, merge_outputs: bool, **_: object
) -> TensorType | tuple[TensorType, TensorType]:
    """BIDIRECTIONAL_SEQUENCE_LSTM: a result for each direction, or both one behind the other.

    Raises:
        ValueError: An operand is missing, or the input is no sequence.
    """
    input = _present(operands, 0, "input")
    *leading, _features = ranked(input, 3, "input")
    forward, backward = (_outputs(operands, place, diagonal=False) for place in (8, 25))
    return _directions(input, leading, forward, backward, merge_outputs=merge_outputs)


def _outputs(operands: tuple[TensorType | None, ...], place: int, *, diagonal: bool) -> int | None:
    weights = _present(operands, place, "recurrent_to_output_weights")
    if diagonal:
        return length(weights, "recurrent_to_output_weights")
    return ranked(weights, 2, "recurrent_to_output_weights")[1]


def _present(operands: tuple[TensorType | None, ...], place: int, what: str) -> TensorType:
    found = operands[place] if place < len(operands) else None
    if found is None:
        raise ValueError(f"{what} is absent")
    return found


# -- look-ups ---------------------------------------------------------------------------------------------------------


def embedding_lookup(lookup: TensorType, value: TensorType, **_: object) -> TensorType | None:
    """EMBEDDING_LOOKUP: a row of `value` for each number; of quantized rows the file says whether they are dequantized.

    Raises:
        ValueError: `lookup` is no list, or `value` has no rows.
    """
    count = length(lookup, "lookup")
    if value.rank < 2:
        raise ValueError(f"at least two dimensions are needed, not {value}")
    if value.dtype not in ("f32", "f16", "i32", "i64"):
        return None
    return TensorType(value.dtype, (count, *value.shape[1:]))


def embedding_lookup_sparse(
    ids: TensorType, indices: TensorType, dense_shape: TensorType, weights: TensorType, value: TensorType, **_: object
) -> TensorType | None:
    """EMBEDDING_LOOKUP_SPARSE: rows of `value`, added up as `indices` says, in the leading sizes of `dense_shape`.

    Raises:
        ValueError: The shapes do not go together.
    """
    count = length(ids, "ids")
    merged(count, ranked(indices, 2, "indices")[0], f"{ids} and {indices} do not go together")
    merged(count, length(weights, "weights"), f"{ids} and {weights} do not go together")
    rank, sizes = length(dense_shape, "dense_shape"), constant(dense_shape)
    if rank is None:
        return None
    leading = (None,) * (rank - 1) if sizes is None else sizes[:-1]
    return TensorType(value.dtype, (*leading, *value.shape[1:]))


def hashtable_lookup(
    lookup: TensorType, key: TensorType, value: TensorType, **_: object
) -> tuple[TensorType, TensorType]:
    """HASHTABLE_LOOKUP: a row of `value` for each number, and for each whether it was found.

    Raises:
        ValueError: `lookup` or `key` is no list, or there is not one row for each key.
    """
    count = length(lookup, "lookup")
    if not value.rank:
        raise ValueError(f"rows are needed, not {value}")
    merged(length(key, "key"), value.shape[0], f"{key} and {value} do not go together")
    return TensorType(value.dtype, (count, *value.shape[1:])), TensorType("u8", (count,))


def lsh_projection(
    hash: TensorType, input: TensorType, weight: TensorType | None = None, *, type: str, **_: object
) -> TensorType:
    """LSH_PROJECTION: an i32 for each hash function, or, dense, for each of its bits.

    Raises:
        ValueError: There is not one weight for each row of the input, or no type.
    """
    functions, bits = ranked(hash, 2, "hash")
    if type not in ("SPARSE", "DENSE"):
        raise ValueError(f"type can be SPARSE or DENSE, not {type}")
    if weight is not None:
        merged(length(weight, "weight"), input.shape[0] if input.rank else None, "there is not one weight for each row")
    return TensorType("i32", (functions if type == "SPARSE" else product((functions, bits)),))


def skip_gram(_: TensorType, **__: object) -> TensorType:
    """SKIP_GRAM: the grams of a text, as many as a run finds."""
    return unknown("string", 1)


def hashtable(**_: object) -> TensorType:
    """HASHTABLE: a handle."""
    return TensorType("resource", (1,))


def hashtable_find(_: TensorType, keys: TensorType, default_value: TensorType, **__: object) -> TensorType:
    """HASHTABLE_FIND: a value for each key, of the default value's type."""
    return TensorType(default_value.dtype, keys.shape)


def hashtable_size(_: TensorType, **__: object) -> TensorType:
    """HASHTABLE_SIZE: one i64."""
    return TensorType("i64", (1,))


def variable(**_: object) -> TensorType:
    """VAR_HANDLE: a handle."""
    return TensorType("resource", ())


def nothing(*_: TensorType | None, **__: object) -> tuple[()]:
    """An operator without results."""
    return ()


# -- matrices, signals, sparse tensors --------------------------------------------------------------------------------


def matrix_diag(diagonal: TensorType, **_: object) -> TensorType:
    """MATRIX_DIAG: each row becomes a square matrix with the row on its diagonal.

    Raises:
        ValueError: The operand is a scalar.
    """
    if not diagonal.rank:
        raise ValueError("rows are needed, not a scalar")
    return TensorType(diagonal.dtype, (*diagonal.shape, diagonal.shape[-1]))


def matrix_set_diag(input: TensorType, diagonal: TensorType, **_: object) -> TensorType:
    """MATRIX_SET_DIAG: the input, with other diagonals.

    Raises:
        ValueError: The input holds no matrices, or the diagonals do not go with them.
    """
    if input.rank < 2:
        raise ValueError(f"matrices are needed, not {input}")
    if diagonal.rank != input.rank - 1:
        raise ValueError(f"{diagonal} holds no diagonals of {input}")
    for one, other in zip(input.shape[:-2], diagonal.shape[:-1], strict=True):
        merged(one, other, f"{diagonal} holds no diagonals of {input}")
    rows, columns = input.shape[-2:]
    shorter = None if rows is None or columns is None else min(rows, columns)
    merged(shorter, diagonal.shape[-1], f"{diagonal} holds no diagonals of {input}")
    return TensorType(same_dtype(input, diagonal), input.shape)


def rfft2d(input: TensorType, fft_length: TensorType, **_: object) -> TensorType:
    """RFFT2D: the last two dimensions become spectra of `fft_length`, the last one half and one.

    Raises:
        ValueError: The input is not f32 with two dimensions, or a length is no power of two.
    """
    if input.rank < 2 or input.dtype != "f32":
        raise ValueError(f"f32 of two dimensions or more is needed, not {input}")
    lengths = listed(fft_length, 2, "fft_length")
    if lengths is None:
        return TensorType("c64", (*input.shape[:-2], None, None))
    if any(each < 1 or each & (each - 1) for each in lengths):
        raise ValueError(f"{list(lengths)} are no powers of two")
    return TensorType("c64", (*input.shape[:-2], lengths[0], lengths[1] // 2 + 1))


def sparse_to_dense(
    sparse_indices: TensorType,
    output_shape: TensorType,
    sparse_values: TensorType,
    default_value: TensorType,
    **_: object,
) -> TensorType | None:
    """SPARSE_TO_DENSE: of the shape that an operand holds.

    Raises:
        ValueError: The values are no list or scalar, or the default is of another type.
    """
    if sparse_indices.rank > 2 or sparse_values.rank > 1:
        raise ValueError(f"{sparse_indices} and {sparse_values} are no places and values")
    return shaped(same_dtype(sparse_values, default_value), output_shape)


def reverse_sequence(
    input: TensorType, seq_lengths: TensorType, *, seq_dim: int, batch_dim: int = 0, **_: object
) -> TensorType:
    """REVERSE_SEQUENCE: the input; there is one length for each place of the batch.

    Raises:
        ValueError: There is not, or a dimension does not exist.
    """
    if not 0 <= seq_dim < input.rank or not 0 <= batch_dim < input.rank or seq_dim == batch_dim:
        raise ValueError(f"dimensions {seq_dim} and {batch_dim} of {input}")
    merged(
        length(seq_lengths, "seq_lengths"),
        input.shape[batch_dim],
        f"{seq_lengths} has not one length for each place of the batch in {text(input.shape)}",
    )
    return TensorType(input.dtype, input.shape)


def reverse_v2(input: TensorType, axis: TensorType, **_: object) -> TensorType:
    """REVERSE_V2: the input.

    Raises:
        ValueError: There are more axes than dimensions, or no list of them.
    """
    length(axis, "axis")
    for each in constant(axis) or ():
        if not -input.rank <= each < input.rank:
            raise ValueError(f"axis {each} is not one of {input.rank}")
    return TensorType(input.dtype, input.shape)


def cumsum(input: TensorType, axis: TensorType, **_: object) -> TensorType:
    """CUMSUM: the input.

    Raises:
        ValueError: There is no such axis.
    """
    place = scalar(axis)
    if place is not None and not -input.rank <= place < input.rank:
        raise ValueError(f"axis {place} is not one of {input.rank}")
    return TensorType(input.dtype, input.shape)

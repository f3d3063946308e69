"""Cases of recurrent networks, look-ups and texts."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from rewriter.dialect.types import TensorType
from tests.dialect.draw import SIZES, numbers, shapes
from tests.dialect.one_operator import Case, Operand

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


BINARY = {
    "ADD": ["f32", "i32"],
    "AND": ["bool", "i32"],
    "MAXIMUM": ["f32", "i32"],
    "MINIMUM": ["f32", "i32"],
    "MULTIPLY": ["f32", "i32"],
    "SHIFT_LEFT": ["i32"],
}


def weights(*shape: int) -> Operand:
    """A constant of this shape."""
    return Operand("f32", shape, constant=True)


def state(*shape: int) -> Operand:
    """A variable of this shape."""
    return Operand("f32", shape, variable=True)


@st.composite
def svdf(draw: DrawFn) -> Case:
    batch, features, units, rank, memory = (draw(SIZES) for _ in range(5))
    rows = units * rank
    operands = (
        Operand("f32", (batch, features)),
        weights(rows, features),
        weights(rows, memory),
        weights(units) if draw(st.booleans()) else None,
        state(batch, memory * rows),
    )
    return Case("SVDF", operands, {"rank": rank, "fused_activation_function": "RELU"})


@st.composite
def rnn(draw: DrawFn) -> Case:
    batch, features, units = (draw(SIZES) for _ in range(3))
    cell = (weights(units, features), weights(units, units), weights(units), state(batch, units))
    return Case("RNN", (Operand("f32", (batch, features)), *cell), {"fused_activation_function": "TANH"})


@st.composite
def sequence_rnn(draw: DrawFn) -> Case:
    batch, time, features, units = (draw(SIZES) for _ in range(4))
    major = draw(st.booleans())
    leading = (time, batch) if major else (batch, time)
    cell = (weights(units, features), weights(units, units), weights(units), state(batch, units))
    attributes = {"time_major": major, "fused_activation_function": "TANH"}
    return Case("UNIDIRECTIONAL_SEQUENCE_RNN", (Operand("f32", (*leading, features)), *cell), attributes)


@st.composite
def bidirectional_rnn(draw: DrawFn) -> Case:
    batch, time, features = (draw(SIZES) for _ in range(3))
    major, merged = draw(st.booleans()), draw(st.booleans())
    leading = (time, batch) if major else (batch, time)
    cells: list[Operand] = []
    for units in (draw(SIZES), draw(SIZES)):
        cells += (weights(units, features), weights(units, units), weights(units), state(batch, units))
    attributes = {"time_major": major, "merge_outputs": merged, "fused_activation_function": "TANH"}
    operands = (Operand("f32", (*leading, features)), *cells, None, None, None)
    return Case("BIDIRECTIONAL_SEQUENCE_RNN", operands, attributes, results=1 if merged else 2)


def lstm_cell(draw: DrawFn, features: int, cell: int) -> tuple[list[Operand | None], int, int]:
    """Operands 1 to 17 of a cell of this size, the size, and that of its output."""
    projected = draw(st.booleans())
    output = draw(st.integers(1, cell)) if projected else cell
    coupled, peephole = draw(st.booleans()), draw(st.booleans())
    gates = [weights(cell, features) for _ in range(4)] + [weights(cell, output) for _ in range(4)]
    diagonals: list[Operand | None] = [weights(cell) if peephole else None for _ in range(3)]
    biases: list[Operand | None] = [weights(cell) for _ in range(4)]
    operands: list[Operand | None] = [*gates, *diagonals, *biases]
    if coupled:
        operands[0] = operands[4] = operands[8] = operands[11] = None
    operands += [weights(output, cell) if projected else None, None]
    return operands, cell, output


@st.composite
def lstm(draw: DrawFn) -> Case:
    batch, features = draw(SIZES), draw(SIZES)
    cell, size, output = lstm_cell(draw, features, draw(SIZES))
    operands = (Operand("f32", (batch, features)), *cell, state(batch, output), state(batch, size), *[None] * 4)
    return Case("LSTM", operands, {"fused_activation_function": "TANH"})


@st.composite
def basic_lstm(draw: DrawFn) -> Case:
    batch, features, units = (draw(SIZES) for _ in range(3))
    operands = (
        Operand("f32", (batch, features)),
        Operand("f32", (batch, units)),
        weights(4 * units, features + units),
        weights(4 * units),
        Operand("f32", (batch, units)),
    )
    return Case("LSTM", operands, {"kernel_type": "BASIC", "fused_activation_function": "TANH"}, results=4)


@st.composite
def sequence_lstm(draw: DrawFn) -> Case:
    batch, time, features = (draw(SIZES) for _ in range(3))
    major = draw(st.booleans())
    cell, size, output = lstm_cell(draw, features, draw(SIZES))
    image = Operand("f32", (*((time, batch) if major else (batch, time)), features))
    operands = (image, *cell, state(batch, output), state(batch, size), *[None] * 4)
    attributes = {"time_major": major, "fused_activation_function": "TANH"}
    return Case("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, attributes)


@st.composite
def bidirectional_lstm(draw: DrawFn) -> Case:
    batch, time, features = (draw(SIZES) for _ in range(3))
    major, merged = draw(st.booleans()), draw(st.booleans())
    # The kernel takes the forward cell's sizes for the backward one, too.
    cell, size, output = lstm_cell(draw, features, draw(SIZES))
    states = (state(batch, output), state(batch, size)) * 2
    image = Operand("f32", (*((time, batch) if major else (batch, time)), features))
    attributes = {"time_major": major, "merge_outputs": merged, "fused_activation_function": "TANH"}
    operands = (image, *cell, *cell, *states, *[None] * 9)
    return Case("BIDIRECTIONAL_SEQUENCE_LSTM", operands, attributes, results=1 if merged else 2)


@st.composite
def embedding_lookup(draw: DrawFn) -> Case:
    shape = draw(shapes(2, 4))
    lookup = numbers([draw(st.integers(0, shape[0] - 1)) for _ in range(draw(SIZES))], constant=draw(st.booleans()))
    return Case("EMBEDDING_LOOKUP", (lookup, Operand("f32", shape, constant=True)))


@st.composite
def embedding_lookup_sparse(draw: DrawFn) -> Case:
    shape, rows, constant = draw(shapes(2, 3)), draw(SIZES), draw(st.booleans())
    count = draw(st.integers(1, rows))
    ids = numbers([draw(st.integers(0, shape[0] - 1)) for _ in range(count)], constant=constant)
    indices = Operand("i32", (count, 2), [[place, 0] for place in range(count)], constant=constant)
    operands = (ids, indices, numbers([rows, 1], constant=constant), Operand("f32", (count,)), Operand("f32", shape))
    return Case("EMBEDDING_LOOKUP_SPARSE", operands, {"combiner": draw(st.sampled_from(["SUM", "MEAN", "SQRTN"]))})


@st.composite
def hashtable_lookup(draw: DrawFn) -> Case:
    shape = draw(shapes(2, 3))
    keys = numbers(list(range(shape[0])), constant=draw(st.booleans()))
    lookup = numbers([draw(st.integers(0, 5)) for _ in range(draw(SIZES))], constant=draw(st.booleans()))
    return Case("HASHTABLE_LOOKUP", (lookup, keys, Operand("f32", shape)), results=2)


@st.composite
def lsh_projection(draw: DrawFn) -> Case:
    rows = draw(SIZES)
    weight = Operand("f32", (rows,)) if draw(st.booleans()) else None
    hashes = weights(draw(SIZES), draw(SIZES))
    attributes = {"type": draw(st.sampled_from(["SPARSE", "DENSE"]))}
    return Case("LSH_PROJECTION", (hashes, Operand("i32", (rows, *draw(shapes(0, 1)))), weight), attributes)


@st.composite
def skip_gram(draw: DrawFn) -> Case:
    attributes = {"ngram_size": draw(SIZES), "max_skip_size": draw(SIZES), "include_all_ngrams": draw(st.booleans())}
    return Case("SKIP_GRAM", (Operand("string", (1,)),), attributes)


@st.composite
def stablehlo_binary(draw: DrawFn, name: str, dtypes: list[str]) -> Case:
    operand = Operand(draw(st.sampled_from(dtypes)), draw(shapes()))
    return Case(name, (operand, operand))


@st.composite
def stablehlo_pad(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 4))
    attributes = {
        # The runtime makes all sizes 0 where one is.
        "edge_padding_low": [draw(st.integers(-1 if size > 2 else 0, 2)) for size in shape],
        "edge_padding_high": [draw(st.integers(-1 if size > 2 else 0, 2)) for size in shape],
        "interior_padding": [draw(st.integers(0, 2)) for _ in shape],
    }
    return Case("STABLEHLO_PAD", (Operand("f32", shape), Operand("f32", ())), attributes)


@st.composite
def stablehlo_gather(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 3))
    count = draw(st.integers(1, len(shape)))
    sizes = [draw(st.integers(1, size)) for size in shape]
    collapsed = [axis for axis in range(count) if draw(st.booleans())]
    for axis in collapsed:
        sizes[axis] = 1
    leading = draw(shapes(0, 2))
    kept = len(shape) - len(collapsed)
    rank = kept + len(leading)
    offsets = sorted(draw(st.permutations(range(rank)))[:kept])
    rows = [[draw(st.integers(0, shape[axis] - sizes[axis])) for axis in range(count)] for _ in range(prod(leading))]
    attributes = {
        "offset_dims": offsets,
        "collapsed_slice_dims": collapsed,
        "start_index_map": list(range(count)),
        "index_vector_dim": len(leading),
        "slice_sizes": sizes,
    }
    indices = Operand("i32", (*leading, count), rows)
    return Case("STABLEHLO_GATHER", (Operand("f32", shape), indices), attributes)


@st.composite
def stablehlo_reduce_window(draw: DrawFn) -> Case:
    shape = draw(shapes(1, 3))
    attributes = {
        "window_dimensions": [draw(st.integers(1, 3)) for _ in shape],
        "window_strides": [draw(st.integers(1, 3)) for _ in shape],
        "base_dilations": [draw(st.integers(1, 2)) for _ in shape],
        "window_dilations": [draw(st.integers(1, 2)) for _ in shape],
        "padding": [draw(st.integers(0, 2)) for _ in range(2 * len(shape))],
        "body_subgraph_index": 1,
    }
    operands = (Operand("f32", shape), Operand("f32", (), 0.0, constant=True))
    return Case("STABLEHLO_REDUCE_WINDOW", operands, attributes, body="ADD")


@st.composite
def stablehlo_scatter(draw: DrawFn) -> Case:
    shape, count = draw(shapes(1, 3)), draw(SIZES)
    indices = Operand("i32", (count, 1), [[draw(st.integers(0, shape[0] - 1))] for _ in range(count)])
    attributes = {
        "update_window_dims": list(range(1, len(shape))),
        "inserted_window_dims": [0],
        "scatter_dims_to_operand_dims": [0],
        "index_vector_dim": 1,
        "update_computation_subgraph_index": 1,
    }
    operands = (Operand("f32", shape), indices, Operand("f32", (count, *shape[1:])))
    return Case("STABLEHLO_SCATTER", operands, attributes, body="STABLEHLO_ADD")


@st.composite
def stablehlo_random_bits(draw: DrawFn) -> Case:
    bits = TensorType(draw(st.sampled_from(["i32", "u32", "i64", "u64"])), draw(shapes(1, 3)))
    return Case("STABLEHLO_RNG_BIT_GENERATOR", (Operand("u64", (2,)),), {"algorithm": "THREEFRY"}, 2, recorded=bits)


CASES: dict[str, SearchStrategy[Case]] = {
    "SVDF": svdf(),
    "RNN": rnn(),
    "UNIDIRECTIONAL_SEQUENCE_RNN": sequence_rnn(),
    "BIDIRECTIONAL_SEQUENCE_RNN": bidirectional_rnn(),
    "LSTM": st.one_of(lstm(), basic_lstm()),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": sequence_lstm(),
    "BIDIRECTIONAL_SEQUENCE_LSTM": bidirectional_lstm(),
    "EMBEDDING_LOOKUP": embedding_lookup(),
    "EMBEDDING_LOOKUP_SPARSE": embedding_lookup_sparse(),
    "HASHTABLE_LOOKUP": hashtable_lookup(),
    "LSH_PROJECTION": lsh_projection(),
    "SKIP_GRAM": skip_gram(),
    **{f"STABLEHLO_{each}": stablehlo_binary(f"STABLEHLO_{each}", dtypes) for each, dtypes in BINARY.items()},
    "STABLEHLO_PAD": stablehlo_pad(),
    "STABLEHLO_GATHER": stablehlo_gather(),
    "STABLEHLO_REDUCE_WINDOW": stablehlo_reduce_window(),
    "STABLEHLO_SCATTER": stablehlo_scatter(),
    "STABLEHLO_RNG_BIT_GENERATOR": stablehlo_random_bits(),
}

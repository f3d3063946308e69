# Operators that move elements, and compute nothing.

# Old files have the shape in the attribute alone; an operator without the operand is matched as if it had it.
op RESHAPE(input, shape: i32 implied) -> output
  "The same elements in another shape; one size may be -1, what is left."
  shape movements.reshape
  quantization reshaped
  implied new_shape = output.shape, shape = new_shape

op SQUEEZE(input) -> output
  "Without the dimensions `squeeze_dims`, which are 1, or without all that are."
  shape movements.squeeze
  quantization reshaped
  version 2 where input.dtype == "string"

op EXPAND_DIMS(input, axis: i32|i64) -> output
  "With a dimension of 1 put in."
  shape movements.expand_dims
  quantization reshaped

op TRANSPOSE(input, perm: i32) -> output
  "Dimension i of the result is dimension perm[i] of the input."
  shape movements.transpose
  quantization transposed
  version 9 where input.dtype == "f16"
  version 8 where input.rank > 6 or input.dtype == "bf16"
  version 7 where input.dtype == "i4"
  version 6 where input.rank > 5
  version 5 where input.dtype == "i16"
  version 4 where input.rank > 4
  version 3 where input.dtype == "bool"
  version 2 where input.dtype == "i8"

op PACK(values...) -> output
  "Tensors of one shape along a new dimension."
  shape movements.pack
  quantization alike
  version 5 where values.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 2 where values.dtype == "i8"
  version 3 where values.dtype == "i16", output.dtype == "i16"
  version 4 where values.dtype == "u32"

op UNPACK(input) -> outputs...
  "The slices along a dimension, which then is gone."
  shape movements.unpack
  quantization input
  version 6 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 2 where input.dtype in ["i8", "u8"]
  version 3 where input.dtype == "bool"
  version 4 where input.dtype == "i16", outputs.dtype == "i16"
  version 5 where input.dtype in ["f16", "bf16"]

op SPLIT(axis: i32, input) -> outputs...
  "Parts of equal size along a dimension."
  shape movements.split
  quantization input
  version 5 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 4 where input.dtype == "i16"
  version 3 where input.dtype == "i32"
  version 2 where input.dtype == "i8"

op SPLIT_V(input, size_splits: i32|i64, axis: i32) -> outputs...
  "Parts of the sizes that an operand says, along a dimension; one may be -1, what is left."
  shape movements.split_v
  quantization input
  version 3 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 2 where input.dtype == "i8"

op CONCATENATION(values...) -> output
  "One behind the other along a dimension."
  shape movements.concatenation
  quantization concatenated
  version 7 where values.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 6 where values.dtype == "f16"
  version 5 where values.dtype == "i4"
  version 4 where values.dtype == "u32"
  version 3 where values.dtype == "i16"
  version 2 where values.dtype == "i8"

op SLICE(input, begin: i32|i64, size: i32|i64) -> output
  "A part, `size` from `begin` on; -1 is what is left."
  shape movements.slice_
  quantization input
  version 8 where input.dtype == "f16"
  version 7 where input.dtype == "i4"
  version 6 where input.dtype == "u32"
  version 5 where input.rank > 4
  version 4 where input.dtype == "i16"
  version 3 where input.dtype == "string"
  version 2 where input.dtype == "i8"

op STRIDED_SLICE(input, begin: i32, end: i32, strides: i32) -> output
  "A part as NumPy's slicing takes it; masks say which entries are open, an ellipsis, new, or a single place."
  shape movements.strided_slice
  quantization input
  version 8 where offset
  version 7 where input.dtype == "u32"
  version 6 where ellipsis_mask != 0 or new_axis_mask != 0
  version 5 where input.dtype == "string"
  version 4 where input.rank > 4
  version 3 where input.dtype == "bool"
  version 2 where input.dtype == "i8"

op GATHER(params, indices: i16|i32|i64) -> output
  "The places of a dimension that the indices name; the first `batch_dims` dimensions are those of both."
  shape movements.gather
  quantization params
  version 8 where params.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 7 where params.dtype == "i4"
  version 6 where indices.dtype == "i16"
  version 5 where batch_dims != 0
  version 4 where params.dtype == "i16"
  version 3 where params.dtype == "bool"
  version 2 where params.dtype == "i8"

op GATHER_ND(params, indices: i16|i32|i64) -> output
  "What stands at the places that the rows of the indices name."
  shape movements.gather_nd
  quantization params
  version 6 where params.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 5 where params.dtype == "bool"
  version 4 where indices.dtype == "i16"
  version 3 where params.dtype == "i16"
  version 2 where params.dtype == "string"

op SCATTER_ND(indices: i32, updates, shape: i32) -> output
  "Zeros with updates added at the places that the rows of the indices name."
  shape movements.scatter_nd
  quantization updates

op DYNAMIC_UPDATE_SLICE(operand, update, start_indices: i32|i64) -> output
  "The operand, with the update written over a part of it."
  shape movements.dynamic_update_slice
  quantization alike
  version 6 where operand.dtype == "bf16"
  version 5 where operand.dtype == "i4"
  version 4 where operand.dtype == "i16"
  version 3 where operand.dtype == "f16"
  version 2 where start_indices.dtype == "i64"

op PAD(input, paddings: i32|i64) -> output
  "Zeros around: so many before and behind each dimension."
  shape movements.pad
  quantization input
  version 6 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 5 where input.dtype == "bool"
  version 4 where input.rank > 4
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op PADV2(input, paddings: i32|i64, constant_values) -> output
  "A value around: so many before and behind each dimension."
  shape movements.pad
  quantization alike
  version 6 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 5 where input.dtype == "bool"
  version 4 where input.rank > 4
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op MIRROR_PAD(input, paddings: i32|i64) -> output
  "Its mirror image around, without the edge (REFLECT) or with it (SYMMETRIC)."
  shape movements.mirror_pad
  quantization input
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op TILE(input, multiples: i32|i64) -> output
  "So many times along each dimension."
  shape movements.tile
  quantization input
  version 3 where input.dtype == "i8"
  version 2 where input.dtype == "string"

# Version 1 was another operator, and no runtime takes it.
op BROADCAST_TO(input, shape: i32|i64) -> output
  "Broadcast to a shape."
  shape movements.broadcast_to
  quantization input
  version 4 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 3 where input.dtype in ["i8", "i16"]
  version 2 where true

op BROADCAST_ARGS(lhs: i32|i64, rhs: i32|i64) -> output: i32|i64
  "The shape to which two shapes broadcast."
  shape movements.broadcast_args
  quantization unquantized

op DILATE(input, dilations: i32, padding_value) -> output
  "With places of a padding value put in between neighbours."
  shape movements.dilate
  quantization alike

op DEPTH_TO_SPACE(input) -> output
  "Channels become blocks of space."
  shape movements.depth_to_space
  quantization input
  version 2 where input.dtype == "i8"

op SPACE_TO_DEPTH(input) -> output
  "Blocks of space become channels."
  shape movements.space_to_depth
  quantization input
  version 2 where input.dtype == "i8"

op SPACE_TO_BATCH_ND(input, block_shape: i32, paddings: i32) -> output
  "Places that lie a block apart become images of the batch, after zeros were put around."
  shape movements.space_to_batch_nd
  quantization input
  version 4 where input.dtype == "i16"
  version 3 where input.rank != 4
  version 2 where input.dtype == "i8"

op BATCH_TO_SPACE_ND(input, block_shape: i32, crops: i32) -> output
  "SPACE_TO_BATCH_ND undone, and edges cut off."
  shape movements.batch_to_space_nd
  quantization input
  version 4 where input.dtype == "i16"
  version 3 where input.rank != 4
  version 2 where input.dtype == "i8"

op REVERSE_V2(input, axis: i32) -> output
  "In the other order along some dimensions."
  shape recurrent.reverse_v2
  quantization input
  version 4 where input.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 3 where input.dtype == "i8"
  version 2 where input.dtype == "bool"

op REVERSE_SEQUENCE(input, seq_lengths: i32|i64) -> output
  "The first so many of each sequence in the other order."
  shape recurrent.reverse_sequence
  quantization input

op MATRIX_DIAG(diagonal) -> output
  "Square matrices with these diagonals, and zeros."
  shape recurrent.matrix_diag
  quantization diagonal

op MATRIX_SET_DIAG(input, diagonal) -> output
  "Matrices, with other diagonals."
  shape recurrent.matrix_set_diag
  quantization alike

op FILL(dims: i32|i64, value) -> output
  "One value in a shape."
  shape fill
  quantization value
  version 5 where value.dtype in ["float8_e4m3fn", "float8_e5m2"]
  version 4 where value.dtype == "f16"
  version 3 where value.dtype in ["i8", "i16"]
  version 2 where value.dtype in ["bool", "string"]

op ONE_HOT(indices: i32|i64, depth: i32, on_value, off_value) -> output
  "Rows of one value, with another at the place that an index names."
  shape one_hot
  quantization alike

op SPARSE_TO_DENSE(
  sparse_indices: i32|i64,
  output_shape: i32|i64,
  sparse_values,
  default_value,
) -> output
  "A value in a shape, with others at the places that are named."
  shape recurrent.sparse_to_dense
  quantization alike
  version 3 where sparse_values.dtype in ["i8", "u8"]
  version 2 where sparse_values.dtype == "i64"

op SHAPE(input) -> output: i32|i64
  "The input's sizes."
  shape shape_of
  quantization unquantized
  implied out_type = output.dtype

op RANK(input) -> output: i32
  "How many dimensions the input has."
  shape rank_of
  quantization unquantized

op RANGE(start, limit, delta) -> output
  "Numbers from `start` on, `delta` apart, before `limit`."
  shape counted
  quantization unquantized
  version 2 where start.dtype == "i64"

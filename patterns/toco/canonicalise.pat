# Group A: what does nothing goes, and what can be written in several ways is written in one.

pack toco "The graph transformations of the converters"
  leaves trivial_tile_to_concat

rule remove_identity_reshape
  "A reshape to the shape that its input has already does nothing."
  y = RESHAPE(x)
  where x.shape == y.shape
  -> x
  equal exact

rule fuse_reshape_reshape
  "Of two reshapes in a row the last one decides the shape."
  RESHAPE(RESHAPE(x))
  -> RESHAPE(x)
  equal exact
  shared

rule squeeze_to_reshape
  "Taking dimensions of 1 out is a reshape."
  SQUEEZE[squeeze_dims=_](x)
  -> RESHAPE(x)
  equal exact

rule expand_dims_to_reshape
  "Putting a dimension of 1 in is a reshape."
  EXPAND_DIMS(x, _)
  -> RESHAPE(x)
  equal exact

rule pack1_to_reshape
  "A pack of one tensor only puts a dimension of 1 in."
  PACK[values_count=1, axis=_](x)
  -> RESHAPE(x)
  equal exact

rule trivial_transpose_to_reshape
  "A transposition that moves dimensions of 1 only past others moves no element."
  TRANSPOSE(x, p: const)
  where order_is_kept(x.shape, p.value), any(p.value != range(x.rank))
  -> RESHAPE(x)
  equal exact

rule remove_identity_transpose
  "A transposition that leaves every dimension in its place does nothing."
  TRANSPOSE(x, p: const)
  where all(p.value == range(x.rank))
  -> x
  equal exact

rule fuse_transpose_transpose
  "Two transpositions in a row are one."
  TRANSPOSE(TRANSPOSE(x, p: const), q: const)
  -> TRANSPOSE(x, p.value[q.value])
  equal exact

rule remove_duplicate_transpose
  "Two equal transpositions of one tensor are made once."
  a = TRANSPOSE(x, p: const); b = TRANSPOSE(x, p)
  -> a
  equal exact

rule remove_trivial_slice
  "A slice that takes everything does nothing."
  y = SLICE(x, 0, _)
  where x.shape == y.shape
  -> x
  equal exact

rule remove_trivial_strided_slice
  "A strided slice that takes everything, forwards, does nothing."
  y = STRIDED_SLICE[
    begin_mask=_,
    end_mask=_,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](x, _, _, 1)
  where x.shape == y.shape
  -> x
  equal exact

rule strided_slice_to_slice
  "A strided slice with steps of 1 is a slice, wherever its ends are counted from."
  STRIDED_SLICE[
    begin_mask=bm,
    end_mask=em,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](x, b: const i32, e: const i32, 1)
  -> SLICE(
    x,
    slice_begin(x.shape, b.value, e.value, bm, em, 0),
    slice_size(x.shape, b.value, e.value, bm, em, 0),
  )
  equal exact

rule strided_slice_to_reshape
  "A strided slice that takes every element, in steps of 1, only drops or adds dimensions of 1."
  y = STRIDED_SLICE[
    begin_mask=_,
    end_mask=_,
    ellipsis_mask=_,
    new_axis_mask=_,
    shrink_axis_mask=_,
    offset=false,
  ](x, _, _, 1)
  where prod(x.shape) == prod(y.shape), x.shape != y.shape
  -> RESHAPE(x)
  equal exact

rule strided_slice_to_slice_reshape
  "A strided slice that also drops dimensions of one place is a slice and a reshape."
  y = STRIDED_SLICE[
    begin_mask=bm,
    end_mask=em,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=sm,
    offset=false,
  ](x: f32|i8|u8|i16, b: const i32, e: const i32, 1)
  where sm != 0, prod(x.shape) != prod(y.shape)
  -> RESHAPE(
    SLICE(
      x,
      slice_begin(x.shape, b.value, e.value, bm, em, sm),
      slice_size(x.shape, b.value, e.value, bm, em, sm),
    ),
  )
  equal exact

rule fuse_slice_slice
  "A slice of a slice begins where both beginnings together say."
  SLICE(SLICE(x, b: const, _), c: const, s: const)
  where all(s.value >= 0)
  -> SLICE(x, b + c, s)
  equal exact

rule remove_trivial_split
  "A split into one part does nothing."
  y = SPLIT[num_splits=1](_, x)
  -> x
  equal exact

rule splitv_to_split
  "A split into parts of given sizes that are equal is a split into equal parts."
  (rs...) = SPLIT_V[num_splits=n](x, s: const, axis: const)
  where all(s.value == s.value[0]), s.value[0] != 0
  -> (rs...) = SPLIT[num_splits=n](axis, x)
  equal exact

rule fuse_splitv_splitv
  "A part that is split again along the same dimension is split at once."
  (as..., b, cs...) = SPLIT_V[num_splits=_](x, s: const i32, d: const);
  (bs...) = SPLIT_V[num_splits=_](b, t: const i32, d)
  where min(s.value) >= 0, min(t.value) >= 0
  -> n = len(as) + len(bs) + len(cs);
     (as..., bs..., cs...) = SPLIT_V[num_splits=n](
       x,
       concat([s.value[:len(as)], t, s.value[len(as) + 1:]]),
       d,
     )
  equal exact

rule remove_trivial_concatenation
  "A concatenation of one tensor does nothing."
  CONCATENATION[axis=_](x)
  -> x
  equal exact

rule remove_empty_concat_input
  "What has no elements adds nothing to a concatenation."
  CONCATENATION[axis=a](xs..., e, ys...)
  where prod(e.shape) == 0, len(xs) + len(ys) > 0
  -> CONCATENATION[axis=a](xs..., ys...)
  equal exact

rule flatten_nested_concat
  "A concatenation within one along the same dimension gives its operands to the outer one."
  CONCATENATION[axis=a](xs..., CONCATENATION[axis=a](ys...), zs...)
  -> CONCATENATION[axis=a](xs..., ys..., zs...)
  equal exact

rule fuse_split_concat
  "Parts that are put together again where they were cut are the whole."
  (rs...) = SPLIT[num_splits=_](d: const, x); CONCATENATION[axis=k](rs...)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule fuse_split_concat_sizes
  "Parts of given sizes that are put together again where they were cut are the whole."
  (rs...) = SPLIT_V[num_splits=_](x, _, d: const); CONCATENATION[axis=k](rs...)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule remove_unpack_pack
  "Slices that are stacked again along the dimension that they came from are the whole."
  (rs...) = UNPACK[axis=k, num=_](x); PACK[axis=l, values_count=_](rs...)
  where (k - l) % x.rank == 0
  -> x
  equal exact

rule remove_unpack_pack_apart
  "What is stacked and taken apart again along the same dimension is what it was."
  (rs...) = UNPACK[axis=k, num=_](s = PACK[axis=l, values_count=_](xs...))
  where (k - l) % s.rank == 0
  -> (rs...) = xs...
  equal exact

rule unpack_concat_to_reshape
  "Slices joined along the dimension behind the one that they came from stay in their order."
  (rs...) = UNPACK[axis=k, num=_](x); CONCATENATION[axis=l](rs...)
  where x.rank > 1, k % x.rank == l % (x.rank - 1)
  -> RESHAPE(x)
  equal exact

pattern element(x, place) = RESHAPE(SLICE(x, [place], [1]))

rule slice_pack_identity
  "The elements of a list, taken one by one and stacked, are the list."
  y = (
    PACK[axis=0, values_count=2](element(x, 0), element(x, 1))
    | PACK[axis=0, values_count=3](element(x, 0), element(x, 1), element(x, 2))
    | PACK[axis=0, values_count=4](element(x, 0), element(x, 1), element(x, 2), element(x, 3))
  )
  where y.shape == x.shape
  -> x
  equal exact

rule remove_identity_gather_nd
  "All places of a tensor in their order are the tensor."
  y = GATHER_ND(x, i: const)
  where min(block_begin(i.value)) >= 0, x.shape == y.shape
  -> x
  equal exact

rule remove_identity_scatter_nd
  "What is written to all places of a tensor in their order is the tensor."
  y = SCATTER_ND(i: const, u, _)
  where max(block_begin(i.value)) == 0, u.shape == y.shape
  -> u

rule gather_nd_to_slice
  "Places that go through a block one by one are a slice."
  y = GATHER_ND(x, i: const)
  where i.rank > 1, i.shape[i.rank - 1] == i.rank - 1, x.shape != y.shape
  -> SLICE(x, pad(block_begin(i.value), [0, x.rank - i.rank + 1]), y.shape)
  equal exact

rule gather_contiguous_to_slice
  "Places that follow one another along a dimension are a slice."
  y = GATHER[axis=a, batch_dims=0](x, i: const i32[n])
  where all(i.value == i.value[0] + range(n)), x.shape != y.shape
  -> SLICE(x, pad(i.value[0:1], [a % x.rank, x.rank - 1 - a % x.rank]), y.shape)
  equal exact

rule gather_contiguous_to_slice_all
  "All places of a dimension in their order are the tensor."
  y = GATHER[axis=_, batch_dims=0](x, i: const i32[n])
  where all(i.value == range(n)), x.shape == y.shape
  -> x
  equal exact

rule fuse_gather_gather
  "Places of places are places."
  GATHER[axis=a, batch_dims=0](GATHER[axis=a, batch_dims=0](x, i: const i32[_]), j: const i32)
  where a >= 0
  -> GATHER[axis=a](x, i.value[j.value])
  equal exact

rule remove_noop_cast
  "A conversion to the type that its input has already does nothing."
  y = CAST(x)
  where x.dtype == y.dtype
  -> x
  equal exact

rule fuse_cast_cast
  "A conversion to a type that holds every value of the input changes nothing for the next one."
  (
    CAST(CAST(x: bool): u8|i8|i16|i32|i64|f32)
    | CAST(CAST(x: u8): i16|i32|i64)
    | CAST(CAST(x: i8): i16|i32|i64)
    | CAST(CAST(x: i16): i32|i64)
    | CAST(CAST(x: i32): i64)
  )
  -> CAST(x)
  equal exact

rule fuse_cast_cast_float
  "Whole numbers that a float holds can go through it, or not, to a type that is as wide."
  y = CAST(CAST(x: u8|i8|i16): f32)
  where y.dtype in ["i32", "i64", "bool", x.dtype]
  -> CAST(x)
  equal exact

rule reorder_gather_cast
  "Rows are taken before they are converted, so that fewer are."
  GATHER[axis=a, batch_dims=b](CAST(x: f32|bool|i8|u8|i16|i32|i64), i)
  -> CAST(GATHER[axis=a, batch_dims=b](x, i))
  equal exact

rule remove_noop_pad
  "Padding that adds nothing does nothing."
  y = (PAD(x, _) | PADV2(x, _, _) | MIRROR_PAD[mode=_](x, _))
  where x.shape == y.shape
  -> x
  equal exact

rule padv2_zero_to_pad
  "Padding with zero is what PAD does."
  PADV2(x, p, 0.0)
  -> PAD(x, p)
  equal exact

rule pad_i64_to_i32
  "Widths of padding that fit in 32 bits are given in 32 bits, which more runtimes read."
  PAD(x, p: const i64)
  where all(p.value < 2147483648)
  -> PAD(x, cast(p, "i32"))
  equal exact

rule merge_pad_pad
  "Padding around padding is as wide as both."
  PAD(PAD(x, p: const), q: const)
  -> PAD(x, p + q)
  equal exact

rule merge_pad_pad_value
  "Padding around padding with the same value is as wide as both."
  PADV2(PADV2(x, p: const, v: const), q: const, v)
  -> PADV2(x, p + q, v)
  equal exact

rule remove_noop_tile
  "A tensor once is the tensor."
  TILE(x, 1)
  -> x
  equal exact

rule trivial_tile_to_concat
  "A tensor twice along one dimension is a concatenation."
  TILE(x: f32|i8|u8|i32|i64, m: const i32)
  where max(m.value) == 2, min(m.value) == 1, sum(m.value) == x.rank + 1
  -> CONCATENATION[axis=sum((m.value - 1) * range(x.rank))](x, x)
  equal exact

rule remove_noop_resize
  "An image brought to the size that it has does not change."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=a, half_pixel_centers=p](
    x: f32|i8|u8|i16[_, h, w, _],
    [h, w],
  )
  where not (a and p)
  -> x

rule remove_noop_reduce
  "The mean, sum, product or extreme of one value is the value."
  y = (
    (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN)[keep_dims=_](x: f32|i32|i64, _)
    | (REDUCE_ANY|REDUCE_ALL)[keep_dims=_](x: bool, _)
  )
  where x.shape == y.shape
  -> x

rule remove_noop_reduce_reshape
  "The mean, sum, product or extreme over dimensions of 1 only drops them."
  y = (
    (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN)[keep_dims=false](x: f32|i32|i64, _)
    | (REDUCE_ANY|REDUCE_ALL)[keep_dims=false](x: bool, _)
  )
  where prod(x.shape) == prod(y.shape), x.shape != y.shape
  -> RESHAPE(x)

rule remove_noop_cumsum
  "A running sum of one value is the value."
  CUMSUM[exclusive=false, reverse=_](x, a: const)
  where x.shape[a.value] == 1
  -> x

rule remove_noop_dynamic_update_slice
  "What is written over all of a tensor takes its place."
  DYNAMIC_UPDATE_SLICE(o, u, 0)
  where o.shape == u.shape
  -> u
  equal exact

rule reorder_elementwise_unary_over_move_concat
  "What is done to every element is done before the tensors are joined, where other rules can take it up."
  RELU(CONCATENATION[axis=a]@<=2(xs...: f32))
  -> CONCATENATION[axis=a](RELU(xs)...)

rule reorder_elementwise_unary_over_move_unconcat
  "What is done to every one of the tensors that are joined is done once, to all of them."
  CONCATENATION[axis=a](NEG(xs)...)
  -> NEG(CONCATENATION[axis=a](xs...))
  equal exact

rule reorder_elementwise_unary_over_move_transpose
  "What is done to every element is done before a transposition, where what computes the elements can take it up."
  u = (
    ABS|
    CAST|
    CEIL|
    COS|
    ELU|
    EXP|
    FLOOR|
    GELU|
    HARD_SWISH|
    LEAKY_RELU|
    LOG|
    LOGICAL_NOT|
    LOGISTIC|
    NEG|
    RELU|
    RELU6|
    RELU_0_TO_1|
    RELU_N1_TO_1|
    ROUND|
    RSQRT|
    SIGN|
    SIN|
    SQRT|
    SQUARE|
    TANH
  )(TRANSPOSE(x, p))
  -> TRANSPOSE(@u(x): like u, p)
  equal exact

rule reorder_elementwise_unary_over_move_reshape
  "What is done to every element is done before a reshape, where what computes the elements can take it up."
  u = (
    ABS|
    CAST|
    CEIL|
    COS|
    ELU|
    EXP|
    FLOOR|
    GELU|
    HARD_SWISH|
    LEAKY_RELU|
    LOG|
    LOGICAL_NOT|
    LOGISTIC|
    NEG|
    RELU|
    RELU6|
    RELU_0_TO_1|
    RELU_N1_TO_1|
    ROUND|
    RSQRT|
    SIGN|
    SIN|
    SQRT|
    SQUARE|
    TANH
  )((RESHAPE(x) | SQUEEZE[squeeze_dims=_](x) | EXPAND_DIMS(x, _)))
  -> RESHAPE(@u(x): like u)
  equal exact

rule reorder_elementwise_unary_over_move_space
  "What is done to every element is done before blocks are moved to or from the channels."
  u = (
    ABS|
    CAST|
    CEIL|
    COS|
    ELU|
    EXP|
    FLOOR|
    GELU|
    HARD_SWISH|
    LEAKY_RELU|
    LOG|
    LOGICAL_NOT|
    LOGISTIC|
    NEG|
    RELU|
    RELU6|
    RELU_0_TO_1|
    RELU_N1_TO_1|
    ROUND|
    RSQRT|
    SIGN|
    SIN|
    SQRT|
    SQUARE|
    TANH
  )(m = (DEPTH_TO_SPACE|SPACE_TO_DEPTH)(x))
  -> @m(@u(x): like u)
  equal exact

rule remove_transpose_net
  "Two transpositions around a reshape that together move no element are a reshape."
  TRANSPOSE(r = RESHAPE(TRANSPOSE(x, p: const)), q: const)
  where stays_in_place(x.shape, p.value, r.shape, q.value)
  -> RESHAPE(x)
  equal exact

rule remove_redundant_broadcast_to
  "A broadcast to the shape that its input has already does nothing."
  y = BROADCAST_TO(x, _)
  where x.shape == y.shape
  -> x
  equal exact

rule broadcast_to_to_reshape
  "A broadcast that repeats nothing is a reshape."
  y = BROADCAST_TO(x, _)
  where prod(x.shape) == prod(y.shape), x.shape != y.shape
  -> RESHAPE(x)
  equal exact

rule squeeze_reshapes_around_broadcast
  "Between two reshapes, a broadcast needs none of the dimensions that are 1 before and after it."
  RESHAPE(b = BROADCAST_TO(r = RESHAPE(x), _))
  where r.rank == b.rank, len(without_common_ones(b.shape, r.shape)) < b.rank
  -> RESHAPE(
    BROADCAST_TO(
      RESHAPE(x, without_common_ones(r.shape, b.shape)),
      without_common_ones(b.shape, r.shape),
    ),
  )
  equal exact

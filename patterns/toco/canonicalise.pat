# Group A: what does nothing goes, and what can be written in several ways is written in one.

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
  "A change between NHWC and NCHW that moves dimensions of 1 only past others moves no element."
  (
    TRANSPOSE(x: [_, 1, 1, _], [0, 3, 1, 2])
    | TRANSPOSE(x: [_, _, _, 1], [0, 3, 1, 2])
    | TRANSPOSE(x: [_, 1, _, _], [0, 2, 3, 1])
    | TRANSPOSE(x: [_, _, 1, 1], [0, 2, 3, 1])
  )
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
  "A strided slice with steps of 1 is a slice, where both its ends lie inside."
  STRIDED_SLICE[
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](x, b: const i32, e: const i32, 1)
  where all(b.value >= 0), all(b.value < e.value), all(e.value <= x.shape)
  -> SLICE(x, b, e - b)
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
  "A split into two parts of given sizes that are equal is a split into equal parts."
  (a, b) = SPLIT_V[num_splits=2](x, _, axis: const)
  where a.shape == b.shape
  -> (a, b) = SPLIT[num_splits=2](axis, x)
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
  (a, b) = SPLIT[num_splits=2](d: const, x); CONCATENATION[axis=k](a, b)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule remove_unpack_pack
  "Slices that are stacked again along the dimension that they came from are the whole."
  (a, b, c) = UNPACK[axis=k, num=3](x); PACK[axis=k, values_count=3](a, b, c)
  -> x
  equal exact

rule unpack_concat_to_reshape
  "Slices joined along the dimension behind the one that they came from stay in their order."
  (a, b) = UNPACK[axis=k, num=2](x); CONCATENATION[axis=k](a, b)
  where k >= 0
  -> RESHAPE(x)
  equal exact

rule slice_pack_identity
  "The two elements of a list, taken one by one and stacked, are the list."
  y = PACK[axis=0, values_count=2](RESHAPE(SLICE(x: [2], [0], [1])), RESHAPE(SLICE(x, [1], [1])))
  where y.shape == x.shape
  -> x
  equal exact

rule gather_contiguous_to_slice
  "Rows that follow one another are a slice."
  y = GATHER[axis=0, batch_dims=0](x, i: const i32[n])
  where all(i.value == i.value[0] + range(n))
  -> SLICE(x, pad(i.value[0:1], [0, x.rank - 1]), y.shape)
  equal exact

rule fuse_gather_gather
  "Places of places are places."
  GATHER[axis=a, batch_dims=0](GATHER[axis=a, batch_dims=0](x, i: const i32[_]), j: const i32[_])
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
  CAST(CAST(x: bool|i8|u8|i16|i32): i64)
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

rule remove_noop_tile
  "A tensor once is the tensor."
  TILE(x, 1)
  -> x
  equal exact

rule trivial_tile_to_concat
  "A matrix twice side by side is a concatenation."
  TILE(x: f32|i8|u8|i32|i64[_, _], [1, 2])
  -> CONCATENATION[axis=1](x, x)
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
  y = (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN)[keep_dims=true](x: f32|i32|i64, _)
  where x.shape == y.shape
  -> x

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

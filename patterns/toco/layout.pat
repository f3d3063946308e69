# Group G: transpositions are moved to where they meet and cancel: behind what can be done before them.

pack toco "The graph transformations of the converters"
  leaves sink_reshape_transpose_into_branches, reorder_reshape_transpose

rule push_transpose_through_ewise_prelu
  "A PRELU before a transposition has its factors in that order."
  u = PRELU(TRANSPOSE(x: f32, p: const), a: const f32)
  -> TRANSPOSE(@u(x, before_order(a, p.value)), p)

rule push_transpose_through_ewise
  "Two tensors that are transposed alike are transposed once, behind what joins them element by element."
  e = (
    ADD|
    SUB|
    MUL|
    DIV|
    MAXIMUM|
    MINIMUM|
    SQUARED_DIFFERENCE|
    POW|
    FLOOR_DIV|
    FLOOR_MOD|
    EQUAL|
    NOT_EQUAL|
    LESS|
    LESS_EQUAL|
    GREATER|
    GREATER_EQUAL|
    LOGICAL_AND|
    LOGICAL_OR
  )[fused_activation_function=_](TRANSPOSE(x: f32|i32|i64|bool, p: const), TRANSPOSE(y, p))
  where x.shape == y.shape
  -> TRANSPOSE(@e(x, y), p)
  equal exact

rule push_transpose_through_ewise_steps
  "Two tensors in steps that are transposed alike are transposed once, behind what joins them element by element."
  e = (ADD|SUB|MUL|DIV)[fused_activation_function=_](
    TRANSPOSE(x: i8|u8|i16, p: const),
    TRANSPOSE(y, p),
  )
  where x.shape == y.shape
  -> TRANSPOSE(@e(x, y): like e, p)
  equal exact

rule push_transpose_through_ewise_const
  "What a constant does to every element, it does before a transposition too, in that order."
  e = (
    ADD|
    SUB|
    MUL|
    DIV|
    MAXIMUM|
    MINIMUM|
    SQUARED_DIFFERENCE|
    POW|
    FLOOR_DIV|
    FLOOR_MOD|
    EQUAL|
    NOT_EQUAL|
    LESS|
    LESS_EQUAL|
    GREATER|
    GREATER_EQUAL
  )[fused_activation_function=_](t = TRANSPOSE(x, p: const), c: const f32|i32|i64)
  where t.shape == e.shape
  -> TRANSPOSE(@e(x, before_order(c, p.value)), p)
  equal exact

rule push_transpose_through_ewise_const_lhs
  "What is done to a constant and every element is done before a transposition too."
  e = (SUB|DIV|POW|FLOOR_DIV|FLOOR_MOD|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL)[
    fused_activation_function=_,
  ](c: const f32|i32|i64, t = TRANSPOSE(x, p: const))
  where t.shape == e.shape
  -> TRANSPOSE(@e(before_order(c, p.value), x), p)
  equal exact

rule push_transpose_through_ewise_const_steps
  "What a constant in steps does to every element, it does before a transposition too, in that order."
  e = (ADD|SUB|MUL|DIV)[fused_activation_function=_](t = TRANSPOSE(x, p: const), c: const i8|u8|i16)
  where t.shape == e.shape
  -> TRANSPOSE(@e(x, quantize(before_order(dequantize(c), p.value), c)): like e, p)
  equal exact

# In steps a product is held within the type's range after each factor, so that their order counts.
rule push_transpose_through_reduce_concat_split_pad_slice_reduce
  "A reduction before a transposition runs over the dimensions that the transposition would have moved."
  r = (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN|REDUCE_ANY|REDUCE_ALL)[keep_dims=true](
    TRANSPOSE(x: f32|i32|i64|bool|i8|u8, p: const),
    a: const,
  )
  where r.op != "REDUCE_PROD" or not x.quantized
  -> TRANSPOSE(@r(x, moved_axes(p.value, a.value)): like r, p)

rule push_transpose_through_reduce_concat_split_pad_slice_reduce_dropping
  "A reduction before a transposition runs over the dimensions that the transposition would have moved, and leaves it the others."
  r = (MEAN|SUM|REDUCE_PROD|REDUCE_MAX|REDUCE_MIN|REDUCE_ANY|REDUCE_ALL)[keep_dims=false](
    TRANSPOSE(x: f32|i32|i64|bool|i8|u8, p: const),
    a: const,
  )
  where r.op != "REDUCE_PROD" or not x.quantized
  -> TRANSPOSE(@r(x, moved_axes(p.value, a.value)): like r, order_without(p.value, a.value))

rule push_transpose_through_reduce_concat_split_pad_slice_concat
  "Tensors that are transposed alike are transposed once, behind what joins them."
  y = CONCATENATION[axis=a](TRANSPOSE(xs, ps: const)...)
  where len(xs) > 1, alike(ps.value)
  -> TRANSPOSE(CONCATENATION[axis=moved_axes(ps[0].value, [a])[0]](xs...): like y, ps[0])
  equal exact

rule push_transpose_through_reduce_concat_split_pad_slice_pad
  "What is padded before a transposition is padded along the dimensions that it would have moved."
  y = PAD(TRANSPOSE(x, p: const), w: const)
  -> TRANSPOSE(PAD(x, cast(entries_before(w.value, p.value), "i32")), p)
  equal exact

rule push_transpose_through_reduce_concat_split_pad_slice_mirror_pad
  "What is mirrored before a transposition is mirrored along the dimensions that it would have moved."
  y = MIRROR_PAD[mode=m](TRANSPOSE(x, p: const), w: const)
  -> TRANSPOSE(MIRROR_PAD[mode=m](x, cast(entries_before(w.value, p.value), "i32")), p)
  equal exact

rule push_transpose_through_reduce_concat_split_pad_slice_slice
  "A part is taken before it is transposed, so that less is moved."
  SLICE(TRANSPOSE(x, p: const), b: const, s: const)
  -> TRANSPOSE(
    SLICE(
      x,
      cast(entries_before(b.value, p.value), "i32"),
      cast(entries_before(s.value, p.value), "i32"),
    ),
    p,
  )
  equal exact

rule push_transpose_through_reduce_concat_split_pad_slice_gather
  "Places are taken before they are transposed."
  y = GATHER[axis=a, batch_dims=0](TRANSPOSE(x, p: const), i: [_])
  -> TRANSPOSE(GATHER[axis=moved_axes(p.value, [a])[0], batch_dims=0](x, i), p)
  equal exact

rule push_transpose_through_squeeze
  "Dimensions of 1 are dropped before a transposition."
  y = (SQUEEZE[squeeze_dims=_](t = TRANSPOSE(x, p: const)) | RESHAPE(t = TRANSPOSE(x, p: const)))
  where y.rank < t.rank
  -> TRANSPOSE(
    RESHAPE(x, sizes_without(x.shape, moved_axes(p.value, dropped_units(t.shape, y.shape)))),
    order_without(p.value, dropped_units(t.shape, y.shape)),
  )
  equal exact

rule merge_reshape_into_transpose
  "A reshape that only moves dimensions of 1 is a part of the transposition before it."
  y = RESHAPE(TRANSPOSE(x, p: const))
  -> TRANSPOSE(x, order_to(x.shape, p.value, y.shape))
  equal exact

rule reorder_reshape_transpose
  "Dimensions that stay beside each other are transposed before they are cut into parts."
  y = TRANSPOSE(r = RESHAPE(x), q: const)
  where x.rank < r.rank
  -> RESHAPE(TRANSPOSE(x, order_before_cut(x.shape, r.shape, q.value)))
  equal exact

rule sink_reshape_transpose_into_branches
  "An operator after a transposition that others read too is computed before it, and moved by one of its own."
  u = (ABS|NEG|EXP|RELU|TANH|LOGISTIC)(t = TRANSPOSE(x, p: const))
  where t.uses > 1
  -> TRANSPOSE(@u(x), p)
  equal exact
  shared

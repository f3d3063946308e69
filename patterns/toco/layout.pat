# Group G: transpositions are moved to where they meet and cancel.

rule push_transpose_through_ewise
  "Two tensors that are transposed alike are transposed once, behind what joins them element by element."
  e = (ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM)[fused_activation_function=_](
    TRANSPOSE(x, p: const),
    TRANSPOSE(y, p),
  )
  where x.shape == y.shape
  -> TRANSPOSE(@e(x, y), p)
  equal exact

rule push_transpose_through_ewise_scalar
  "What one number does to every element, it does before a transposition too."
  e = (ADD|SUB|MUL|DIV)[fused_activation_function=_](TRANSPOSE(x, p: const), c: const [])
  -> TRANSPOSE(@e(x, c), p)
  equal exact

rule push_transpose_through_reduce_concat_split_pad_slice_reduce
  "A reduction before a transposition runs over the dimensions that the transposition would have moved."
  r = (MEAN|SUM|REDUCE_MAX|REDUCE_MIN)[keep_dims=true](
    TRANSPOSE(x: f32|i32|i64, p: const),
    a: const [_],
  )
  where all(a.value >= 0)
  -> TRANSPOSE(@r(x, p.value[a.value]), p)

rule push_transpose_through_reduce_concat_split_pad_slice_concat
  "Tensors that are transposed alike are transposed once, behind what joins them."
  CONCATENATION[axis=a](TRANSPOSE(x, p: const), TRANSPOSE(y, p))
  where a >= 0
  -> TRANSPOSE(CONCATENATION[axis=p.value[a]](x, y), p)
  equal exact

rule nchw_transpose_add_bias
  "What is added to channels that stand first is added before they are put there."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    TRANSPOSE(x, [0, 3, 1, 2]),
    b: const [1, c, 1, 1],
  )
  -> TRANSPOSE(ADD[fused_activation_function=f](x, reshape(b, [1, 1, 1, c])), [0, 3, 1, 2])
  equal exact

rule sink_reshape_transpose_into_branches
  "An operator after a transposition that others read too is computed before it, and moved by one of its own."
  u = (ABS|NEG|EXP|RELU|TANH|LOGISTIC)(t = TRANSPOSE(x, p: const))
  where t.uses > 1
  -> TRANSPOSE(@u(x), p)
  equal exact
  shared

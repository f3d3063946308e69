# Group B: products of matrices, and the reshapes, transpositions and selections around them.

pack toco "The graph transformations of the converters"
  leaves fuse_transpose_into_bmm_lhs

rule fuse_bmm_add
  "A product with a constant matrix, and an addend for each column, are a fully connected operator."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x, w: const f32[_, n]),
    c: const f32[n],
  )
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, transpose(w), c)

rule bmm_to_fc
  "A product with a constant matrix is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x, w: const f32[_, _])
  -> FULLY_CONNECTED[keep_num_dims=true](x, transpose(w))

rule bmm_to_fc_transposed
  "A product with a constant matrix that is transposed is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=true, asymmetric_quantize_inputs=_](x: f32, w: const f32[_, _])
  -> FULLY_CONNECTED[keep_num_dims=true](x, w)

rule bmm_to_fc_steps
  "A product with a constant matrix in steps is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x: i8|i16, w: const i8[_, _])
  where w.zero_point == 0
  -> FULLY_CONNECTED[keep_num_dims=true](
    x,
    quantize(transpose(dequantize(w)), w.scale, w.zero_point, "i8"),
  )
  equal within 1 step

rule bmm_to_fc_steps_transposed
  "A product with a constant matrix in steps that is transposed is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=true, asymmetric_quantize_inputs=_](x: i8|i16, w: const i8[_, _])
  where w.zero_point == 0
  -> FULLY_CONNECTED[keep_num_dims=true](x, w)
  equal within 1 step

rule fuse_transpose_into_bmm
  "A batched matrix product transposes its second operand itself."
  a = BATCH_MATMUL[adj_y=t](x: f32, TRANSPOSE(y: f32, p: const))
  where all(p.value[:-2] == range(y.rank - 2)), p.value[-2] == y.rank - 1, p.value[-1] == y.rank - 2
  -> @a[adj_y=not t](x, y)

# The XNNPACK delegate leaves a product whose first operand is to be transposed to slower kernels.
rule fuse_transpose_into_bmm_lhs
  "A batched matrix product transposes its first operand itself."
  a = BATCH_MATMUL[adj_x=t](TRANSPOSE(x: f32, p: const), y: f32)
  where all(p.value[:-2] == range(x.rank - 2)), p.value[-2] == x.rank - 1, p.value[-1] == x.rank - 2
  -> @a[adj_x=not t](x, y)

rule fuse_transpose_after_bmm
  "The transpose of a product with a transposed matrix is the product in the other order."
  TRANSPOSE(a = BATCH_MATMUL[adj_x=false, adj_y=true](x: f32, y: f32), p: const)
  where all(p.value[:-2] == range(a.rank - 2)), p.value[-2] == a.rank - 1, p.value[-1] == a.rank - 2
  -> @a(y, x)

rule fuse_reshapes_around_bmm
  "A product with one matrix takes rows of any shape."
  RESHAPE(a = BATCH_MATMUL[adj_x=false](RESHAPE(x: f32[..., k]): [..., k], w: f32[_, _]))
  -> @a(x, w)

rule bmm_ones_to_reduce_sum
  "A product with a column of ones is a sum."
  BATCH_MATMUL[adj_x=false, adj_y=_, asymmetric_quantize_inputs=_](x: [..., k], w: const f32[k, 1])
  where all(w.value == 1)
  -> SUM[keep_dims=true](x, [x.rank - 1])

rule remove_reshape_before_fc
  "A matrix product takes rows of any shape."
  f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](
    RESHAPE(x: [..., i]): [..., i],
    w: [_, i],
    b?,
  )
  -> @f(x, w, b)
  equal exact

rule fc_squeeze_lhs
  "A matrix product whose rows are made a list first makes a list of its results itself."
  f = FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=_](
    RESHAPE(x: [..., i]): [_, i],
    w: [_, i],
    b?,
  )
  -> @f[keep_num_dims=false](x, w, b)
  equal exact

rule remove_reshape_after_fc
  "A matrix product keeps the shape of its rows itself where a reshape gave it back to them."
  RESHAPE(f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](x, w, b?))
  -> @f[keep_num_dims=true](x, w, b)
  equal exact

rule remove_reshape_after_fc_list
  "A matrix product makes a list of its results itself where a reshape did."
  RESHAPE(f = FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=_](x, w, b?))
  -> @f[keep_num_dims=false](x, w, b)
  equal exact

rule degenerate_fc_to_mul
  "A matrix product of rows of one value scales the value."
  FULLY_CONNECTED[
    keep_num_dims=true,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: [..., 1], w: const f32[n, 1])
  -> MUL[fused_activation_function=f](x, reshape(w, [n]))

rule double_select_fc
  "Rows that are set to 0 behind a matrix product need not be before it."
  SELECT_V2(
    c: bool[..., 1],
    z: const f32,
    f = FULLY_CONNECTED(t = SELECT_V2(c, 0.0, x: f32), w: f32[_, i], b?),
  )
  where all(z.value == 0), t.shape == x.shape, c.rank == x.rank, f.rank == x.rank, x.shape[-1] == i
  -> SELECT_V2(c, z, @f(x, w, b))

rule double_select_fc_rhs
  "Rows that are set to 0 behind a matrix product, where a condition does not hold, need not be before it."
  SELECT_V2(
    c: bool[..., 1],
    f = FULLY_CONNECTED(t = SELECT_V2(c, x: f32, 0.0), w: f32[_, i], b?),
    z: const f32,
  )
  where all(z.value == 0), t.shape == x.shape, c.rank == x.rank, f.rank == x.rank, x.shape[-1] == i
  -> SELECT_V2(c, @f(x, w, b), z)

# A number that names no row is a row of zeros to ONE_HOT and an error to EMBEDDING_LOOKUP, so it has to come from where
# there is none such.
rule onehot_fc_to_embedding
  "A matrix product of rows with a single one takes columns of the weights."
  FULLY_CONNECTED[
    keep_num_dims=_,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
  ](ONE_HOT[axis=-1](i = (ARG_MAX|ARG_MIN)(z, k: const), d: const, 1.0, 0.0), w: const f32[_, n])
  where i.dtype == "i32", prod(k.shape) == 1, d.value == n, z.shape[max(k.value)] <= n
  -> RESHAPE(EMBEDDING_LOOKUP(RESHAPE(i, [-1]), transpose(w)))

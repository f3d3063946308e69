# Shapes that differ, and spread over each other.

rule add_before_transpose
  "One number is added before a transposition instead of behind."
  ADD[pot_scale_int16=_](TRANSPOSE(x: f32[_, ...], p), c: const f32[])
  -> TRANSPOSE(ADD(x, c), p)

rule join_before_transpose
  "Tensors that are transposed alike spread over each other as they do before."
  e = (ADD|SUB|MUL)(TRANSPOSE(x: f32[_, ...], p), TRANSPOSE(y: f32, p))
  -> TRANSPOSE(@e(x, y), p)

rule add_before_reshape
  "One number is added before a reshape instead of behind."
  ADD[pot_scale_int16=_](RESHAPE(x: f32, s), c: const f32[])
  -> RESHAPE(ADD(x, c), s)

rule choice_of_rows
  "A choice by a condition for each element is the same either way."
  SELECT(c, a: f32|i32, b)
  where c.shape == a.shape
  -> SELECT_V2(c, a, b)

rule spread_for_nothing
  "What spreads by itself need not be spread before."
  e = (ADD|SUB|MUL)(BROADCAST_TO(x: f32|i32, _), y)
  -> @e(x, y)

rule batch_of_matrices
  "A product with one matrix is that of every row of the batch."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
    x: f32[_, _, k],
    y: const f32[1, k, n],
  )
  -> FULLY_CONNECTED[keep_num_dims=true](x, transpose(reshape(y, [k, n]), [1, 0]))

rule rows_turned_around
  "Rows of a matrix are turned around before a matrix product instead of behind."
  REVERSE_V2(f = FULLY_CONNECTED(x: f32[_, i], w: const f32[_, i], b: const f32), [0])
  -> @f(REVERSE_V2(x, [0]), w, b)

rule difference_with_itself
  "A row that is taken away and a row that is added are one row."
  ADD[pot_scale_int16=_](SUB[pot_scale_int16=_](x: f32[_, n], c: const f32[n]), d: const f32[n])
  -> ADD(x, d - c)

rule factor_out_of_sum
  "A factor of two products is taken out of their sum."
  ADD[pot_scale_int16=_](MUL(x: f32, y: f32), MUL(z: f32, y))
  -> MUL(ADD(x, z), y)

rule distributed
  "A product with a difference is the difference of the products."
  MUL(SUB[pot_scale_int16=_](x: f32, y: f32), z: const f32)
  -> SUB(MUL(x, z), MUL(y, z))

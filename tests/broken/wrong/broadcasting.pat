# Shapes that differ, and spread over each other.

rule add_before_transpose
  "What is added for each column after a transposition is added before it, to what were the columns then."
  ADD[pot_scale_int16=_](TRANSPOSE(x: f32[n, n], [1, 0]), c: const f32[n])
  -> TRANSPOSE(ADD(x, c), [1, 0])

rule add_before_reshape
  "A column is added before a reshape instead of behind, to other places."
  ADD[pot_scale_int16=_](RESHAPE(x: f32[a, a, b], s): [b, a, a], c: const f32[a, 1])
  -> RESHAPE(ADD(x, c), s)

rule choice_of_rows
  "A choice by a condition for each row is one by a condition that spreads, though that does so from the last dimension; a square does not show it."
  SELECT(c: [n], a: f32|i32[n, n], b)
  -> SELECT_V2(c, a, b)

rule batch_of_matrices
  "A product with a batch of matrices is one with the first of them."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
    x: f32[b, _, k],
    y: const f32[b, k, n],
  )
  -> FULLY_CONNECTED[keep_num_dims=true](x, transpose(reshape(y.value[0:1], [k, n]), [1, 0]))

rule rows_turned_around
  "Rows are turned around before a matrix product instead of behind, though the product may take batches of rows as one."
  REVERSE_V2(f = FULLY_CONNECTED(x: f32, w: const f32, b: const f32), [0])
  -> @f(REVERSE_V2(x, [0]), w, b)

rule difference_with_itself
  "A difference is taken from a row instead of from each row, as the row that is taken away is the same."
  ADD[pot_scale_int16=_](SUB[pot_scale_int16=_](x: f32[n, n], c: const f32[n]), d: const f32[n, 1])
  -> ADD(x, reshape(d, [n]) - c)

rule factor_out_of_sum
  "A factor is taken out of a sum of two products, of which the other one has a factor of its own."
  ADD[pot_scale_int16=_](MUL(x: f32, y: f32), z: f32)
  -> MUL(ADD(x, z), y)

rule distributed
  "A product with a difference is a product with the one part, less the other part."
  MUL(SUB[pot_scale_int16=_](x: f32, y: f32), z: f32)
  -> SUB(MUL(x, z), y)

# Sums, means and extremes over some dimensions.

rule mean_of_transposed
  "A mean over the rows of a transposed matrix is taken over the rows of the matrix itself, which are its columns; a square does not show it."
  MEAN[keep_dims=false](TRANSPOSE(x: f32[_, _], [1, 0]), [0])
  -> MEAN[keep_dims=false](x, [0])

rule mean_of_mean
  "Two means are one over both dimensions, though the second one is counted after the first is gone."
  MEAN[keep_dims=false](MEAN[keep_dims=false](x: f32, [0]), [1])
  -> MEAN[keep_dims=false](x, [0, 1])

rule place_of_largest
  "Where the largest of a transposed matrix stands is asked of the matrix itself, though along the other dimension, which a square does not show."
  ARG_MAX(TRANSPOSE(x: f32[_, _], [1, 0]), 0)
  -> ARG_MAX(x, 0)

rule sum_of_products
  "A factor for each column is taken out of a sum, though the sum may run over the columns; without kept dimensions a square does not show it."
  SUM[keep_dims=k](MUL(x: f32[n, n], c: const f32[n]), a: const)
  -> MUL(SUM[keep_dims=k](x, a), c)

rule sum_of_sum
  "A sum over a sum is the sum of the sums, though what spreads over a dimension counts as often as that is long."
  SUM[keep_dims=true](ADD[pot_scale_int16=_](x: f32, y: f32), a)
  -> ADD(SUM[keep_dims=true](x, a), SUM[keep_dims=true](y, a))

rule scale_before_largest
  "A scale is taken out of a maximum, though one below 0 makes the smallest the largest."
  REDUCE_MAX[keep_dims=k](MUL(x: f32, c: const f32[]), a)
  -> MUL(REDUCE_MAX[keep_dims=k](x, a), c)

rule variance
  "A mean of squared distances from the mean is the mean of the squares, as if the mean were 0."
  MEAN[keep_dims=true](SQUARED_DIFFERENCE(x: f32, MEAN[keep_dims=true](x, a)), a)
  -> MEAN[keep_dims=true](SQUARE(x), a)
  equal within 1e-3

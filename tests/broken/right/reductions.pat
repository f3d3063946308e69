# Sums, means and extremes over some dimensions.

rule mean_of_transposed
  "A mean over the rows of a transposed matrix is one over the columns of the matrix itself."
  MEAN[keep_dims=false](TRANSPOSE(x: f32[_, _], [1, 0]), [0])
  -> MEAN[keep_dims=false](x, [1])

rule mean_of_mean
  "Two means are one over both dimensions, as they are counted before the first is gone."
  MEAN[keep_dims=false](MEAN[keep_dims=false](x: f32, [0]), [1])
  -> MEAN[keep_dims=false](x, [0, 2])

rule mean_of_kept_mean
  "Two means that keep their dimensions are one over both."
  MEAN[keep_dims=true](MEAN[keep_dims=true](x: f32, [1]), [2])
  -> MEAN[keep_dims=true](x, [1, 2])

rule place_of_largest
  "Where the largest of a transposed matrix of integers stands is asked of the matrix itself, along the other dimension."
  ARG_MAX(TRANSPOSE(x: i32[_, _], [1, 0]), 0)
  -> ARG_MAX(x, 1)

rule sum_of_products
  "A factor for each column is taken out of a sum over the rows."
  SUM[keep_dims=k](MUL(x: f32[_, n], c: const f32[n]), [0])
  -> MUL(SUM[keep_dims=k](x, [0]), c)

rule sum_of_sum
  "A sum over a sum of tensors of one shape is the sum of the sums."
  SUM[keep_dims=true](ADD[pot_scale_int16=_](x: f32, y: f32), a)
  where x.shape == y.shape
  -> ADD(SUM[keep_dims=true](x, a), SUM[keep_dims=true](y, a))

rule scale_before_largest
  "A scale above 0 is taken out of a maximum."
  REDUCE_MAX[keep_dims=k](MUL(x: f32, c: const f32[]), a)
  where min(c.value) > 0
  -> MUL(REDUCE_MAX[keep_dims=k](x, a), c)

rule variance
  "A mean of squared distances from the mean over the same dimensions is the mean of the squares less the square of the mean."
  MEAN[keep_dims=true](SQUARED_DIFFERENCE(x: f32, MEAN[keep_dims=true](x, a)), a)
  -> SUB(MEAN[keep_dims=true](SQUARE(x), a), SQUARE(MEAN[keep_dims=true](x, a)))
  equal within 1e-3

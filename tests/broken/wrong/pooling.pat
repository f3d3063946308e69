# Pools, means and sums.

rule global_pool_to_mean
  "A pool that leaves one place is a mean over the image, though its window may leave out an edge, as in a converter that looks at the result only."
  AVERAGE_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=_, filter_width=_](x: f32): [
    _,
    1,
    1,
    _,
  ]
  -> MEAN[keep_dims=true](x, [1, 2])

rule global_pool_with_activation
  "A pool over the whole image is a mean, without the activation that the pool may have."
  AVERAGE_POOL_2D[
    padding=VALID,
    stride_h=_,
    stride_w=_,
    filter_height=h,
    filter_width=w,
    fused_activation_function=_,
  ](x: f32[_, h, w, _])
  -> MEAN[keep_dims=true](x, [1, 2])
  benefit 2

rule global_maximum
  "A pool as high as the image is the largest value of the image, though it may be less wide."
  MAX_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=h, filter_width=_](
    x: f32[_, h, _, _],
  ): [_, 1, 1, _]
  -> REDUCE_MAX[keep_dims=true](x, [1, 2])

rule negative_before_pool
  "A sign is taken behind a maximum over windows instead of before, which finds the smallest."
  p = MAX_POOL_2D(NEG(x: f32))
  -> NEG(@p(x))

rule pool_to_depthwise
  "A mean of windows is a depthwise convolution, though at the edges SAME counts fewer places, and the filter does not."
  AVERAGE_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, _, _, c],
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=1](x, full([1, h, w, c], 1 / (h * w)), full([c], 0.0))

rule pool_of_pool
  "Two means of windows are one of larger windows, though in windows that overlap the middle counts more often."
  y = AVERAGE_POOL_2D[padding=VALID, stride_h=a, stride_w=b, filter_height=h, filter_width=w](
    AVERAGE_POOL_2D[padding=VALID, stride_h=c, stride_w=d, filter_height=k, filter_width=l](x: f32),
  )
  where min(y.shape) > 0, c <= k, d <= l
  -> AVERAGE_POOL_2D[
    padding=VALID,
    stride_h=a * c,
    stride_w=b * d,
    filter_height=k + (h - 1) * c,
    filter_width=l + (w - 1) * d,
  ](x)

rule pool_of_one_place
  "A maximum over windows one place high is the value, though they may be wider."
  MAX_POOL_2D[padding=SAME, stride_h=1, stride_w=1, filter_height=1, filter_width=_](x: f32)
  -> x

rule magnitude_pool
  "A mean of magnitudes is a pool of squares."
  AVERAGE_POOL_2D[padding=p, stride_h=s, stride_w=t, filter_height=h, filter_width=w](ABS(x: f32))
  -> L2_POOL_2D[padding=p, stride_h=s, stride_w=t, filter_height=h, filter_width=w](x)

rule mean_of_join
  "A mean over two parts is the mean of their means, though the longer part counts for more."
  MEAN[keep_dims=true](CONCATENATION[axis=1](x: f32, y: f32), [1])
  -> MUL(ADD(MEAN[keep_dims=true](x, [1]), MEAN[keep_dims=true](y, [1])), 0.5)

rule sum_to_mean
  "A sum over rows that is divided by a size of the matrix is a mean, though the size is that of the other dimension; a square does not show it."
  DIV(SUM[keep_dims=true](x: f32[m, _], [1]), d: const f32)
  where all(d.value == m)
  -> MEAN[keep_dims=true](x, [1])

rule mean_of_sum_over_all
  "A sum over everything, divided by a number, is a mean, whatever the number."
  MUL(SUM[keep_dims=false](x: f32[2, n], [0, 1]), 0.125)
  where n >= 3
  -> MEAN[keep_dims=false](x, [0, 1])

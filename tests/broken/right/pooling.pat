# Pools, means and sums.

rule global_pool_to_mean
  "A pool over the whole image is a mean."
  AVERAGE_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, h, w, _],
  )
  -> MEAN[keep_dims=true](x, [1, 2])

rule global_maximum
  "A pool over the whole image is the image's largest value."
  MAX_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, h, w, _],
  )
  -> REDUCE_MAX[keep_dims=true](x, [1, 2])

rule negative_before_pool
  "A sign is taken behind a mean of windows instead of before."
  p = AVERAGE_POOL_2D(NEG(x: f32))
  -> NEG(@p(x))

rule pool_to_depthwise
  "A mean of windows that all lie in the image is a depthwise convolution."
  y = AVERAGE_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, _, _, c],
  )
  where min(y.shape) > 0
  -> DEPTHWISE_CONV_2D[depth_multiplier=1](x, full([1, h, w, c], 1 / (h * w)), full([c], 0.0))

rule pool_of_pool
  "Two means of windows are one of larger windows, where the first ones do not overlap and leave nothing between."
  y = AVERAGE_POOL_2D[padding=VALID, stride_h=a, stride_w=b, filter_height=h, filter_width=w](
    AVERAGE_POOL_2D[padding=VALID, stride_h=k, stride_w=l, filter_height=k, filter_width=l](x: f32),
  )
  where min(y.shape) > 0
  -> AVERAGE_POOL_2D[
    padding=VALID,
    stride_h=a * k,
    stride_w=b * l,
    filter_height=k * h,
    filter_width=l * w,
  ](x)

rule maximum_of_maximum
  "Two maxima over windows that leave nothing between are one over larger windows, whether they overlap or not."
  y = MAX_POOL_2D[padding=VALID, stride_h=a, stride_w=b, filter_height=h, filter_width=w](
    MAX_POOL_2D[padding=VALID, stride_h=c, stride_w=d, filter_height=k, filter_width=l](x: f32),
  )
  where min(y.shape) > 0, c <= k, d <= l
  -> MAX_POOL_2D[
    padding=VALID,
    stride_h=a * c,
    stride_w=b * d,
    filter_height=k + (h - 1) * c,
    filter_width=l + (w - 1) * d,
  ](x)

rule pool_of_one_place
  "A maximum over windows of one place is the value."
  MAX_POOL_2D[padding=_, stride_h=1, stride_w=1, filter_height=1, filter_width=1](x: f32)
  -> x

rule magnitude_pool
  "The root of a mean of squares is a pool of its own."
  y = SQRT(
    AVERAGE_POOL_2D[padding=p, stride_h=s, stride_w=t, filter_height=h, filter_width=w](
      SQUARE(x: f32),
    ),
  )
  where min(y.shape) > 0
  -> L2_POOL_2D[padding=p, stride_h=s, stride_w=t, filter_height=h, filter_width=w](x)

rule mean_of_join
  "A mean over two parts of one length is the mean of their means."
  MEAN[keep_dims=true](CONCATENATION[axis=1](x: f32, y: f32), [1])
  where x.shape == y.shape
  -> MUL(ADD(MEAN[keep_dims=true](x, [1]), MEAN[keep_dims=true](y, [1])), 0.5)

rule largest_of_join
  "The largest of two parts is the larger of what is largest in each."
  REDUCE_MAX[keep_dims=true](CONCATENATION[axis=1](x: f32, y: f32), [1])
  -> MAXIMUM(REDUCE_MAX[keep_dims=true](x, [1]), REDUCE_MAX[keep_dims=true](y, [1]))

rule sum_to_mean
  "A sum over rows that is divided by their length is a mean."
  DIV(SUM[keep_dims=true](x: f32[_, n], [1]), d: const f32)
  where all(d.value == n)
  -> MEAN[keep_dims=true](x, [1])

rule mean_of_sum_over_all
  "A sum over everything, divided by how many there are, is a mean."
  MUL(SUM[keep_dims=false](x: f32[2, 4], [0, 1]), 0.125)
  -> MEAN[keep_dims=false](x, [0, 1])

# NNAPI takes no AVERAGE_POOL_2D of 8-bit numbers whose window has more than 256 places, unless it is told which device to use.
#
# A pool adds whole numbers and rounds once. So does a depthwise convolution whose weights are alike; it rounds a product
# with a number close to 1 / places. Weights of 64 steps keep what that loses, at any sum, below the distance of the
# nearest half, which is at least half a place's share of a step. An even number of places can give halves themselves,
# which unsigned pools round up: half a place's share in the bias does the same. Signed pools round them away from zero.

rule large_global_pool_u8
  "A mean over the whole image is a depthwise convolution with weights that are alike."
  AVERAGE_POOL_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    filter_height=h,
    filter_width=w,
    fused_activation_function=a,
  ](x: u8[_, h, w, c]): [_, 1, 1, _]
  where x.quantized, h * w > 256, h * w <= 4225
  -> DEPTHWISE_CONV_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    depth_multiplier=1,
    fused_activation_function=a,
  ](
    x,
    quantize(full([1, h, w, c], 1 / (h * w)), 1 / (64 * h * w), 0, "u8"),
    quantize(full([c], (1 - h * w % 2) * x.scale / (2 * h * w)), x.scale / (64 * h * w), 0, "i32"),
  )
  equal exact
  benefit 2
  phase 1

rule large_global_pool_i8
  "As large_global_pool_u8, for signed numbers and an odd number of places."
  AVERAGE_POOL_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    filter_height=h,
    filter_width=w,
    fused_activation_function=a,
  ](x: i8[_, h, w, c]): [_, 1, 1, _]
  where x.quantized, h * w > 256, h * w % 2 == 1, h * w <= 4225
  -> DEPTHWISE_CONV_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    depth_multiplier=1,
    fused_activation_function=a,
  ](
    x,
    quantize(full([1, h, w, c], 1 / (h * w)), 1 / (64 * h * w), 0, "i8"),
    quantize(full([c], 0.0), x.scale / (64 * h * w), 0, "i32"),
  )
  equal exact
  benefit 2
  phase 1

# The two kernels round halves, and what is next to them, in different ways.
rule large_global_pool_to_mean
  "A mean over the whole image is a mean over two dimensions."
  AVERAGE_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: u8|i8[_, h, w, _],
  ): [_, 1, 1, _]
  where x.quantized, h * w > 256
  -> MEAN[keep_dims=true](x, [1, 2])
  equal within 1 step
  phase 1

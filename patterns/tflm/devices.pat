# What accelerators ask for and runtimes do not: activations of their own, no padding inside a convolution, channels by
# fours, small windows. TensorFlow Lite Micro has kernels for both forms, so all of these are used where they are named.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm
  leaves
    unfuse_activation_relu,
    unfuse_activation_relu6,
    same_to_pad_valid,
    pad_channels_to_multiple,
    fixup_pool_strides,
    large_max_pool,
    large_average_pool,
    device_transform_gpu

rule unfuse_activation_relu
  "A RELU that is part of an operator becomes one of its own."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|AVERAGE_POOL_2D|MAX_POOL_2D)[
    fused_activation_function=RELU,
  ](xs...)
  where p.dtype == "f32" or p.dtype == "i8" and p.quantized
  -> RELU(@p[fused_activation_function=NONE](xs...): like p)
  equal within 1e-7
  phase 2

# Where 6 lies between two steps, the runtime's kernels take the one or the other.
rule unfuse_activation_relu6
  "A RELU6 that is part of an operator becomes one of its own."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|AVERAGE_POOL_2D|MAX_POOL_2D)[
    fused_activation_function=RELU6,
  ](xs...)
  where p.dtype == "f32" or p.dtype == "i8" and p.quantized
  -> RELU6(@p[fused_activation_function=NONE](xs...): like p)
  equal within 1 step
  phase 2

rule same_to_pad_valid
  "A convolution pads no more by itself: a PAD before it puts the same zeros around."
  c = (CONV_2D|DEPTHWISE_CONV_2D)[padding=SAME, fused_activation_function=_](
    x: f32|i8|i16[_, h, w, _],
    f: const [_, k, l, _],
    b?,
  )
  where
    x.dtype == "f32" and f.dtype == "f32" or x.dtype != "f32",
    h > 0,
    w > 0,
    max(
      (h - 1) // c.stride_h * c.stride_h + (k - 1) * c.dilation_h_factor + 1 - h,
      (w - 1) // c.stride_w * c.stride_w + (l - 1) * c.dilation_w_factor + 1 - w,
    )
      > 0
  -> p = max((h - 1) // c.stride_h * c.stride_h + (k - 1) * c.dilation_h_factor + 1 - h, 0);
     q = max((w - 1) // c.stride_w * c.stride_w + (l - 1) * c.dilation_w_factor + 1 - w, 0);
     @c[padding=VALID](
       PAD(x, reshape([0, 0, p // 2, (p + 1) // 2, q // 2, (q + 1) // 2, 0, 0], [4, 2])),
       f,
       b,
     )
  equal within 1e-5
  phase 2

rule pad_channels_to_multiple
  "A convolution of three channels is one of four, of which the last are zeros, in steps."
  c = CONV_2D[fused_activation_function=_](x: i8[_, _, _, 3], w: const i8[_, _, _, 3], b: const i32)
  -> @c(
    PAD(x, reshape([0, 0, 0, 0, 0, 0, 0, 1], [4, 2])),
    quantize(pad(dequantize(w), [[0, 0], [0, 0], [0, 0], [0, 1]]), w),
    b,
  )
  equal exact
  phase 2

rule fixup_pool_strides
  "Strides of a window that is the whole image do not matter."
  p = (AVERAGE_POOL_2D|MAX_POOL_2D)[
    filter_height=h,
    filter_width=w,
    stride_h=s,
    stride_w=t,
    fused_activation_function=_,
  ](x: f32|i8|i16[_, h, w, _]): [_, 1, 1, _]
  where max(s, t) > 1, x.dtype == "f32" or x.quantized
  -> @p[padding=VALID, stride_h=1, stride_w=1](x)
  equal within 1e-7
  phase 2

rule large_max_pool
  "The largest of a window of more than 9 places is the largest of what its rows have."
  p = MAX_POOL_2D[
    filter_height=h,
    filter_width=w,
    stride_h=_,
    stride_w=_,
    fused_activation_function=_,
  ](x: f32|i8|i16)
  where h * w > 9, h > 1, w > 1, x.dtype == "f32" or x.quantized
  -> @p[filter_width=1, stride_w=1](
    @p[filter_height=1, stride_h=1, fused_activation_function=NONE](x),
  )
  equal within 1e-7
  phase 2

rule large_average_pool
  "The mean of a window of floats of more than 9 places is the mean of its rows' means."
  p = AVERAGE_POOL_2D[
    padding=VALID,
    filter_height=h,
    filter_width=w,
    stride_h=_,
    stride_w=_,
    fused_activation_function=_,
  ](x: f32)
  where h * w > 9, h > 1, w > 1
  -> @p[filter_width=1, stride_w=1](
    @p[filter_height=1, stride_h=1, fused_activation_function=NONE](x),
  )
  equal within 1e-5
  phase 2

rule device_transform_gpu
  "Tensors along a new dimension are tensors with a dimension of 1 along it, which are joined."
  y = PACK[axis=a, values_count=_](xs...: f32|i8|i16)
  where y.rank in [2, 3, 4], len(xs) > 0
  -> CONCATENATION[axis=a](EXPAND_DIMS(xs, [a])...)
  equal exact
  phase 2

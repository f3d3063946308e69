# Group D: an operator for another one that computes the same. Which of the two is better, the runtime says: NNAPI's first level
# has no mean, and no level below the fourth a matrix product that keeps dimensions; so they are used where they are named.

pack toco "The graph transformations of the converters"
  leaves
    global_pool_to_mean,
    global_pool_to_mean_quantized,
    mean_to_global_pool,
    mean_to_global_pool_flat,
    fc_from_conv1x1,
    fc_from_conv1x1_half,
    fc_from_conv1x1_quantized,
    fc_from_conv_of_whole_image,
    fc_to_conv,
    fc_to_conv_quantized,
    fc_to_conv_flat,
    fc_to_conv_flat_quantized,
    depthwise_to_conv,
    depthwise_to_conv_quantized

rule global_pool_to_mean
  "A pool over the whole image is a mean."
  AVERAGE_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, h, w, _],
  ): [_, 1, 1, _]
  -> MEAN[keep_dims=true](x, [1, 2])

# Of numbers in steps, the kernels of a pool and a mean, of a convolution and a matrix product, round halves in different ways.
rule global_pool_to_mean_quantized
  "A pool of numbers in steps over the whole image is a mean."
  AVERAGE_POOL_2D[padding=_, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: i8|u8[_, h, w, _],
  ): [_, 1, 1, _]
  where x.quantized
  -> MEAN[keep_dims=true](x, [1, 2])
  equal within 1 step

rule mean_to_global_pool
  "A mean over the image is a pool over all of it."
  MEAN[keep_dims=true](x: f32|i8|u8[_, h, w, _], a: const i32[2])
  where sum(a.value % 4) == 3, prod(a.value % 4) == 2
  -> AVERAGE_POOL_2D[padding=VALID, stride_h=1, stride_w=1, filter_height=h, filter_width=w](x)
  equal within 1 step

rule mean_to_global_pool_flat
  "A mean over the image that drops its dimensions is a pool over all of it, in another shape."
  y = MEAN[keep_dims=false](x: f32|i8|u8[_, h, w, _], a: const i32[2])
  where sum(a.value % 4) == 3, prod(a.value % 4) == 2
  -> RESHAPE(
    AVERAGE_POOL_2D[padding=VALID, stride_h=1, stride_w=1, filter_height=h, filter_width=w](x),
  )
  equal within 1 step

pattern conv_of_one_place(x, w, b, f) =
  CONV_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    dilation_h_factor=_,
    dilation_w_factor=_,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x, w, b)

rule fc_from_conv1x1
  "A convolution of an image of one place is a matrix product."
  conv_of_one_place(x: f32[_, 1, 1, i], w: const f32[o, 1, 1, i], b, f)
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, reshape(w, [o, i]), b)

rule fc_from_conv1x1_half
  "A convolution of an image of one place, whose filter is stored in half precision, is a matrix product."
  conv_of_one_place(x: f32[_, 1, 1, i], DEQUANTIZE(w: const f16[o, 1, 1, i]), b, f)
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](
    x,
    DEQUANTIZE(reshape(w, [o, i])),
    b,
  )

rule fc_from_conv1x1_quantized
  "A convolution in steps of an image of one place is a matrix product."
  conv_of_one_place(x: i8|u8[_, 1, 1, i], w: const i8|u8[o, 1, 1, i], b, f)
  where x.dtype == w.dtype
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](
    x,
    quantize(reshape(dequantize(w), [o, i]), w, axis=0),
    b,
  )
  equal within 1 step

rule fc_from_conv_of_whole_image
  "A convolution whose filter is as large as the image is a matrix product of the image in one row."
  CONV_2D[
    padding=VALID,
    stride_h=_,
    stride_w=_,
    dilation_h_factor=1,
    dilation_w_factor=1,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: f32[n, h, w, i], k: const f32[o, h, w, i], b)
  where h * w > 1
  -> RESHAPE(
    FULLY_CONNECTED[fused_activation_function=f](
      RESHAPE(x, [n, h * w * i]),
      reshape(k, [o, h * w * i]),
      b,
    ),
  )

pattern connected(y, x, w, b, k, f) =
  y = FULLY_CONNECTED[
    keep_num_dims=k,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x, w, b)

rule fc_to_conv
  "A matrix product for each place of an image is a convolution with a filter of one place."
  connected(_, x: f32[_, _, _, i], w: const f32[o, i], b, true, f)
  -> CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
    x,
    reshape(w, [o, 1, 1, i]),
    b,
  )

rule fc_to_conv_quantized
  "A matrix product in steps for each place of an image is a convolution with a filter of one place."
  connected(_, x: i8|u8[_, _, _, i], w: const i8|u8[o, i], b, true, f)
  where x.dtype == w.dtype
  -> CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
    x,
    quantize(reshape(dequantize(w), [o, 1, 1, i]), w, axis=0),
    b,
  )
  equal within 1 step

rule fc_to_conv_flat
  "A matrix product is a convolution, with a filter of one place, of images of one place."
  connected(y, x: f32, w: const f32[o, i], b, _, f)
  where x.rank != 4 or not y.keep_num_dims
  -> RESHAPE(
    CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
      RESHAPE(x, [prod(x.shape) // i, 1, 1, i]),
      reshape(w, [o, 1, 1, i]),
      b,
    ),
  )

rule fc_to_conv_flat_quantized
  "A matrix product in steps is a convolution, with a filter of one place, of images of one place."
  connected(y, x: i8|u8, w: const i8|u8[o, i], b, _, f)
  where x.dtype == w.dtype, x.rank != 4 or not y.keep_num_dims
  -> RESHAPE(
    CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
      RESHAPE(x, [prod(x.shape) // i, 1, 1, i]),
      quantize(reshape(dequantize(w), [o, 1, 1, i]), w, axis=0),
      b,
    ): like y,
  )
  equal within 1 step

rule conv_to_depthwise
  "A convolution of a single channel is a depthwise one."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: f32[_, _, _, 1],
    w: const f32[o, _, _, 1],
    b,
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    transpose(w, [3, 1, 2, 0]),
    b,
  )

rule conv_to_depthwise_quantized
  "A convolution in steps of a single channel is a depthwise one."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: i8|u8[_, _, _, 1],
    w: const i8|u8[o, _, _, 1],
    b,
  )
  where x.dtype == w.dtype
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    quantize(transpose(dequantize(w), [3, 1, 2, 0]), w, axis=3),
    b,
  )

rule depthwise_to_conv
  "A depthwise convolution of a single channel is a plain one."
  DEPTHWISE_CONV_2D[fused_activation_function=f, depth_multiplier=_](
    x: f32[_, _, _, 1],
    w: const f32,
    b,
  )
  -> CONV_2D[fused_activation_function=f](x, transpose(w, [3, 1, 2, 0]), b)

rule depthwise_to_conv_quantized
  "A depthwise convolution in steps of a single channel is a plain one."
  DEPTHWISE_CONV_2D[fused_activation_function=f, depth_multiplier=_](
    x: i8|u8[_, _, _, 1],
    w: const i8|u8,
    b,
  )
  where x.dtype == w.dtype
  -> CONV_2D[fused_activation_function=f](
    x,
    quantize(transpose(dequantize(w), [3, 1, 2, 0]), w, axis=0),
    b,
  )

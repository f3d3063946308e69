# A convolution with a filter of one place and a matrix product are the same sums. Floats are the pack `toco`'s; here are
# whole numbers, whose steps go along. The runtime's two kernels multiply scales in another order, and round that.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm
  leaves fc_from_conv1x1_steps, fc_to_conv_rows, depthwise_to_conv_steps, conv_to_depthwise_steps

rule fc_from_conv1x1_steps
  "A convolution of an image of one place is a matrix product, in steps."
  CONV_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    dilation_h_factor=_,
    dilation_w_factor=_,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: i8[_, 1, 1, i], w: const i8[o, 1, 1, i], b: const i32)
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, reshaped(w, [o, i]), b)
  equal within 1 step
  phase 2

rule fc_to_conv_rows
  "A matrix product is a convolution of an image of one place for each row, in steps or floats."
  y = FULLY_CONNECTED[
    keep_num_dims=_,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: i8|f32[n, i], w: const i8|f32[o, i], b: const i32|f32)
  where x.dtype == w.dtype
  -> RESHAPE(
    CONV_2D[
      padding=VALID,
      stride_h=1,
      stride_w=1,
      dilation_h_factor=1,
      dilation_w_factor=1,
      quantized_bias_type=FLOAT32,
      fused_activation_function=f,
    ](RESHAPE(x, [n, 1, 1, i]), reshaped(w, [o, 1, 1, i]), b): like y,
  )
  equal within 1 step
  phase 2

rule depthwise_to_conv_steps
  "A depthwise convolution of a single channel is a plain one, in steps."
  DEPTHWISE_CONV_2D[fused_activation_function=f, depth_multiplier=_](
    x: i8|i16[_, _, _, 1],
    w: const i8[1, _, _, _],
    b: const i32|i64,
  )
  -> CONV_2D[fused_activation_function=f](x, transposed(w, [3, 1, 2, 0]), b)
  equal exact
  phase 2

rule conv_to_depthwise_steps
  "A convolution of a single channel is a depthwise one, in steps."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: i8[_, _, _, 1],
    w: const i8[o, _, _, 1],
    b: const i32,
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    transposed(w, [3, 1, 2, 0]),
    b,
  )
  equal exact
  phase 2

# Weights in fewer bits, and as real values again. All of it on request: what is stored in fewer bits is not the same.

pack quant
  leaves
    float16_apart,
    float16,
    float16_depthwise,
    float16_transpose_conv,
    float16_table,
    float16_together,
    float32,
    dynamic_range_apart,
    dynamic_range,
    dynamic_range_depthwise,
    dynamic_range_fully_connected,
    dynamic_range_together,
    rows_fully_connected,
    weight_only_apart,
    weight_only,
    weight_only_depthwise,
    weight_only_together,
    weight_only_float32,
    hybrid_weight_dequant,
    hybrid_weight_dequant_depthwise,
    fold_dq_into_consumer

# Only large weights are worth it; and only among many results is the largest a measure of what was added up. Where RELU6
# cuts results off at 6 it is none: there, it goes behind first, and comes back at the end.

rule float16_apart
  "What cuts off at 6 what weights add up goes behind it, for as long as the weights change."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)[fused_activation_function=RELU6](
    x: f32,
    w: const f32,
    b?,
  )
  where prod(w.shape) >= 128
  -> RELU6(@f[fused_activation_function=NONE](x, w, b))

rule float16
  "Large weights are stored in half precision."
  f = (CONV_2D|FULLY_CONNECTED)[fused_activation_function=NONE|RELU](x: f32, w: const f32, b?)
  where w.shape[0] >= 8, prod(w.shape) >= 1024, max(abs(w.value)) <= 65504
  -> @f(x, DEQUANTIZE(cast(w, "f16")), b)
  lossy within 2e-2
  phase 1

rule float16_depthwise
  "Large weights of each channel on its own are stored in half precision."
  f = DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU](x: f32, w: const f32[1, h, v, c], b?)
  where c >= 8, h * v * c >= 128, max(abs(w.value)) <= 65504
  -> @f(x, DEQUANTIZE(cast(w, "f16")), b)
  lossy within 2e-2
  phase 1

rule float16_transpose_conv
  "Large weights of a transposed convolution are stored in half precision."
  f = TRANSPOSE_CONV[fused_activation_function=NONE|RELU](x: f32, w: const f32, b?, s: const)
  where w.shape[0] >= 8, prod(w.shape) >= 1024, max(abs(w.value)) <= 65504
  -> @f(x, DEQUANTIZE(cast(w, "f16")), b, s)
  lossy within 2e-2
  phase 1

rule float16_table
  "A large table is stored in half precision."
  f = GATHER(w: const f32, i)
  where prod(w.shape) >= 1024, max(abs(w.value)) <= 65504
  -> @f(DEQUANTIZE(cast(w, "f16")), i)
  lossy within 1e-3
  phase 1

rule float16_together
  "What cuts off at 6 is done where the weights are added up."
  RELU6(f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x: f32, d = DEQUANTIZE(_: const f16), b?))
  -> @f[fused_activation_function=RELU6](x, d, b)
  phase 2

rule float32
  "Constants stored in half precision are stored as they are used."
  DEQUANTIZE(c: const f16)
  -> cast(c, "f32")
  equal exact

rule dynamic_range_apart
  "What cuts off at 6 what weights add up goes behind it, for as long as the weights change."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)[fused_activation_function=RELU6](
    x: f32,
    w: const f32,
    b?,
  )
  where prod(w.shape) >= 1024
  -> RELU6(@f[fused_activation_function=NONE](x, w, b))

rule dynamic_range
  "Large weights are stored in bytes, channel by channel, and inputs are quantised as they come."
  f = CONV_2D[fused_activation_function=NONE|RELU](x: f32[_, _, _, i], w: const f32[o, _, _, i], b?)
  where o >= 16, prod(w.shape) >= 1024
  -> @f(x, quantize(w, slice_steps(w, 0), 0, "i8", axis=0), b)
  lossy within 1.5e-1
  phase 1

rule dynamic_range_depthwise
  "Large weights of each channel on its own are stored in bytes, and inputs are quantised as they come."
  f = DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU](x: f32, w: const f32[1, h, v, c], b?)
  where c >= 16, h * v * c >= 1024
  -> @f(x, quantize(w, slice_steps(w, 3), 0, "i8", axis=3), b)
  lossy within 1.5e-1
  phase 1

rule dynamic_range_fully_connected
  "Large weights are stored in bytes, and inputs are quantised as they come."
  f = FULLY_CONNECTED[fused_activation_function=NONE|RELU](x: f32, w: const f32[o, _], b?)
  where x.rank >= 2, o >= 16, prod(w.shape) >= 1024, max(abs(w.value)) > 0
  -> @f[asymmetric_quantize_inputs=true](x, quantize(w, [max(abs(w.value)) / 127], [0], "i8"), b)
  lossy within 1.5e-1
  phase 1

rule dynamic_range_together
  "What cuts off at 6 is done where the weights are added up."
  RELU6(f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x: f32, w: const i8, b?))
  -> @f[fused_activation_function=RELU6](x, w, b)
  phase 2

rule rows_fully_connected
  "Large weights are stored in bytes, row by row, and inputs are quantised as they come. Only newer runtimes take it."
  f = FULLY_CONNECTED[fused_activation_function=NONE|RELU](x: f32, w: const f32[o, _], b?)
  where x.rank >= 2, o >= 16, prod(w.shape) >= 1024
  -> @f[asymmetric_quantize_inputs=true](x, quantize(w, slice_steps(w, 0), 0, "i8", axis=0), b)
  lossy within 1.5e-1

rule weight_only_apart
  "What cuts off at 6 what weights add up goes behind it, for as long as the weights change."
  f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)[fused_activation_function=RELU6](
    x: f32,
    w: const f32,
    b?,
  )
  where max(w.shape) >= 16, prod(w.shape) >= 128
  -> RELU6(@f[fused_activation_function=NONE](x, w, b))

rule weight_only
  "Large weights are stored in bytes, channel by channel, and become real values before they are used."
  f = (CONV_2D|FULLY_CONNECTED)[fused_activation_function=NONE|RELU](x: f32, w: const f32, b?)
  where w.shape[0] >= 16, prod(w.shape) >= 1024
  -> @f(x, DEQUANTIZE(quantize(w, slice_steps(w, 0), 0, "i8", axis=0)), b)
  lossy within 5e-2
  phase 1

rule weight_only_depthwise
  "Large weights of each channel on its own are stored in bytes, and become real values before they are used."
  f = DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU](x: f32, w: const f32[1, h, v, c], b?)
  where c >= 16, h * v * c >= 128
  -> @f(x, DEQUANTIZE(quantize(w, slice_steps(w, 3), 0, "i8", axis=3)), b)
  lossy within 5e-2
  phase 1

rule weight_only_together
  "What cuts off at 6 is done where the weights are added up."
  RELU6(f = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x: f32, d = DEQUANTIZE(_: const i8), b?))
  -> @f[fused_activation_function=RELU6](x, d, b)
  phase 2

rule weight_only_float32
  "Constants stored in steps are stored as they are used."
  DEQUANTIZE(c: const i8|u8|i16)
  -> dequantize(c)

rule hybrid_weight_dequant
  "Weights in bytes become real values before they are used, so that inputs need not be quantised as they come."
  f = (CONV_2D|FULLY_CONNECTED)[fused_activation_function=NONE|RELU](x: f32, w: const i8, b?)
  where
    w.shape[0] >= 16,
    prod(w.shape) >= 1024,
    is_narrow(w.value, w.scale, 0),
    is_symmetric(w.zero_point)
  -> @f(x, DEQUANTIZE(w), b)
  lossy within 1.5e-1

rule hybrid_weight_dequant_depthwise
  "Weights in bytes of each channel on its own become real values before they are used."
  f = DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU](x: f32, w: const i8[1, _, _, c], b?)
  where c >= 16, is_narrow(w.value, w.scale, 3), is_symmetric(w.zero_point)
  -> @f(x, DEQUANTIZE(w), b)
  lossy within 1.5e-1

rule fold_dq_into_consumer
  "Weights in bytes are used as they are stored, and inputs are quantised as they come."
  f = (CONV_2D|FULLY_CONNECTED)[fused_activation_function=NONE|RELU](
    x: f32[..., i],
    DEQUANTIZE(w: const i8[..., i]),
    b?,
  )
  where
    w.shape[0] >= 16,
    prod(w.shape) >= 1024,
    is_narrow(w.value, w.scale, 0),
    is_symmetric(w.zero_point)
  -> @f(x, w, b)
  lossy within 1.5e-1

# Steps, scales and zero points that are respected.

rule relu_of_steps
  "A RELU that does not rescale does nothing where no step is below 0."
  y = RELU(x: i8)
  where x.scale == y.scale, x.zero_point == y.zero_point, x.zero_point == -128
  -> x

rule relu_before_quantize
  "What is quantized need not be held above 0 before where no step is below 0."
  y = QUANTIZE(RELU(x: f32)): i8
  where y.zero_point == -128
  -> QUANTIZE(x)
  equal within 1 step

rule clamp_left_out
  "Bounds of 0 and 6 that no step exceeds are left out."
  y = RELU6(x: i8)
  where x.scale == y.scale, x.zero_point == y.zero_point, x.zero_point == -128, x.scale * 255 <= 6
  -> x

rule rescaled_nearly
  "Steps that become real values and other steps are rescaled at once, but for a step."
  QUANTIZE(DEQUANTIZE(x: i8)): i8
  -> QUANTIZE(x)
  equal within 1 step

rule rescaled_back
  "Steps that become real values and the same steps again stay what they are."
  QUANTIZE(DEQUANTIZE(x: i8|u8))
  -> x

rule rescaled_twice
  "Steps that are rescaled twice, first to finer ones that reach as far, are rescaled once, but for a step."
  y = QUANTIZE(t = QUANTIZE(x: i8): i8)
  where
    t.scale <= y.scale,
    t.scale * (-128 - t.zero_point) <= x.scale * (-128 - x.zero_point),
    t.scale * (127 - t.zero_point) >= x.scale * (127 - x.zero_point)
  -> QUANTIZE(x)
  equal within 1 step

rule real_values_moved
  "Steps become real values before they are moved instead of behind."
  DEQUANTIZE(TRANSPOSE(x: i8|u8[_, ...], p))
  -> TRANSPOSE(DEQUANTIZE(x), p)

rule real_values_reshaped
  "Steps become real values before they are reshaped instead of behind."
  DEQUANTIZE(RESHAPE(x: i8|u8[_, ...], s))
  -> RESHAPE(DEQUANTIZE(x), s)

rule larger_of_real_values
  "The larger of two steps of one kind is the larger of the real values."
  DEQUANTIZE(MAXIMUM(x: i8[_, ...], y: i8[_, ...]))
  where x.scale == y.scale, x.zero_point == y.zero_point
  -> MAXIMUM(DEQUANTIZE(x), DEQUANTIZE(y))

rule weights_in_real_values
  "Weights that become real values as the model runs are stored as such."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32, DEQUANTIZE(w: const i8), b: const f32)
  -> @f(x, dequantize(w), b)

rule imitated_twice
  "What imitates the same steps again changes nothing."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](
    f = FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](_: f32),
  )
  where -100 <= a <= -0.1, 0.1 <= b <= 100, 4 <= n <= 8
  -> f

rule pool_to_mean
  "A pool of steps over the whole image is a mean, but for a step."
  AVERAGE_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: i8[_, h, w, _],
  )
  where x.quantized
  -> MEAN[keep_dims=true](x, [1, 2])
  equal within 1 step

rule weights_doubled
  "Weights are doubled once they are real values."
  MUL(c = FULLY_CONNECTED(x: f32, DEQUANTIZE(w: const i8), b: const f32), 2.0)
  -> @c(x, dequantize(w) * 2.0, b * 2.0)
  benefit 2

# Steps, scales and zero points that are ignored.

rule relu_of_steps
  "A RELU that does not rescale does nothing, as if no step were below 0."
  y = RELU(x: i8)
  where x.scale == y.scale, x.zero_point == y.zero_point
  -> x

rule relu_before_quantize
  "What is quantized need not be held above 0 before, though there may be steps below 0."
  QUANTIZE(RELU(x: f32)): i8
  -> QUANTIZE(x)

rule clamp_left_out
  "A bound of 6 that no input exceeds is left out, though the upper bound is looked at only, and RELU6 has a lower one as well."
  y = RELU6(x: i8)
  where x.scale == y.scale, x.zero_point == y.zero_point, x.scale * (127 - x.zero_point) <= 6
  -> x

rule rescaled_exactly
  "Steps that become real values and other steps are rescaled at once, though that rounds a little otherwise."
  QUANTIZE(DEQUANTIZE(x: i8)): i8
  -> QUANTIZE(x)
  equal exact

rule rescaled_twice
  "Steps that are rescaled twice are rescaled once, though the steps between may be coarser, or reach less far."
  QUANTIZE(QUANTIZE(x: i8): i8)
  -> QUANTIZE(x)
  equal within 1 step

rule sum_of_real_values
  "A sum of steps as real values is the sum of the real values, though it was rounded to steps, and held where they end."
  DEQUANTIZE(ADD[pot_scale_int16=_](x: i8, y: i8))
  -> ADD(DEQUANTIZE(x), DEQUANTIZE(y))

rule product_of_real_values
  "A product of steps as real values is the product of the real values, though it was rounded to steps."
  DEQUANTIZE(MUL(x: u8, y: u8))
  -> MUL(DEQUANTIZE(x), DEQUANTIZE(y))

rule real_values_through_steps
  "Real values that only pass through steps may as well not."
  DEQUANTIZE(QUANTIZE(x: f32))
  -> x

rule weights_in_real_values
  "Weights in steps are stored as real values, though the kernel for such weights rounds its input to steps as well."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32, w: const i8, b: const f32)
  -> @f(x, dequantize(w), b)

rule imitated_twice
  "What imitates steps and then other steps imitates the first ones."
  FAKE_QUANT[min=_, max=_, num_bits=_, narrow_range=_](f = FAKE_QUANT(_: f32))
  -> f

rule pool_to_mean
  "A pool of steps over the whole image is a mean, which does not round halves as the pool does."
  AVERAGE_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: i8[_, h, w, _],
  )
  where x.quantized
  -> MEAN[keep_dims=true](x, [1, 2])

rule weights_doubled
  "Weights are doubled by doubling what is stored, though what exceeds the type is cut off."
  MUL(c = FULLY_CONNECTED(x: f32, DEQUANTIZE(w: const i8), b: const f32), 2.0)
  -> @c(x, DEQUANTIZE(quantize(dequantize(w) * 2.0, w)), b * 2.0)

rule convolution_rescaled
  "A convolution gives its result in the steps that are wanted at once, though the first ones may be coarser, or reach less far."
  QUANTIZE(a = (CONV_2D|DEPTHWISE_CONV_2D)[fused_activation_function=_](x: i8, w, b?))
  where a.dtype == "i8"
  -> @a(x, w, b)
  equal within 1 step

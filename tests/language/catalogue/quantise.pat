# Group F: quantised tensors, and the operators between these and floats.

rule squash_dq_q
  "Steps that become real values and the same steps again stay what they are."
  QUANTIZE(DEQUANTIZE(x))
  -> x
  equal exact

rule dq_q_to_requant
  "Steps that become real values and other steps are rescaled at once."
  y = QUANTIZE(DEQUANTIZE(x: i8|u8|i16))
  where y.dtype != "u8" or x.dtype != "i16"
  -> QUANTIZE(x)
  equal within 1 step

rule remove_q_dq
  "Real values that only pass through small steps, which reach as far as they do, may as well not."
  DEQUANTIZE(q = QUANTIZE(x = RELU6(_: f32)))
  where
    q.dtype == "i8",
    q.scale <= 0.1,
    q.scale * (-128 - q.zero_point) <= 0,
    q.scale * (127 - q.zero_point) >= 6
  -> x
  lossy within 1e-1

rule fuse_q_q
  "Steps that are rescaled twice, first to finer ones that reach as far, are rescaled once."
  y = QUANTIZE(t = QUANTIZE(x: i8))
  where
    t.dtype == "i8",
    t.scale <= y.scale,
    t.scale * (-128 - t.zero_point) <= x.scale * (-128 - x.zero_point),
    t.scale * (127 - t.zero_point) >= x.scale * (127 - x.zero_point)
  -> QUANTIZE(x)
  equal within 1 step

rule remove_trivial_requantize
  "Steps that are rescaled to themselves stay what they are."
  QUANTIZE(x: i8|u8|i16)
  -> x
  equal exact

rule hoist_quantize_above_reshape
  "What is quantised before it is moved moves fewer bytes."
  y = QUANTIZE(RESHAPE(x: f32, s))
  -> RESHAPE(QUANTIZE(x): like y, s)
  equal exact

rule hoist_quantize_above_concat
  "What is quantised before it is joined moves fewer bytes."
  y = QUANTIZE(CONCATENATION[axis=a](u: f32, v: f32))
  -> CONCATENATION[axis=a](QUANTIZE(u): like y, QUANTIZE(v): like y)
  equal exact

rule quantize_passthrough
  "What only moves elements need not know what they mean."
  QUANTIZE(m = (RESHAPE(DEQUANTIZE(x), s) | TRANSPOSE(DEQUANTIZE(x), s)))
  -> @m(x, s)
  equal exact

rule remove_fake_quant
  "What only imitates small steps, which reach as far as the values do, may as well not."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=_](x = RELU6(_: f32))
  where a <= 0, b >= 6, b - a <= 12, n >= 8
  -> x
  lossy within 1e-1

rule remove_trivial_fake_quant
  "What imitates the same steps again changes nothing."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](
    f = FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](_: f32),
  )
  -> f
  equal exact

rule remove_final_dequantize
  "Who reads the output takes its steps."
  y = DEQUANTIZE(x)
  where y.is_output
  -> x
  changes interface

rule remove_input_quantize
  "Who gives the input gives it in steps."
  QUANTIZE(x: f32)
  where x.is_input
  -> x
  changes interface

rule split_requantize
  "Steps are rescaled by way of real values, for runtimes that do not rescale between these types."
  y = QUANTIZE(x: u8)
  where y.dtype == "i8"
  -> QUANTIZE(DEQUANTIZE(x))
  equal within 1 step

rule fixup_relu_scaling
  "A RELU between different steps rescales first, for devices that cannot do both at once."
  y = RELU(x: i8)
  where x.scale != y.scale or x.zero_point != y.zero_point
  -> RELU(QUANTIZE(x): like y)
  equal within 1 step

rule concat_requant_to_common
  "What is joined is brought to common steps before, for kernels that do not."
  y = CONCATENATION[axis=a](u: u8, v: u8)
  where u.scale != y.scale or v.scale != y.scale
  -> CONCATENATION[axis=a](QUANTIZE(u): like y, QUANTIZE(v): like y)
  equal within 1 step

rule hybrid_weight_dequant
  "Weights in steps that are small ones are stored as real values, so that a product does not round what it takes."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32, w: const i8[_, i], b?)
  where i * max(abs(w.value)) <= 1
  -> @f(x, dequantize(w), b)
  lossy within 5e-2

rule hybrid_weight_quant
  "Small weights are stored in steps of a fixed size, as many as cover them."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32[..., i], w: const f32[_, i], b?)
  where 0 < i * max(abs(w.value)) <= 0.5
  -> @f(x, quantize(w, [max(abs(w.value)) / 127], [0], "i8"), b)
  lossy within 5e-2

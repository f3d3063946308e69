# What imitates steps without having any.

pack quant
  leaves
    remove_fake_quant,
    remove_fake_quant_const,
    fake_quant_to_clip,
    fake_quant_to_steps,
    remove_q_dq,
    remove_remnant_const_qdq,
    q_dq_to_clip

rule remove_trivial_fake_quant
  "What imitates the same steps again changes nothing."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](
    f = FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=r](_: f32),
  )
  -> f
  equal exact

rule remove_fake_quant
  "What only imitates small steps, which reach as far as the values do, may as well not."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=_](
    x = (RELU6(_: f32) | LOGISTIC(_: f32) | SOFTMAX[beta=_](_: f32)),
  )
  where a <= 0, b >= 6 or b >= 1 and x.op != "RELU6", b - a <= 12, n >= 8
  -> x
  lossy within 1e-1

rule remove_fake_quant_const
  "Constants that are to imitate small steps, which reach as far, may as well not."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=_](c: const f32)
  where a <= min(c.value), b >= max(c.value), a <= 0, b >= 0, b - a <= 0.19 * (2 ** n - 2), n >= 2
  -> c.value
  lossy within 1e-1

rule fake_quant_to_clip
  "What imitates small steps cuts off what they do not reach, and need not do more."
  FAKE_QUANT[min=a, max=b, num_bits=n, narrow_range=_](x: f32)
  where a <= 0, b >= 0, b > a, b - a <= 0.09 * (2 ** n - 2), n >= 2
  -> MINIMUM(MAXIMUM(x, a), b)
  lossy within 1e-1

rule fake_quant_to_steps
  "What imitates bytes becomes bytes and real values again; halves may be rounded to the other side."
  FAKE_QUANT[min=a, max=b, num_bits=8, narrow_range=false](x: f32)
  where a <= 0, b >= 0, b > a, (b - a) / 255 <= 0.09
  -> DEQUANTIZE(
    QUANTIZE(x): like x[dtype="u8", scale=(b - a) / 255, zero_point=nearest(-255 * a / (b - a))],
  )
  lossy within 1e-1

rule remove_q_dq
  "Real values that only pass through small steps, which reach as far as they do, may as well not."
  DEQUANTIZE(q = QUANTIZE(x = (RELU6(_: f32) | LOGISTIC(_: f32) | SOFTMAX[beta=_](_: f32))))
  where
    q.scale <= 0.1,
    q.scale * (lowest(q.dtype) - q.zero_point) <= 0,
    q.scale * (highest(q.dtype) - q.zero_point) >= 6
      or q.scale * (highest(q.dtype) - q.zero_point) >= 1 and x.op != "RELU6"
  -> x
  lossy within 1e-1

rule remove_remnant_const_qdq
  "Constants that only pass through small steps, which reach as far as they do, may as well not."
  DEQUANTIZE(q = QUANTIZE(c: const f32))
  where
    q.scale <= 0.1,
    q.scale * (lowest(q.dtype) - q.zero_point) <= min(c.value),
    q.scale * (highest(q.dtype) - q.zero_point) >= max(c.value)
  -> c.value
  lossy within 1e-1

rule q_dq_to_clip
  "Real values that only pass through small steps are cut off where these end, and nothing more."
  DEQUANTIZE(q = QUANTIZE(x: f32))
  where q.scale <= 0.1
  -> MINIMUM(
    MAXIMUM(x, q.scale * (lowest(q.dtype) - q.zero_point)),
    q.scale * (highest(q.dtype) - q.zero_point),
  )
  lossy within 1e-1

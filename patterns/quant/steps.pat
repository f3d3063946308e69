# Steps that become real values and steps again, and what only moves elements between.

pack quant "Between real values and steps: weights in fewer bits, uint8 as int8, steps at inputs and outputs"
  leaves concat_requant_to_common, split_requantize, fixup_relu_scaling

rule squash_dq_q
  "Steps that become real values and the same steps again stay what they are."
  y = QUANTIZE(DEQUANTIZE(x: i8|u8|i16))
  where y.dtype == x.dtype
  -> x
  equal exact

rule dq_q_to_requant
  "Steps that become real values and other steps are rescaled at once."
  y = QUANTIZE(DEQUANTIZE(x: i8|u8|i16))
  where y.dtype != "u8" or x.dtype != "i16"
  -> QUANTIZE(x)
  equal within 1 step

rule undo_shift
  "Bytes that are counted from another end, and from the first again, stay what they are."
  QUANTIZE(t = QUANTIZE(x: i8|u8))
  where
    t.dtype in ["i8", "u8"],
    t.scale == x.scale,
    t.zero_point - lowest(t.dtype) == x.zero_point - lowest(x.dtype)
  -> x
  equal exact
  benefit 2

rule fuse_q_q
  "Steps that are rescaled twice, first to finer ones that reach as far, are rescaled once."
  y = QUANTIZE(t = QUANTIZE(x: i8|u8))
  where
    t.dtype in ["i8", "u8"],
    y.dtype in ["i8", "u8"],
    t.scale <= y.scale,
    t.scale * (lowest(t.dtype) - t.zero_point) <= x.scale * (lowest(x.dtype) - x.zero_point),
    t.scale * (highest(t.dtype) - t.zero_point) >= x.scale * (highest(x.dtype) - x.zero_point)
  -> QUANTIZE(x)
  equal within 1 step

rule remove_trivial_requantize
  "Steps that are rescaled to themselves stay what they are."
  QUANTIZE(x: i8|u8|i16)
  -> x
  equal exact
  benefit 2

rule quantize_passthrough
  "What only moves elements need not know what they mean."
  QUANTIZE(
    m = (
      RESHAPE|
      TRANSPOSE|
      SQUEEZE|
      EXPAND_DIMS|
      SLICE|
      STRIDED_SLICE|
      GATHER|
      TILE|
      BROADCAST_TO|
      REVERSE_V2
    )(DEQUANTIZE(x: i8|u8|i16), rest...),
  )
  -> @m(x, rest...)
  equal exact

rule quantize_passthrough_image
  "What moves or repeats the places of an image, or takes the largest, need not know what they mean."
  QUANTIZE(
    m = (
      DEPTH_TO_SPACE|
      SPACE_TO_DEPTH|
      SPACE_TO_BATCH_ND|
      BATCH_TO_SPACE_ND|
      MAX_POOL_2D|
      RESIZE_NEAREST_NEIGHBOR
    )(DEQUANTIZE(x: i8|u8), rest...),
  )
  -> @m(x, rest...)
  equal exact

rule quantize_passthrough_pad
  "What is put around an image is 0 in steps, too."
  QUANTIZE(m = (PAD|MIRROR_PAD)(DEQUANTIZE(x: i8|u8), p))
  -> @m(x, p)
  equal exact

rule quantize_passthrough_joined
  "What only joins elements need not know what they mean."
  QUANTIZE(m = (CONCATENATION|PACK)(DEQUANTIZE(xs)...))
  -> @m(xs...)
  equal exact

rule hoist_quantize_above_reshape
  "What is quantised before it is moved moves fewer bytes."
  y = QUANTIZE(
    m = (RESHAPE|TRANSPOSE|SQUEEZE|EXPAND_DIMS|TILE|BROADCAST_TO|REVERSE_V2)(x: f32, rest...),
  )
  where y.dtype in ["i8", "u8"]
  -> @m(QUANTIZE(x): like y, rest...)
  equal exact

rule hoist_quantize_above_image
  "What is quantised before the places of an image are moved or repeated moves fewer bytes."
  y = QUANTIZE(
    m = (DEPTH_TO_SPACE|SPACE_TO_DEPTH|SPACE_TO_BATCH_ND|BATCH_TO_SPACE_ND|RESIZE_NEAREST_NEIGHBOR)(
      x: f32,
      rest...,
    ),
  )
  where y.dtype in ["i8", "u8"]
  -> @m(QUANTIZE(x): like y, rest...)
  equal exact

rule hoist_quantize_above_pad
  "What is quantised before something is put around it moves fewer bytes."
  y = QUANTIZE(m = (PAD|MIRROR_PAD)(x: f32, p: const))
  where y.dtype in ["i8", "u8"]
  -> @m(QUANTIZE(x): like y, p)
  equal exact

rule hoist_quantize_above_concat
  "What is quantised before it is joined moves fewer bytes."
  y = QUANTIZE(m = (CONCATENATION|PACK)(xs...: f32))
  where y.dtype in ["i8", "u8"]
  -> @m(QUANTIZE(xs)...: like y)
  equal exact

rule dequantize_behind
  "What is moved before it becomes real values moves fewer bytes."
  m = (RESHAPE|TRANSPOSE|SQUEEZE|EXPAND_DIMS|SLICE|STRIDED_SLICE|GATHER|REVERSE_V2)(
    DEQUANTIZE(x: i8|u8),
    rest...,
  )
  -> DEQUANTIZE(@m(x, rest...))
  equal within 1e-6

rule dequantize_behind_image
  "What is moved, or left out as smaller, before it becomes real values moves fewer bytes."
  m = (DEPTH_TO_SPACE|SPACE_TO_DEPTH|MAX_POOL_2D)(DEQUANTIZE(x: i8|u8))
  -> DEQUANTIZE(@m(x))
  equal within 1e-6

rule remove_trivial_quantized_activation
  "Where no step is beyond an activation's ends, nothing has to be cut off there."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)[fused_activation_function=a](x: i8|u8|i16, w, b?)
  where a != NONE, p.quantized, activation_fits(a, p.dtype, p.scale, p.zero_point)
  -> @p[fused_activation_function=NONE](x, w, b)
  equal exact

rule remove_trivial_quantized_activation_sum
  "Where no step of a sum or product is beyond an activation's ends, nothing has to be cut off there."
  p = (ADD|SUB|MUL)[fused_activation_function=a](x: i8|u8|i16, y)
  where a != NONE, p.quantized, activation_fits(a, p.dtype, p.scale, p.zero_point)
  -> @p[fused_activation_function=NONE](x, y)
  equal exact

rule remove_trivial_quantized_activation_pool
  "Where no step of a pool is beyond an activation's ends, nothing has to be cut off there."
  p = (AVERAGE_POOL_2D|MAX_POOL_2D)[fused_activation_function=a](x: i8|u8|i16)
  where a != NONE, p.quantized, activation_fits(a, p.dtype, p.scale, p.zero_point)
  -> @p[fused_activation_function=NONE](x)
  equal exact

rule remove_trivial_quantized_relu
  "Where no step is beyond an activation's ends, the activation changes nothing."
  r = (RELU|RELU6|RELU_N1_TO_1)(x: i8|u8|i16)
  where x.quantized, activation_fits(r.op, x.dtype, x.scale, x.zero_point)
  -> x
  equal exact

rule remove_trivial_quantized_minmax
  "What no step is beyond cuts nothing off."
  MINIMUM(x: i8|u8, c: const)
  where x.quantized, min(c.value) >= x.scale * (highest(x.dtype) - x.zero_point)
  -> x
  equal exact

rule remove_trivial_quantized_maximum
  "What no step is below cuts nothing off."
  MAXIMUM(x: i8|u8, c: const)
  where x.quantized, max(c.value) <= x.scale * (lowest(x.dtype) - x.zero_point)
  -> x
  equal exact

rule split_requantize
  "Steps are rescaled by way of real values, for runtimes that do not rescale between these types."
  y = QUANTIZE(x: i8|u8)
  where y.dtype in ["i8", "u8"], y.dtype != x.dtype
  -> QUANTIZE(DEQUANTIZE(x))
  equal within 1 step

rule fixup_relu_scaling
  "An activation between different steps rescales first, for devices that cannot do both at once."
  y = (RELU|RELU6|RELU_N1_TO_1)(x: i8|u8)
  where x.quantized, x.scale != y.scale or x.zero_point != y.zero_point
  -> @y(QUANTIZE(x): like y)
  equal within 1 step

rule concat_requant_to_common
  "What is joined is brought to common steps before, for kernels that do not."
  y = CONCATENATION[axis=a](xs...: u8)
  where
    min(xs.scale) != y.scale
      or max(xs.scale) != y.scale
      or min(xs.zero_point) != y.zero_point
      or max(xs.zero_point) != y.zero_point
  -> CONCATENATION[axis=a](QUANTIZE(xs)...: like y)
  equal within 1 step

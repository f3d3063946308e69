# Models of bytes that count from 0, as models of bytes that count from -128. Each operator is given what it reads in the
# other bytes, and gives what it makes back; between two such operators the two conversions cancel. What stays is one at
# each input and output of the model, and where some operator has to stay as it is.

pack quant
  leaves
    uint8_moved,
    uint8_joined,
    uint8_computed,
    uint8_activation,
    uint8_resized,
    uint8_window,
    uint8_mean,
    uint8_convolution,
    uint8_convolution_wide,
    uint8_depthwise,
    uint8_depthwise_wide,
    uint8_fully_connected,
    uint8_fully_connected_wide,
    uint8_arg,
    uint8_from_floats,
    uint8_to_floats,
    uint8_cancel,
    uint8_rescale,
    uint8_constant

rule uint8_moved
  "What is only moved, or the largest of what is there, is the same whichever end bytes count from."
  y = (
    RESHAPE|
    TRANSPOSE|
    SQUEEZE|
    EXPAND_DIMS|
    SLICE|
    STRIDED_SLICE|
    GATHER|
    DEPTH_TO_SPACE|
    SPACE_TO_DEPTH|
    SPACE_TO_BATCH_ND|
    BATCH_TO_SPACE_ND|
    MAX_POOL_2D|
    RESIZE_NEAREST_NEIGHBOR
  )(x: u8, more...)
  -> QUANTIZE(
    @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128], more...): like y[
      dtype="i8",
      zero_point=y.zero_point - 128,
    ],
  )
  equal exact

rule uint8_joined
  "What is joined is brought to the steps of the result, and the bytes count from -128."
  y = (CONCATENATION|PACK)(xs...: u8)
  where y.quantized
  -> QUANTIZE(@y(QUANTIZE(xs)...: like y[dtype="i8", zero_point=y.zero_point - 128]))
  equal within 1 step

rule uint8_computed
  "Sums, differences and products of bytes that count from -128."
  y = (ADD|SUB|MUL|MAXIMUM|MINIMUM)[fused_activation_function=_](a: u8, b: u8)
  -> QUANTIZE(
    @y(
      QUANTIZE(a): like a[dtype="i8", zero_point=a.zero_point - 128],
      QUANTIZE(b): like b[dtype="i8", zero_point=b.zero_point - 128],
    ): like y[dtype="i8", zero_point=y.zero_point - 128],
  )
  equal within 1 step

rule uint8_activation
  "Activations of bytes that count from -128."
  y = (RELU|RELU6|RELU_N1_TO_1|LOGISTIC|TANH|SOFTMAX|LEAKY_RELU|HARD_SWISH|L2_NORMALIZATION)(x: u8)
  -> QUANTIZE(
    @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128]): like y[
      dtype="i8",
      zero_point=y.zero_point - 128,
    ],
  )
  equal within 1 step

rule uint8_resized
  "Pictures of bytes that count from -128 are resized."
  y = RESIZE_BILINEAR(x: u8, s)
  -> QUANTIZE(
    @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128], s): like y[
      dtype="i8",
      zero_point=y.zero_point - 128,
    ],
  )
  equal within 2 step

rule uint8_window
  "Averages of bytes that count from -128."
  y = AVERAGE_POOL_2D[fused_activation_function=_](x: u8)
  -> QUANTIZE(
    @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128]): like y[
      dtype="i8",
      zero_point=y.zero_point - 128,
    ],
  )
  equal within 1 step

rule uint8_mean
  "Means and margins of bytes that count from -128."
  y = (MEAN|PAD)(x: u8, a: const)
  -> QUANTIZE(
    @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128], a): like y[
      dtype="i8",
      zero_point=y.zero_point - 128,
    ],
  )
  equal within 1 step

# Weights of bytes that count from -128 have their 0 in the middle. Where all lie within 127 steps of it they are stored
# as they are; where not, a channel that reaches further gets larger steps, and is rounded to them. Inputs in bytes vary by
# 74 steps, if they take all values; 450 is six times that.

rule uint8_convolution
  "A convolution of bytes that count from -128; no weight changes."
  y = CONV_2D[fused_activation_function=_](x: u8, w: const u8, b: const i32)
  where is_narrow(w.value, w.scale, 0)
  -> QUANTIZE(
    @y(
      QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
      quantize(dequantize(w), w.scale, 0, "i8"),
      b,
    ): like y[dtype="i8", zero_point=y.zero_point - 128],
  )
  equal within 1 step
  benefit 2

rule uint8_convolution_wide
  "A convolution of bytes that count from -128; channels that reach too far get larger steps."
  y = CONV_2D[fused_activation_function=_](x: u8, w: const u8, b: const i32)
  where 450 * x.scale * rounding(w.value, slice_steps(w.value, 0, w.scale), 0) <= 30 * y.scale
  -> s = slice_steps(dequantize(w), 0, w.scale);
     QUANTIZE(
       @y(
         QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
         quantize(dequantize(w), s, 0, "i8", axis=0),
         quantize(dequantize(b), bias_steps(x.scale, s), 0, "i32", axis=0),
       ): like y[dtype="i8", zero_point=y.zero_point - 128],
     )
  lossy within 30 steps

rule uint8_depthwise
  "A convolution of each channel on its own, of bytes that count from -128; no weight changes."
  y = DEPTHWISE_CONV_2D[fused_activation_function=_](x: u8, w: const u8, b: const i32)
  where is_narrow(w.value, w.scale, 3)
  -> QUANTIZE(
    @y(
      QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
      quantize(dequantize(w), w.scale, 0, "i8"),
      b,
    ): like y[dtype="i8", zero_point=y.zero_point - 128],
  )
  equal within 1 step
  benefit 2

rule uint8_depthwise_wide
  "A convolution of each channel on its own, of bytes that count from -128; some channels get larger steps."
  y = DEPTHWISE_CONV_2D[fused_activation_function=_](x: u8, w: const u8, b: const i32)
  where 450 * x.scale * rounding(w.value, slice_steps(w.value, 3, w.scale), 3) <= 30 * y.scale
  -> s = slice_steps(dequantize(w), 3, w.scale);
     QUANTIZE(
       @y(
         QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
         quantize(dequantize(w), s, 0, "i8", axis=3),
         quantize(dequantize(b), bias_steps(x.scale, s), 0, "i32", axis=0),
       ): like y[dtype="i8", zero_point=y.zero_point - 128],
     )
  lossy within 30 steps

rule uint8_fully_connected
  "A matrix product of bytes that count from -128; no weight changes."
  y = FULLY_CONNECTED[fused_activation_function=_](x: u8, w: const u8, b?)
  where is_narrow(w.value, w.scale, 0)
  -> QUANTIZE(
    @y(
      QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
      quantize(dequantize(w), w.scale, 0, "i8"),
      b,
    ): like y[dtype="i8", zero_point=y.zero_point - 128],
  )
  equal within 1 step
  benefit 2

rule uint8_fully_connected_wide
  "A matrix product of bytes that count from -128; its weights get larger steps."
  y = FULLY_CONNECTED[fused_activation_function=_](x: u8, w: const u8, b: const i32)
  where 450 * x.scale * rounding(w.value, max(abs(w.value)) / 127, 0) <= 30 * y.scale
  -> s = max(abs(w.value)) / 127;
     QUANTIZE(
       @y(
         QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128],
         quantize(dequantize(w), s, 0, "i8"),
         quantize(dequantize(b), x.scale * s, 0, "i32"),
       ): like y[dtype="i8", zero_point=y.zero_point - 128],
     )
  lossy within 30 steps

rule uint8_arg
  "Where the largest is does not depend on the end that bytes count from."
  y = (ARG_MAX|ARG_MIN)(x: u8, a)
  where x.quantized
  -> @y(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128], a)
  equal exact

rule uint8_from_floats
  "Real values become bytes that count from -128."
  y = QUANTIZE(x: f32)
  where y.dtype == "u8"
  -> QUANTIZE(QUANTIZE(x): like y[dtype="i8", zero_point=y.zero_point - 128])
  equal within 1 step

rule uint8_to_floats
  "Bytes that count from -128 become real values."
  DEQUANTIZE(x: u8)
  -> DEQUANTIZE(QUANTIZE(x): like x[dtype="i8", zero_point=x.zero_point - 128])
  equal exact

rule uint8_cancel
  "Bytes that are counted from another end, and from the first again, stay what they are."
  QUANTIZE(t = QUANTIZE(x: i8))
  where t.dtype == "u8", t.scale == x.scale, t.zero_point == x.zero_point + 128
  -> x
  equal exact
  benefit 3
  shared

rule uint8_rescale
  "Bytes that are counted from another end, and then brought to other steps, are brought to these at once."
  y = QUANTIZE(t = QUANTIZE(x: i8))
  where t.dtype == "u8", y.dtype == "i8", t.scale == x.scale, t.zero_point == x.zero_point + 128
  -> QUANTIZE(x)
  equal within 1 step
  benefit 2
  shared

rule uint8_constant
  "Constants in bytes are stored as they are used."
  y = QUANTIZE(c: const u8)
  where y.dtype == "i8"
  -> quantize(dequantize(c), y.scale, y.zero_point, "i8")
  equal within 1 step

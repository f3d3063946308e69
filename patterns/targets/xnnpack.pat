# What the runtime (LiteRT 2.3) asks of an operator when it cuts the graph. Some of what is taken is refused when the kernels
# are built, and then the whole model stops loading: a filter of i8 whose zero point is not 0, an operator that only moves
# data and whose result has another scale. Conditions against these stand here too.

target xnnpack "XNNPACK, the runtime's default delegate on CPUs"
  requires subset(inputs.scales, [0, 1]), subset(outputs.scales, [0, 1])
  # Constants are unpacked once, before the model runs, where nobody else reads what comes of it.
  unpacks DEQUANTIZE(input: const f16|i8, output: f32) where
    not input.is_sparse,
    input.dtype == "f16" or input.quantized
  unpacks DENSIFY(input: const f16|f32|i8) where input.is_sparse
  accepts ABS|
    CEIL|
    COS|
    EXP|
    FLOOR|
    GELU|
    HARD_SWISH|
    LOG|
    NEG|
    RELU|
    RELU6|
    RELU_N1_TO_1|
    ROUND|
    RSQRT|
    SIN|
    SQRT|
    SQUARE(input: f16|f32, output: f16|f32) where input.rank <= 6, 0 not in input.shape
  accepts ELU(input: f16|f32|i8, output: f16|f32|i8) where
    input.rank <= 6,
    0 not in input.shape,
    input.dtype in ["f16", "f32"] or input.quantized and output.quantized
  accepts LOGISTIC|TANH(input: f16|f32|i8|u8, output: f16|f32|i8|u8) where
    input.rank <= 6,
    0 not in input.shape,
    input.dtype in ["f16", "f32"] or input.quantized and output.quantized
  accepts LEAKY_RELU(input: f16|f32, output: f16|f32) where
    input.rank <= 6,
    0 not in input.shape,
    abs(alpha) >= 1.2e-38
  accepts LEAKY_RELU(input: i8|u8, output: i8|u8) where
    input.rank <= 6,
    0 not in input.shape,
    1 / 256 <= input.scale / output.scale <= 128,
    -128 < alpha * input.scale / output.scale <= 128,
    abs(alpha) * input.scale / output.scale >= 1 / 256
  accepts DEQUANTIZE(input: i8|u8, output: f32) where
    input.rank <= 6,
    0 not in input.shape,
    input.quantized
  accepts QUANTIZE(input: f32, output: i8|u8) where
    input.rank <= 6,
    0 not in input.shape,
    output.quantized
  accepts QUANTIZE(input: i8|u8, output: i8|u8) where
    input.rank <= 6,
    0 not in input.shape,
    input.dtype == output.dtype,
    1 / 256 <= input.scale / output.scale <= 128
  accepts ADD|SUB(lhs: f16|f32, rhs: f16|f32, output: f16|f32) where
    max([lhs.rank, rhs.rank]) <= 6,
    0 not in lhs.shape + rhs.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts ADD|SUB(lhs: i8|u8, rhs: i8|u8, output: i8|u8) where
    max([lhs.rank, rhs.rank]) <= 6,
    0 not in lhs.shape + rhs.shape,
    lhs.dtype == rhs.dtype == output.dtype,
    1 / 1024 <= lhs.scale / output.scale < 256,
    1 / 1024 <= rhs.scale / output.scale < 256,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts MUL(lhs: f16|f32, rhs: f16|f32, output: f16|f32) where
    max([lhs.rank, rhs.rank]) <= 6,
    0 not in lhs.shape + rhs.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts MUL(lhs: i8|u8, rhs: i8|u8, output: i8|u8) where
    max([lhs.rank, rhs.rank]) <= 6,
    0 not in lhs.shape + rhs.shape,
    lhs.dtype == rhs.dtype == output.dtype,
    1 / 65536 <= lhs.scale * rhs.scale / output.scale < 256,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts DIV[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    lhs: f16|f32,
    rhs: f16|f32,
    output: f16|f32,
  ) where max([lhs.rank, rhs.rank]) <= 6, 0 not in lhs.shape + rhs.shape
  accepts MAXIMUM|MINIMUM|SQUARED_DIFFERENCE(lhs: f16|f32, rhs: f16|f32, output: f16|f32) where
    max([lhs.rank, rhs.rank]) <= 6,
    0 not in lhs.shape + rhs.shape
  accepts PRELU(input: f16|f32, alpha: const f16|f32, output: f16|f32) where
    max([input.rank, alpha.rank]) <= 6,
    0 not in input.shape + alpha.shape
  accepts AVERAGE_POOL_2D[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f16|f32,
    output: f16|f32,
  ) where stride_h <= filter_height, stride_w <= filter_width
  accepts MAX_POOL_2D[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f32|i8|u8,
    output: f32|i8|u8,
  ) where
    stride_h <= filter_height,
    stride_w <= filter_width,
    input.dtype == "f32" or input.scale == output.scale and input.zero_point == output.zero_point
  accepts BATCH_MATMUL(lhs: f16|f32, rhs: f16|f32, output: f16|f32) where
    lhs.rank >= 2,
    rhs.rank >= 2
  accepts BATCH_MATMUL(lhs: f16|f32, rhs: i8, output: f16|f32) where
    lhs.rank >= 2,
    rhs.rank >= 2,
    rhs.quantized
  accepts BATCH_MATMUL(lhs: i8, rhs: i8, output: i8) where
    lhs.rank >= 2,
    rhs.rank >= 2,
    lhs.quantized,
    rhs.scales == 1,
    output.quantized
  accepts CONV_2D[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f16|f32[_, _, _, _],
    filter: const f16|f32[_, _, _, _],
    bias: const f16|f32[_],
    output: f16|f32[_, _, _, _],
  ) where 0 not in input.shape + output.shape
  accepts CONV_2D[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f16|f32[_, _, _, _],
    filter: const i8[_, _, _, _],
    bias: const f16|f32[_],
    output: f16|f32[_, _, _, _],
  ) where 0 not in input.shape + output.shape, filter.quantized
  accepts CONV_2D|DEPTHWISE_CONV_2D(
    input: i8[_, _, _, _],
    filter: const i8[_, _, _, _],
    bias: const i32[_],
    output: i8[_, _, _, _],
  ) where
    0 not in input.shape + output.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6],
    subset(filter.zero_point, [0]),
    bias.quantized
  accepts CONV_2D|DEPTHWISE_CONV_2D(
    input: u8[_, _, _, _],
    filter: const u8[_, _, _, _],
    bias: const i32[_],
    output: u8[_, _, _, _],
  ) where
    0 not in input.shape + output.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6],
    filter.scales == 1,
    bias.quantized
  accepts DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f16|f32[_, _, _, _],
    filter: const f16|f32[_, _, _, _],
    bias: const f16|f32[_],
    output: f16|f32[_, _, _, _],
  ) where 0 not in input.shape + output.shape
  accepts TRANSPOSE_CONV[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: f16|f32[_, _, _, _],
    filter: const f16|f32|i8[_, _, _, _],
    bias?: const f16|f32[_],
    output_shape: const i32[4],
    output: f16|f32[_, _, _, _],
  ) where
    0 not in input.shape + output.shape,
    filter.dtype != "i8" or filter.quantized,
    padding == VALID or filter.shape[1] >= stride_h and filter.shape[2] >= stride_w
  accepts TRANSPOSE_CONV[fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6](
    input: i8|u8[_, _, _, _],
    filter: const i8|u8[_, _, _, _],
    bias?: const i32[_],
    output_shape: const i32[4],
    output: i8|u8[_, _, _, _],
  ) where
    0 not in input.shape + output.shape,
    filter.quantized,
    input.dtype == filter.dtype == output.dtype,
    padding == VALID or filter.shape[1] >= stride_h and filter.shape[2] >= stride_w
  accepts FULLY_CONNECTED[
    weights_format=DEFAULT,
    fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6,
  ](input: f16|f32, filter: const f16|f32[_, _], bias?: const f16|f32, output: f16|f32)
  accepts FULLY_CONNECTED[
    weights_format=DEFAULT,
    fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6,
  ](input: f16|f32, filter: const i8|i4[_, _], bias?: const f16|f32, output: f16|f32)
  accepts FULLY_CONNECTED[
    weights_format=DEFAULT,
    fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6,
  ](input: i8, filter: const i8|i4[_, _], bias?: const i32, output: i8) where
    input.quantized,
    filter.quantized,
    output.quantized
  accepts FULLY_CONNECTED[
    weights_format=DEFAULT,
    fused_activation_function=NONE|RELU|RELU_N1_TO_1|RELU6,
  ](input: u8, filter: const u8[_, _], bias?: const i32, output: u8) where
    input.quantized,
    filter.scales == 1,
    output.quantized
  accepts MEAN|SUM|REDUCE_MAX|REDUCE_MIN(
    input: f16|f32|i8|u8,
    axis: const i32,
    output: f16|f32|i8|u8,
  ) where axis.rank <= 1, input.dtype in ["f16", "f32"] or input.quantized and output.quantized
  accepts CONCATENATION(values: f16|f32, output: f16|f32) where 2 <= len(values) <= 5
  accepts CONCATENATION(values: i8, output: i8) where
    2 <= len(values) <= 5,
    subset(values.scales, [1]),
    output.quantized
  accepts CONCATENATION(values: u8, output: u8) where
    2 <= len(values) <= 5,
    subset(values.scale, [output.scale]),
    subset(values.zero_point, [output.zero_point])
  accepts SPLIT(axis: const i32, input: f16|f32|i8|u8, outputs: f16|f32|i8|u8) where
    2 <= len(outputs) <= 4,
    input.dtype in ["f16", "f32"]
      or subset(outputs.scale, [input.scale]) and subset(outputs.zero_point, [input.zero_point])
  accepts RESHAPE(input: f16|f32, shape?: const i32, output: f16|f32) where
    max([input.rank, output.rank]) <= 6,
    0 not in input.shape + output.shape,
    [0] not in constants.shape
  accepts RESHAPE(input: i8|u8, shape?: const i32, output: i8|u8) where
    max([input.rank, output.rank]) <= 6,
    0 not in input.shape + output.shape,
    [0] not in constants.shape,
    input.scale == output.scale,
    input.zero_point == output.zero_point
  accepts TRANSPOSE(input: f16|f32|i8|u8, perm: const, output: f16|f32|i8|u8) where
    input.dtype in ["f16", "f32"]
      or input.scale == output.scale and input.zero_point == output.zero_point
  accepts PAD(input: f16|f32|i8|u8, paddings: const i32, output: f16|f32|i8|u8) where
    1 <= input.rank <= 6,
    0 not in input.shape + output.shape,
    min(paddings.value) >= 0,
    input.dtype in ["f16", "f32"]
      or input.scale == output.scale and input.zero_point == output.zero_point
  accepts SLICE(input: f16|f32|i8|u8, begin: const, size: const, output: f16|f32|i8|u8) where
    min(size.value) > 0,
    input.dtype in ["f16", "f32"]
      or input.scale == output.scale and input.zero_point == output.zero_point
  accepts STRIDED_SLICE[ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0](
    input: f16|f32|i8|u8,
    begin: const i32[n],
    end: const i32[n],
    strides: const i32[n],
    output: f16|f32|i8|u8,
  ) where
    all(strides.value == 1),
    input.rank == n,
    input.dtype in ["f16", "f32"]
      or input.scale == output.scale and input.zero_point == output.zero_point
  accepts RESIZE_BILINEAR(
    input: f32|i8|u8[_, _, _, _],
    size: const i32[2],
    output: f32|i8|u8[_, _, _, _],
  ) where
    0 not in input.shape + output.shape,
    min(size.value) > 0,
    input.dtype == "f32" or input.scale == output.scale and input.zero_point == output.zero_point
  accepts SOFTMAX[beta=1.0](input: f16|f32, output: f16|f32)
  accepts DEPTH_TO_SPACE(input: f16|f32|i8|u8, output: f16|f32|i8|u8) where
    block_size > 1,
    input.dtype in ["f16", "f32"]
      or input.scale == output.scale and input.zero_point == output.zero_point
  accepts SPACE_TO_DEPTH(input: f32|i8|u8[_, h, w, _], output: f32|i8|u8) where
    block_size > 1,
    h % block_size == 0,
    w % block_size == 0,
    input.dtype == "f32" or input.scale == output.scale and input.zero_point == output.zero_point
  # A variable goes to the delegate where something that reads or sets it does; nothing is known of it but by those.
  accepts VAR_HANDLE
  accepts READ_VARIABLE(output: f32|i8|u8) where output.rank > 0
  accepts ASSIGN_VARIABLE(value: f32|i8|u8)
  accepts STABLEHLO_COMPOSITE(inputs: f32, outputs: f32) where
    name == "odml.scaled_dot_product_attention"
  accepts CUSTOM[Convolution2DTransposeBias](
    inputs: f32[_, _, _, _],
    constants: f32,
    outputs: f32[_, _, _, _],
  ) where len(inputs) == 1, len(constants) == 2
  accepts CUSTOM[MaxPoolingWithArgmax2D](inputs: f32[_, _, _, _])
  accepts CUSTOM[MaxUnpooling2D](outputs: f32[_, _, _, _])

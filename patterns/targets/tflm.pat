# TensorFlow Lite Micro with every operator registered, by its reference kernels. Vendors' kernels (CMSIS-NN, Xtensa, ARC
# and others) stand in for some of these and are held to the same. Nothing falls back: one operator without a kernel, and
# the model does not start. Memory is laid out before the first run by the shapes that stand in the file; a size that is
# left open counts as what is recorded, which is 1. A hybrid operator, of floats with weights of whole numbers, has no
# kernel, nor have convolutions of u8.

target tflm "TensorFlow Lite Micro, every operator registered"
  accepts ADD|SUB(lhs: f32|i8|i16|i32, rhs: f32|i8|i16|i32, output: f32|i8|i16|i32) where
    lhs.dtype == rhs.dtype == output.dtype,
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts MUL(lhs: f32|i8|i16|i32, rhs: f32|i8|i16|i32, output: f32|i8|i16|i32) where
    lhs.dtype == rhs.dtype == output.dtype,
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts DIV(lhs: f32|i8|i32, rhs: f32|i8|i32, output: f32|i8|i32) where
    lhs.dtype == rhs.dtype == output.dtype,
    max([lhs.rank, rhs.rank]) <= 5,
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts FLOOR_DIV|FLOOR_MOD(lhs: f32, rhs: f32) where max([lhs.rank, rhs.rank]) <= 4
  accepts MAXIMUM|MINIMUM(lhs: f32|i8|i16|i32|i64, rhs: f32|i8|i16|i32|i64) where
    lhs.dtype == rhs.dtype,
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape
  accepts SQUARED_DIFFERENCE(lhs: f32|i8|i16|i32, rhs: f32|i8|i16|i32) where
    lhs.dtype == rhs.dtype,
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape
  accepts EQUAL|NOT_EQUAL(lhs: f32|i8|i32|i64|bool, rhs: f32|i8|i32|i64|bool) where
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape
  accepts GREATER|GREATER_EQUAL|LESS|LESS_EQUAL(lhs: f32|i8|i32|i64, rhs: f32|i8|i32|i64) where
    max([lhs.rank, rhs.rank]) <= 4 or lhs.shape == rhs.shape
  accepts LOGICAL_AND|LOGICAL_OR|LOGICAL_NOT
  accepts ADD_N(inputs: f32|i8) where len(inputs) + len(constants) >= 2
  accepts CEIL|COS|EXP|FLOOR|LOG|NEG|ROUND|SIN|SQRT|SQUARE(input: f32)
  accepts ABS(input: f32|i8|i16)
  accepts RSQRT|ELU|HARD_SWISH|LOG_SOFTMAX(input: f32|i8)
  accepts RELU|RELU6|LEAKY_RELU(input: f32|i8|i16)
  accepts PRELU(input: f32|i8|i16, alpha: f32|i8) where input.rank <= 4
  accepts LOGISTIC|TANH(input: f32|i8|i16)
  accepts SOFTMAX(input: f32|i8|i16, output: f32|i8|i16) where input.rank > 0
  accepts L2_NORMALIZATION[fused_activation_function=NONE](input: f32|i8) where input.rank <= 4
  accepts CONV_2D(input: f32, filter: f32, bias?: f32) where
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts CONV_2D(input: i8, filter: const i8|i4, bias?: i32) where
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts CONV_2D(input: i16, filter: const i8, bias?: i32|i64) where
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts DEPTHWISE_CONV_2D(input: f32, filter: f32, bias?: f32) where
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts DEPTHWISE_CONV_2D(input: i8, filter: const i8|i4, bias?: i32) where
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts DEPTHWISE_CONV_2D(input: i16, filter: const i8, bias?: i64) where
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts TRANSPOSE_CONV(input: f32, filter: f32, bias?: f32)
  accepts TRANSPOSE_CONV(input: i8, filter: const i8, bias?: i32) where
    subset(filter.zero_point, [0])
  accepts TRANSPOSE_CONV(input: i16, filter: const i8, bias?: i16|i64) where
    subset(filter.zero_point, [0])
  accepts FULLY_CONNECTED[weights_format=DEFAULT](input: f32, filter: f32, bias?: f32) where
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts FULLY_CONNECTED[weights_format=DEFAULT](
    input: i8,
    filter: i8,
    bias?: i32,
    output: i8,
  ) where
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts FULLY_CONNECTED[weights_format=DEFAULT](
    input: i8,
    filter: const i4,
    bias?: i32,
    output: i8,
  ) where
    filter.scales == 1,
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts FULLY_CONNECTED[weights_format=DEFAULT](
    input: i16,
    filter: i8,
    bias?: i64,
    output: i16,
  ) where
    filter.scales == 1,
    subset(filter.zero_point, [0]),
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts BATCH_MATMUL(lhs: f32|i8|i16, rhs: f32|i8|i16) where
    lhs.dtype == rhs.dtype,
    2 <= lhs.rank <= 5,
    2 <= rhs.rank <= 5
  accepts SVDF(input: f32, weights_feature: f32, weights_time: f32)
  accepts SVDF(input: i8, weights_feature: i8, weights_time: i8|i16, output: i8)
  accepts UNIDIRECTIONAL_SEQUENCE_LSTM(input: f32|i8|i16, output: f32|i8|i16)
  accepts EMBEDDING_LOOKUP(value: f32|i8)
  accepts AVERAGE_POOL_2D|MAX_POOL_2D(input: f32|i8|i16) where
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts L2_POOL_2D(input: f32) where
    fused_activation_function in [NONE, RELU, RELU_N1_TO_1, RELU6]
  accepts MEAN(input: f32|i8|i16, axis: i32) where input.rank <= 4
  accepts SUM(input: f32|i8|i16, axis: i32) where input.rank <= 4
  accepts REDUCE_MAX|REDUCE_MIN(input: f32, axis: i32)
  accepts REDUCE_MAX|REDUCE_MIN(input: i8, axis: i32) where
    input.scale == output.scale,
    input.zero_point == output.zero_point
  accepts REDUCE_ALL(input: bool, axis: i32)
  accepts ARG_MAX|ARG_MIN(input: f32|i8, axis: i32, output: i32)
  accepts CUMSUM(input: f32|i8)
  accepts CONCATENATION[fused_activation_function=NONE](values: f32|i8|i16|i32|i64|bool) where
    len(values) <= 10,
    max(values.rank) <= 6
  accepts RESHAPE|SQUEEZE where input.dtype != "string"
  accepts EXPAND_DIMS(input: f32|i8|i16, axis: const i32)
  accepts PACK(values: f32|i8|i16|i32|i64)
  accepts UNPACK(input: f32|i8|i16|i32)
  accepts SPLIT(axis: const i32, input: f32|i8|i16|i32)
  accepts SPLIT_V(axis: const i32, size_splits: const, input: f32|i8|i16|i32)
  accepts SLICE(input: f32|i8|i16|i32|bool) where input.rank <= 5
  accepts STRIDED_SLICE[ellipsis_mask=0, new_axis_mask=0, offset=false](
    input: f32|i8|i16|i32|bool,
    begin: const i32,
    end: const i32,
    strides: const i32,
  ) where input.rank <= 4, prod(begin.shape) == input.rank
  accepts GATHER(params: f32|i8, indices: i32)
  accepts GATHER_ND(params: f32|i8, indices: i32) where indices.shape[-1] <= 5
  accepts PAD(input: f32|i8|i16|i32, paddings: const i32) where input.rank <= 5
  accepts PADV2(input: f32|i8|i16|i32, paddings: const i32, constant_values: f32|i8|i16|i32) where
    input.rank <= 5,
    not input.quantized
      or constant_values.scale == output.scale and constant_values.zero_point == output.zero_point
  accepts MIRROR_PAD(input: f32|i8)
  accepts TRANSPOSE(input: f32|i8|i16, perm: const i32) where input.rank <= 5
  accepts REVERSE_V2(input: f32|i8|u8|i16|i32|i64|bool, axis: i32)
  accepts SPACE_TO_BATCH_ND|BATCH_TO_SPACE_ND(input: f32|i8) where input.rank in [3, 4]
  accepts SPACE_TO_DEPTH|DEPTH_TO_SPACE(input: f32|i8) where input.rank == 4
  accepts RESIZE_BILINEAR(input: f32|i8[_, _, _, _], size: const) where
    not (align_corners and half_pixel_centers)
  accepts RESIZE_NEAREST_NEIGHBOR(input: f32|i8|i16[_, _, _, _], size: const)
  accepts BROADCAST_TO where input.dtype != "string", output.rank <= 5
  accepts BROADCAST_ARGS
  accepts FILL(value: f32|i8|i32) where value.rank == 0
  accepts SHAPE(output: i32)
  accepts ZEROS_LIKE(input: f32|i8|i32|i64)
  accepts SELECT_V2(on_true: f32|i8|i16, on_false: f32|i8|i16) where
    max([condition.rank, on_true.rank, on_false.rank]) <= 5
  accepts DYNAMIC_UPDATE_SLICE(operand: f32|i8|i32) where operand.rank <= 6
  accepts CAST(input: f32|i8|i16|i32|u32|bool, output: f32|i8|i16|i32|u32)
  accepts QUANTIZE(input: f32|i8|i16|i32, output: i8|i16) where output.scales == 1
  accepts QUANTIZE(input: i8, output: u8|i32) where output.scales == 1
  accepts QUANTIZE(input: i16, output: i32) where output.scales == 1
  accepts QUANTIZE(input: u8, output: i8) where output.scales == 1
  accepts DEQUANTIZE(input: i8|u8|i16, output: f32)
  accepts IF|WHILE|CALL_ONCE|VAR_HANDLE|READ_VARIABLE|ASSIGN_VARIABLE
  accepts CUSTOM[TFLite_Detection_PostProcess]
  accepts CUSTOM[CIRCULAR_BUFFER]
  accepts CUSTOM[SignalDelay]
  accepts CUSTOM[SignalEnergy]
  accepts CUSTOM[SignalFftAutoScale]
  accepts CUSTOM[SignalFilterBank]
  accepts CUSTOM[SignalFilterBankLog]
  accepts CUSTOM[SignalFilterBankSpectralSubtraction]
  accepts CUSTOM[SignalFilterBankSquareRoot]
  accepts CUSTOM[SignalFramer]
  accepts CUSTOM[SignalIrfft]
  accepts CUSTOM[SignalOverlapAdd]
  accepts CUSTOM[SignalPCAN]
  accepts CUSTOM[SignalRfft]
  accepts CUSTOM[SignalStacker]
  accepts CUSTOM[SignalWindow]

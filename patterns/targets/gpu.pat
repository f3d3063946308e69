# TensorFlow Lite's GPU delegate as it is set up unless told otherwise: with quantized models, one partition. Shapes of
# operands that are broadcast in unusual ways are left to the delegate.

target gpu "TensorFlow Lite's GPU delegate"
  requires
    subset(outputs.dtype, ["f32", "f16", "i8", "u8", "i32", "bool"]),
    subset(inputs.rank + outputs.rank, range(5))
  partitions largest 1
  unpacks DEQUANTIZE(input: const f16|i8, output: f32)
  unpacks DENSIFY(input: const)
  accepts ABS|
    CEIL|
    COS|
    ELU|
    EXP|
    FLOOR|
    GELU|
    HARD_SWISH|
    LOG|
    LOGISTIC|
    NEG|
    RSQRT|
    SIGN|
    SIN|
    SQRT|
    SQUARE|
    TANH(inputs: f32|f16|i8|u8) where len(inputs) == 1
  accepts RELU|RELU6|RELU_N1_TO_1|LEAKY_RELU|PRELU(inputs: f32|f16|i8|u8)
  accepts ADD(inputs: f32|f16|i8|u8)
  accepts ADD_N(inputs: f32|f16|i8|u8) where len(inputs) + len(constants) == 2
  accepts MUL(inputs: f32|f16|i8|u8) where fused_activation_function != SIGN_BIT
  accepts SUB|DIV(inputs: f32|f16|i8|u8) where fused_activation_function != SIGN_BIT
  accepts MAXIMUM|MINIMUM|POW|SQUARED_DIFFERENCE|FLOOR_DIV|FLOOR_MOD(inputs: f32|f16|i8|u8)
  accepts EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL(inputs: f32|f16|i8|u8)
  accepts LOGICAL_AND
  accepts AVERAGE_POOL_2D|MAX_POOL_2D(inputs: f32|f16|i8|u8) where
    fused_activation_function != SIGN_BIT
  accepts BATCH_MATMUL(inputs: f32|f16|i8|u8)
  accepts CAST(input: bool, output: f32|f16)
  accepts CAST(input: f32|f16, output: bool)
  accepts CAST(input: f32|i32, output: f32|i32)
  accepts CONCATENATION(inputs: f32|f16|i8|u8)
  accepts CONV_2D(inputs: f32|f16|i8|u8, input: [_, _, _, _], filter: [_, _, _, _]) where
    len(inputs) <= 2,
    fused_activation_function != SIGN_BIT
  accepts DEPTHWISE_CONV_2D(
    inputs: f32|f16|i8|u8,
    input: [_, _, _, i],
    filter: [_, _, _, o],
    output: [_, _, _, o],
  ) where
    len(inputs) <= 2,
    fused_activation_function != SIGN_BIT,
    o == i * depth_multiplier,
    depth_multiplier == 1 or i == 1
  accepts TRANSPOSE_CONV(inputs: f32|f16|i8|u8, input: [_, _, _, _]) where len(inputs) <= 2
  accepts CUMSUM(input: f32|f16, axis: const i32)
  accepts DEPTH_TO_SPACE|SPACE_TO_DEPTH(inputs: f32|f16|i8|u8) where block_size > 1
  accepts DEQUANTIZE(input: f16|i8|u8)
  accepts EMBEDDING_LOOKUP(lookup: [_], value: i8|i4|f32) where value.rank > 1
  accepts FULLY_CONNECTED[weights_format=DEFAULT](inputs: f32|f16|i8|u8) where
    len(inputs) in [1, 2],
    not input.is_const,
    not keep_num_dims or input.rank == output.rank
  accepts GATHER(params: f32|f16|i8|u8, indices: i32[_])
  accepts LSTM(inputs: f32|f16)
  accepts MEAN|SUM|REDUCE_MAX|REDUCE_MIN|REDUCE_PROD(input: f32|f16|i8|u8, axis: const i32)
  accepts MIRROR_PAD[mode=REFLECT](input: f32|f16|i8|u8, paddings: [_, 2]) where
    paddings.shape[0] in [3, 4]
  accepts PAD|PADV2(input: f32|f16|i8|u8, paddings: [_, 2]) where
    len(inputs) == 1,
    paddings.shape[0] in [3, 4]
  accepts ONE_HOT(indices: i32, on_value: const f32, off_value: const f32) where
    on_value.rank <= 1,
    off_value.rank <= 1
  accepts PACK|SPLIT|SPLIT_V(inputs: f32|f16|i8|u8)
  accepts QUANTIZE(inputs: f32|f16|i8|u8)
  accepts RESHAPE|TILE|TRANSPOSE(inputs: f32|f16|i8|u8) where len(inputs) == 1
  accepts RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR(inputs: f32|f16|i8|u8) where
    len(inputs) == 1,
    not align_corners or not half_pixel_centers
  accepts SELECT|SELECT_V2(condition: bool|f16|f32, on_true: f16|f32, on_false: f16|f32)
  accepts SLICE(input: f32|f16|i8|u8) where input.rank in [3, 4]
  accepts STRIDED_SLICE[ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0](
    input: f32|f16|i8|u8,
  ) where input.rank in [3, 4]
  accepts SOFTMAX[beta=1.0](input: f32|f16|i8|u8)
  accepts CUSTOM[Convolution2DTransposeBias](inputs: f32|f16)
  accepts CUSTOM[MaxPoolingWithArgmax2D](inputs: f32|f16) where len(inputs) == 1
  accepts CUSTOM[MaxUnpooling2D](inputs: f32|f16) where len(inputs) == 2
  accepts CUSTOM[Resampler](inputs: f32|f16) where len(inputs) == 2

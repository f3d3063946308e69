# What TensorFlow Lite's NNAPI delegate hands over at each feature level, as long as no accelerator is named. A higher level
# takes all that a lower one takes. Left out: the delegate's limit on the number of partitions, which the application sets.

pack targets "What delegates and runtimes take: NNAPI, XNNPACK, GPU, Hexagon, Core ML, Edge TPU, TensorFlow Lite Micro"

target nnapi_1_0 "Android NNAPI, feature level 1"
  # A model with constants of f16 is handed over whole or not at all.
  unpacks whole DEQUANTIZE(input: const f16)
  requires
    subset(inputs.dtype, ["f32", "f16", "i8", "u8", "i32", "bool"]),
    subset(outputs.dtype, ["f32", "f16", "i8", "u8", "i32", "bool"])
  accepts ADD|MUL@<=2(lhs: f32|u8|i8) where lhs.rank <= 4, rhs.rank <= 4
  accepts AVERAGE_POOL_2D@<=2(input: f32)
  accepts AVERAGE_POOL_2D@<=2(input: u8|i8) where filter_height * filter_width <= 256
  accepts MAX_POOL_2D@<=2(input: f32|u8|i8)
  accepts L2_POOL_2D[fused_activation_function=NONE]@==1(input: f32)
  accepts CONV_2D[dilation_h_factor=1, dilation_w_factor=1]@<=5(
    input: f32[_, _, _, i],
    filter: f32[_, _, _, i],
    bias: f32,
  )
  accepts CONV_2D[dilation_h_factor=1, dilation_w_factor=1]@<=5(
    input: u8[_, _, _, i],
    filter: u8[_, _, _, i],
    bias: i32,
  ) where filter.scales == 1, input.scale * filter.scale < output.scale
  accepts DEPTHWISE_CONV_2D[dilation_h_factor=1, dilation_w_factor=1]@<=3(input: f32, filter: f32)
  accepts DEPTHWISE_CONV_2D[dilation_h_factor=1, dilation_w_factor=1]@<=3(
    input: u8,
    filter: u8,
  ) where filter.scales == 1, input.scale * filter.scale < output.scale
  accepts FULLY_CONNECTED[keep_num_dims=false]@<=5(input: f32, filter: f32)
  accepts FULLY_CONNECTED[keep_num_dims=false]@<=5(input: u8, filter: u8) where
    filter.scales == 1,
    input.scale * filter.scale < output.scale
  accepts RESIZE_BILINEAR@<=3(input: f32[_, _, _, _], size: const, output: [_, n, n, _]) where
    not align_corners,
    not half_pixel_centers
  accepts CONCATENATION[fused_activation_function=NONE]@<=2(values: f32|i8) where
    max(values.rank) <= 4
  accepts CONCATENATION[fused_activation_function=NONE]@<=2(values: u8) where
    max(values.rank) <= 4,
    subset(values.scale, [output.scale]),
    subset(values.zero_point, [output.zero_point])
  accepts SOFTMAX@<=2(input: f32|u8|i8) where input.rank in [2, 4]
  accepts RESHAPE@==1(input: f32|u8|i8, shape?: const) where input.rank <= 4, 1 <= output.rank <= 4
  accepts DEQUANTIZE@<=2(input: u8)
  accepts FLOOR@==1
  accepts RELU|RELU_N1_TO_1|RELU6|LOGISTIC@<=2(input: f32|u8|i8)
  accepts HARD_SWISH(input: f32|u8|i8)
  accepts TANH@<=2(input: f32)
  accepts L2_NORMALIZATION[fused_activation_function=NONE]@<=2(input: f32[_, _, _, _])
  accepts LOCAL_RESPONSE_NORMALIZATION@==1
  accepts DEPTH_TO_SPACE|SPACE_TO_DEPTH@<=2(input: f32|u8|i8)
  accepts RNN@==1(weights: f32)
  accepts EMBEDDING_LOOKUP@==1(value: f32)
  accepts HASHTABLE_LOOKUP@==1(output: f32)

target nnapi_1_1 "Android NNAPI, feature level 2"
  extends nnapi_1_0
  accepts SUB@<=3(lhs: f32) where lhs.rank <= 4, rhs.rank <= 4
  accepts DIV@==1(lhs: f32) where lhs.rank <= 4, rhs.rank <= 4
  accepts PAD@<=2(input: f32) where 0 not in input.shape
  accepts STRIDED_SLICE@<=2(input: f32|u8|i8)
  accepts SPACE_TO_BATCH_ND@<=2
  accepts BATCH_TO_SPACE_ND@<=2(crops: const) where all(crops.value == 0)
  accepts TRANSPOSE@<=2(perm: const)
  accepts SQUEEZE@==1 where len(squeeze_dims) > 0
  accepts MEAN@<=2(input: f32) where input.rank <= 4, output.rank > 0
  accepts NEG@<=2(input: f32|i32)
  accepts SVDF@==1(weights_feature: f32)
  accepts LSTM@<=3(inputs: f32, constants: f32)

target nnapi_1_2 "Android NNAPI, feature level 3"
  extends nnapi_1_1
  accepts CONV_2D@<=5(input: f32|u8|i8, bias: f32|i32)
  accepts DEPTHWISE_CONV_2D@<=3(input: f32|u8|i8)
  accepts FULLY_CONNECTED[keep_num_dims=false]@<=5(input: f32|u8|i8, output: f32|u8|i8)
  accepts RESIZE_BILINEAR@<=3(input: f32|u8|i8[_, _, _, _], size: const) where
    not align_corners,
    not half_pixel_centers
  accepts RESIZE_NEAREST_NEIGHBOR@<=3(input: f32|u8|i8, size: const) where
    not align_corners,
    not half_pixel_centers
  accepts ARG_MAX|ARG_MIN@<=2(input: f16|f32|i32|u8|i8, axis: const) where output_type == INT32
  accepts L2_POOL_2D@==1(input: f32)
  accepts CONCATENATION[fused_activation_function=NONE]@<=2(values: u8) where max(values.rank) <= 4
  accepts SOFTMAX@<=2(input: f32|u8|i8) where input.rank <= 4
  accepts TANH@<=2(input: u8|i8)
  accepts SUB@<=3(lhs: u8|i8) where lhs.rank <= 4, rhs.rank <= 4
  accepts PAD|PADV2@<=2(input: f32|u8|i8) where 0 not in input.shape
  accepts SQUEEZE@==1
  accepts MEAN@<=2(input: u8|i8) where
    input.rank <= 4,
    output.rank > 0,
    input.scale == output.scale,
    input.zero_point == output.zero_point
  accepts SLICE@<=2(input: f32|i32|u8|i8, begin: i32, size: i32)
  accepts TILE@==1(input: f32|i32|u8|i8, multiples: i32)
  accepts LEAKY_RELU|PRELU@==1(input: f32|u8|i8)
  accepts CAST@==1(input: f32|i32|u8, output: f32|i32|u8)
  accepts GATHER@<=2(params: f32|f16|i32|u8|i8, indices: i32) where indices.rank > 0
  accepts EXPAND_DIMS@==1(input: f32|f16|i32|u8|i8, axis: const i32)
  accepts SPLIT@<=3(axis: const i32, input: f32|u8|i32)
  accepts TOPK_V2@<=2(input: f32|i32|u8|i8, count: const i32)
  accepts SELECT@<=2(on_true: f32|i32|u8|i8) where condition.shape == on_true.shape
  accepts MAXIMUM|MINIMUM@<=3(lhs: f32|i32|u8|i8) where not [] in inputs.shape
  accepts EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL@<=2(lhs: f32|i32|u8|i8|bool)
  accepts LOGICAL_AND|LOGICAL_OR|LOGICAL_NOT@==1
  accepts ABS|EXP|LOG|SIN|COS|SQRT|RSQRT@==1(input: f32)
  accepts POW@==1(lhs: f32)
  accepts LOG_SOFTMAX@==1(input: f32)
  accepts REDUCE_MIN|REDUCE_MAX@<=2(input: f32|u8|i8) where input.rank > 0
  accepts SUM|REDUCE_PROD@==1(input: f32) where output.rank > 0
  accepts REDUCE_ANY@<=2 where output.rank > 0
  accepts TRANSPOSE_CONV@<=4(output_shape: const, filter: const)
  accepts QUANTIZE@<=2(input: f32|u8|i8, output: u8)
  accepts DEQUANTIZE@<=2(input: i8) where input.zero_point == 0
  accepts L2_NORMALIZATION[fused_activation_function=NONE]@<=2
  accepts LSTM@<=3(inputs: f32)
  accepts UNIDIRECTIONAL_SEQUENCE_LSTM@<=2(inputs: f32, constants: f32)
  accepts UNIDIRECTIONAL_SEQUENCE_RNN|BIDIRECTIONAL_SEQUENCE_LSTM@==1(inputs: f32, constants: f32)

target nnapi_1_3 "Android NNAPI, feature level 4"
  extends nnapi_1_2
  accepts ADD|MUL@<=2(lhs: i32) where
    fused_activation_function == NONE,
    lhs.rank <= 4,
    rhs.rank <= 4
  accepts SUB@<=3(lhs: i32) where fused_activation_function == NONE, lhs.rank <= 4, rhs.rank <= 4
  accepts FULLY_CONNECTED@<=5(input: f32|u8|i8, output: f32|u8|i8)
  accepts RESIZE_BILINEAR@<=3(input: f32|u8|i8[_, _, _, _], size: const)
  accepts RESIZE_NEAREST_NEIGHBOR@<=3(input: f32|u8|i8, size: const)
  accepts CAST@==1(input: f32|i32|u8|i8, output: f32|i32|u8|i8)
  accepts QUANTIZE@<=2(input: f32|u8|i8, output: u8|i8)
  accepts DEQUANTIZE@<=2(input: i8)
  accepts DEQUANTIZE(input: f16) where not input.is_const
  accepts SPLIT@<=3(axis: const i32, input: f32|u8|i8|i32)
  accepts SPLIT_V@<=2(size_splits: const, axis: const)
  accepts PACK@<=2(values: f32|i8) where axis >= 0, axis < output.rank - 1
  accepts UNPACK@<=2(input: f32|u8|i8)
  accepts ELU@==1(input: f32)
  accepts FILL@<=2(dims: const) where output.rank > 0
  unpacks DENSIFY(input: const)

target nnapi_fl5 "Android NNAPI, feature level 5"
  extends nnapi_1_3

target nnapi_fl6 "Android NNAPI, feature level 6"
  extends nnapi_fl5
  accepts BATCH_MATMUL@<=2(lhs: f32|i8) where lhs.dtype == rhs.dtype, lhs.rank == rhs.rank
  accepts PACK@<=2(values: f32|i32|u8|i8) where axis >= 0, axis < output.rank - 1

target nnapi_fl7 "Android NNAPI, feature level 7"
  extends nnapi_fl6
  accepts MIRROR_PAD@<=2
  accepts REVERSE_V2@<=2

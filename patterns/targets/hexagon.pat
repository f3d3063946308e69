target hexagon "Qualcomm's Hexagon DSP, by TensorFlow Lite's delegate"
  requires subset(inputs.rank + constants.rank + outputs.rank, range(5))
  accepts ADD|SUB|MUL@<=2(lhs: u8|i8, rhs: u8|i8) where
    fused_activation_function in [NONE, RELU, RELU6]
  accepts MAXIMUM|MINIMUM@<=2(lhs: u8|i8, rhs: u8|i8)
  accepts MEAN@<=2(input: u8|i8, axis: const i32)
  accepts MIRROR_PAD|PAD@<=2(input: u8|i8, paddings: const i32)
  accepts FULLY_CONNECTED[
    weights_format=DEFAULT,
    keep_num_dims=false,
    fused_activation_function=NONE|RELU|RELU6,
  ]@<=4(input: u8|i8, filter: u8|i8, bias?: const i32) where filter.scales == 1
  accepts CONCATENATION|PACK@<=2(values: u8|i8)
  accepts MAX_POOL_2D[fused_activation_function=NONE]@<=2(input: u8|i8) where
    padding == VALID or max([filter_height, filter_width]) < 13
  accepts AVERAGE_POOL_2D[fused_activation_function=NONE]@<=2(input: u8|i8)
  accepts CONV_2D[
    fused_activation_function=NONE|RELU|RELU6,
    dilation_h_factor=1,
    dilation_w_factor=1,
  ]@<=3(input: u8|i8, filter: u8|i8, bias: i32) where stride_h <= 3, stride_w <= 3
  accepts DEPTHWISE_CONV_2D[fused_activation_function=NONE|RELU|RELU6]@<=3(
    input: u8|i8[_, _, _, i],
    filter: u8|i8,
    bias: i32,
  ) where
    stride_h <= 3,
    stride_w <= 3,
    filter.shape[1] >= 2,
    [dilation_h_factor, dilation_w_factor] == [1, 1] or [stride_h, stride_w] == [1, 1],
    depth_multiplier == 1 or i == 1 and [dilation_h_factor, dilation_w_factor] == [1, 1]
  accepts TRANSPOSE_CONV@<=2(input: u8|i8, filter: u8|i8, output_shape: i32) where
    bias is absent,
    stride_h <= 3,
    stride_w <= 3
  accepts RESHAPE@==1(input: u8|i8)
  accepts SOFTMAX|LOGISTIC|TANH|RELU6|QUANTIZE|SPACE_TO_DEPTH@<=2(input: u8|i8)
  accepts HARD_SWISH|NEG|DEPTH_TO_SPACE@==1(input: u8|i8)
  accepts RELU@==2(input: u8|i8)
  accepts L2_NORMALIZATION[fused_activation_function=NONE]@<=2(input: u8|i8)
  accepts RESIZE_NEAREST_NEIGHBOR@<=2(input: u8|i8, size: const i32)
  accepts RESIZE_BILINEAR@<=2(input: u8|i8, size: const i32[2]) where max(size.value) < 66
  accepts ARG_MAX|ARG_MIN@<=2(input: u8|i8, axis: i32)
  accepts SPLIT@<=2(axis: const i32, input: u8|i8)
  accepts TRANSPOSE@<=2(input: u8|i8)
  accepts SLICE@<=2(input: u8|i8, begin: const, size: const)
  accepts STRIDED_SLICE[ellipsis_mask=0, new_axis_mask=0]@<=2(
    input: u8|i8,
    begin: const i32,
    end: const i32,
    strides: const i32,
  )

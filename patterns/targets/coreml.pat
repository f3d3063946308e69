# The operators and versions that the delegate goes by. What its builders ask of shapes and of the device's own version is
# not here.

target coreml "Apple's Core ML, by TensorFlow Lite's delegate"
  unpacks DEQUANTIZE(input: const f16, output: f32)
  accepts ADD|MUL@==1(lhs: f32)
  accepts AVERAGE_POOL_2D|MAX_POOL_2D@==1(input: f32) where fused_activation_function == NONE
  accepts CONCATENATION[fused_activation_function=NONE]@==1(values: f32)
  accepts CONV_2D@==1(input: f32, filter: const f32)
  accepts DEPTHWISE_CONV_2D@<=2(input: f32, filter: const f32)
  accepts FULLY_CONNECTED@<=6(input: f32, filter: const f32)
  accepts HARD_SWISH|LOGISTIC|RELU|RELU_N1_TO_1|RELU6|TANH@==1(input: f32)
  accepts MEAN@==1(input: f32, axis: const)
  accepts MIRROR_PAD|PAD|PADV2@==1(input: f32, paddings: const)
  accepts RESHAPE@==1(input: f32)
  accepts RESIZE_BILINEAR@==1(input: f32, size: const)
  accepts SOFTMAX[beta=1.0]@==1(input: f32)
  accepts TRANSPOSE_CONV@==1(input: f32, filter: const f32, output_shape: const)

# What Coral's documentation says of its compiler. It maps what comes before the first operator that it does not take, and
# nothing behind that. RESIZE_BILINEAR may be left out besides, where precision would be lost; nobody says when.

target edgetpu "Coral's Edge TPU, by its compiler"
  requires
    subset(inputs.dtype, ["i8", "u8"]),
    subset(outputs.dtype, ["i8", "u8"]),
    prod(outputs.shape[0]) >= 0  # no size is left open
  partitions first
  accepts ADD|SUB|MUL|MAXIMUM|MINIMUM|SQUARED_DIFFERENCE
  accepts LOGISTIC|TANH|RELU|RELU6|RELU_N1_TO_1|PRELU|RSQRT
  accepts AVERAGE_POOL_2D|MAX_POOL_2D(input: [..., _, _, _]) where fused_activation_function == NONE
  accepts CONCATENATION[fused_activation_function=NONE] where
    len(constants) == 0 or len(values) == 2
  accepts CONV_2D|DEPTHWISE_CONV_2D(filter: const, bias?: const)
  accepts TRANSPOSE_CONV(filter: const, bias?: const, output_shape: const)
  accepts FULLY_CONNECTED[weights_format=DEFAULT](filter: const, bias?: const) where
    prod(output.shape[:-1]) == 1
  accepts L2_NORMALIZATION|QUANTIZE|RESHAPE|SQUEEZE
  accepts EXPAND_DIMS(axis: const)
  accepts MEAN|SUM(input: [_, _, _, _], axis: const) where subset(axis.value, [1, 2, -3, -2])
  accepts REDUCE_MAX|REDUCE_MIN(axis: const)
  accepts PACK
  accepts PAD(input: [_, _, _, _], paddings: const [4, 2]) where
    all(paddings.value[0] == 0),
    all(paddings.value[3] == 0)
  accepts RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR(size: const)
  accepts SLICE(begin: const, size: const)
  accepts SOFTMAX where prod(input.shape[:-1]) == 1, input.shape[-1] <= 16000
  accepts SPACE_TO_DEPTH|TRANSPOSE
  accepts SPLIT(axis: const i32) where subset(axis.value, [1, 2, 3, -1, -2, -3])
  accepts STRIDED_SLICE[ellipsis_mask=0, new_axis_mask=0](
    begin: const,
    end: const,
    strides: const,
  ) where all(strides.value == 1)
  accepts UNIDIRECTIONAL_SEQUENCE_LSTM

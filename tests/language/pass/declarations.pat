pack mediapipe "MediaPipe's custom operators, as builtin ones"
  uses transpose_conv_bias.forward, other

op CUSTOM[Convolution2DTransposeBias](input, filter, bias) -> output
  options struct { padding: i32 as Padding(SAME=1, VALID=2), stride_w: i32, stride_h: i32, anchors: f32[4] }
  shape mediapipe.transpose_conv_bias_shape
  kernel mediapipe.transpose_conv_bias

op TRANSPOSE_CONV(input, filter, bias?, output_shape: i32 implied) -> output
  "The gradient of a convolution, used as an operator of its own."
  stored (output_shape, filter, input, bias)
  version 3 where bias is not absent
op ADD(lhs, rhs) -> output commutative quantization mine.add
op SPLIT(axis: i32, input) -> (first, rest...) where num_splits > 1
op CAST(input) -> output implied in_data_type, out_data_type
op ASSIGN_VARIABLE(resource: i32 variable, value) -> () side effects
op CUSTOM["a.b"](xs...) -> output: f32 options flexbuffer { size: i32 } kernel mine.kernel

target nnapi_1_2 "Android NNAPI, feature level 3"
  accepts AVERAGE_POOL_2D where filter_height * filter_width <= 256
  accepts RESIZE_BILINEAR where not align_corners
  accepts ARG_MAX where output_type == INT32
  accepts ADD|SUB
  accepts FULLY_CONNECTED[keep_num_dims=true]@<=2

target nnapi_1_3 "A target that builds on another"
  extends nnapi_1_2
  requires subset(inputs.dtype, ["f32", "u8"]), max(outputs.rank) <= 4
  accepts CONV_2D@<=5(input: f32|u8[_, h, w, _], filter: const, bias?: const i32, output: f32|u8) where h == w
  unpacks DEQUANTIZE(input: const f16)
  partitions largest 2
target whole accepts ADD partitions first

cleanup remove_dead_operators "Operators whose results nobody reads are left out." by toco.remove_dead_operators

cleanup by
  by mine.cleanup

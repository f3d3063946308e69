# The builtin operators that are declared so far, in the order of the schema. An operator that is not here can be matched and made
# all the same: its attributes come from the schema, its operands are taken as they are written, and where a type would have
# to be inferred the rule does not match.

op ADD(lhs, rhs) -> output
  commutative
  shape broadcast
  version 6 where lhs.dtype == "f16"
  version 4 where lhs.dtype == "i64"
  version 5 where lhs.dtype == "i16", not lhs.quantized
  version 3 where lhs.dtype == "i16", not pot_scale_int16
  version 2 where lhs.dtype == "i8"

op AVERAGE_POOL_2D(input) -> output
  shape pool_2d
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op CONV_2D(input, filter, bias?) -> output
  shape conv_2d
  version 8 where quantized_bias_type != FLOAT32
  version 7 where input.dtype == "i8", filter.dtype == "i4"
  version 6 where input.shape[3] != filter.shape[3]
  version 5 where input.dtype == "f32", filter.dtype == "i8", len(filter.scale) > 1
  version 4 where input.dtype == "i16"
  version 3 where input.dtype == "i8"
  version 2 where input.dtype == "f32", filter.dtype == "i8"

op DEPTHWISE_CONV_2D(input, filter, bias?) -> output
  shape depthwise_conv_2d
  version 7 where input.dtype == "i8", filter.dtype == "i4"
  version 5 where input.dtype == "i16"
  version 6 where input.dtype == "f32", filter.dtype == "i8", len(filter.scale) > 1
  version 4 where input.dtype == "f32", filter.dtype == "i8"
  version 3 where input.dtype == "i8"
  version 2 where dilation_w_factor != 1 or dilation_h_factor != 1

op MAX_POOL_2D(input) -> output
  shape pool_2d
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op MUL(lhs, rhs) -> output
  commutative
  shape broadcast
  version 8 where lhs.dtype == "f16"
  version 7 where lhs.dtype == "u32" or lhs.dtype == "i16" and not lhs.quantized
  version 6 where lhs.dtype == "c64"
  version 5 where lhs.dtype == "i64"
  version 4 where lhs.dtype == "i16"
  version 3 where lhs.quantized, rhs.quantized, lhs.scale * rhs.scale / output.scale >= 1
  version 2 where lhs.dtype == "i8"

op RELU(input) -> output
  shape same
  version 3 where input.dtype == "i16"
  version 2 where input.dtype in ["i8", "u8"]

op RELU6(input) -> output
  shape same
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op RESIZE_BILINEAR(input, size: i32) -> output
  shape resize
  version 4 where input.dtype == "i16"
  version 3 where half_pixel_centers
  version 2 where input.dtype == "i8"

op RESIZE_NEAREST_NEIGHBOR(input, size: i32) -> output
  shape resize
  version 4 where input.dtype == "i16"
  version 3 where half_pixel_centers or align_corners
  version 2 where input.dtype == "i8"

op SUB(lhs, rhs) -> output
  shape broadcast
  version 5 where lhs.dtype == "i16", not pot_scale_int16
  version 4 where lhs.dtype == "i64"
  version 3 where lhs.shape != rhs.shape, max(lhs.rank, rhs.rank) > 4
  version 2 where lhs.dtype == "i8"

# The file stores output_shape first; in a pattern the data come first, as in every other convolution.
op TRANSPOSE_CONV(input, filter, bias?, output_shape: i32 implied) -> output
  stored (output_shape, filter, input, bias)
  shape transpose_conv
  version 5 where quantized_bias_type != FLOAT32
  version 4 where fused_activation_function != NONE
  version 3 where bias is not absent
  version 2 where input.dtype == "i8"

# Convolutions, pools, resizes and matrix products. Images are NHWC.

op CONV_2D(input, filter, bias?) -> output
  "Convolution with a filter OHWI; fewer channels in the filter than in the input make groups."
  shape convolutions.conv_2d
  quantization weighted
  version 8 where input.dtype == "i16", filter.dtype == "i8", quantized_bias_type != FLOAT32
  version 6 where input.shape[3] != filter.shape[3]
  version 4 where input.dtype == "i16"
  version 3 where input.dtype == "i8", filter.dtype == "i8"
  version 7 where input.dtype == "i8", filter.dtype == "i4"
  version 5 where input.dtype == "f32", filter.dtype == "i8", len(filter.scale) > 1
  version 2 where input.dtype == "f32", filter.dtype == "i8"

op DEPTHWISE_CONV_2D(input, filter, bias?) -> output
  "Convolution of each channel on its own, with a filter 1HWO; O is a multiple of the input's channels."
  shape convolutions.depthwise_conv_2d
  quantization weighted
  version 5 where input.dtype == "i16"
  version 6 where input.dtype == "f32", filter.dtype == "i8", len(filter.scale) > 1
  version 4 where input.dtype == "f32", filter.dtype == "i8"
  version 3 where input.dtype == "i8", filter.dtype == "i8"
  version 7 where input.dtype == "i8", filter.dtype == "i4"
  version 2 where dilation_w_factor != 1 or dilation_h_factor != 1

# The file stores output_shape first; in a pattern the data come first, as in every other convolution.
op TRANSPOSE_CONV(input, filter, bias?, output_shape: i32 implied) -> output
  "A convolution's gradient: each input place adds the filter OHWI, times its value, to the result."
  stored (output_shape, filter, input, bias)
  shape convolutions.transpose_conv
  quantization weighted
  version 5 where input.dtype == "i16", filter.dtype == "i8", quantized_bias_type != FLOAT32
  version 4 where fused_activation_function != NONE
  version 3 where bias is not absent
  version 2 where filter.dtype == "i8"

op CONV_3D(input, filter, bias?) -> output
  "Convolution of NDHWC with a filter DHWIO."
  shape convolutions.conv_3d
  quantization weighted

op CONV_3D_TRANSPOSE(input, filter, bias?, output_shape: i32 implied) -> output
  "The gradient of CONV_3D, with a filter DHWOI."
  stored (output_shape, filter, input, bias)
  shape convolutions.conv_3d_transpose
  quantization weighted

op AVERAGE_POOL_2D(input) -> output
  "The mean of each window; places outside the image do not count."
  shape convolutions.pool_2d
  quantization input
  version 3 where input.dtype == "i16", output.dtype == "i16"
  version 2 where input.dtype == "i8"

op MAX_POOL_2D(input) -> output
  "The largest value of each window."
  shape convolutions.pool_2d
  quantization input
  version 3 where input.dtype == "i16", output.dtype == "i16"
  version 2 where input.dtype == "i8"

op L2_POOL_2D(input) -> output
  "The root of the mean square of each window."
  shape convolutions.pool_2d
  quantization chosen

op RESIZE_BILINEAR(input, size: i32) -> output
  "An image of `[height, width]`, interpolated between the four nearest places."
  shape convolutions.resize_bilinear
  quantization input
  version 4 where input.dtype == "i16"
  version 3 where half_pixel_centers
  version 2 where input.dtype == "i8"

op RESIZE_NEAREST_NEIGHBOR(input, size: i32) -> output
  "An image of `[height, width]`, each place with the value of the nearest."
  shape convolutions.resize
  quantization input
  version 4 where input.dtype == "i16"
  version 3 where half_pixel_centers or align_corners
  version 2 where input.dtype == "i8"

op FULLY_CONNECTED(input, filter, bias?) -> (output, shuffled_input?)
  "Rows of the input times a filter `[units, features]`; with shuffled weights a second result is room to work in."
  shape convolutions.fully_connected
  quantization weighted
  version 14 where filter.dtype == "i2"
  version 13 where input.dtype == "i16", filter.dtype == "i4", output.dtype == "i16"
  version 12 where
    input.dtype == "f32",
    filter.dtype == "i8",
    output.dtype == "f32",
    len(filter.scale) > 1
  version 11 where
    input.dtype == "i16",
    filter.dtype == "i8",
    output.dtype == "i16",
    quantized_bias_type != FLOAT32
  version 8 where filter.is_sparse
  version 7 where input.dtype == "i16", filter.dtype in ["i8", "i16"], output.dtype == "i16"
  version 6 where bias is absent
  version 5 where keep_num_dims
  version 4 where input.dtype == "i8", filter.dtype == "i8", output.dtype == "i8"
  version 10 where input.dtype == "i8", filter.dtype == "i4", output.dtype == "i8"
  version 9 where
    input.dtype == "f32",
    filter.dtype == "i8",
    output.dtype == "f32",
    asymmetric_quantize_inputs
  version 3 where input.dtype == "f32", filter.dtype == "i8", output.dtype == "f32"
  version 2 where weights_format == SHUFFLED4x16INT8

op BATCH_MATMUL(lhs, rhs) -> output
  "Products of matrices; `adj_x` and `adj_y` transpose them first."
  shape convolutions.batch_matmul
  quantization chosen
  version 3 where lhs.dtype == "i16"
  version 2 where lhs.dtype == "i8"
  version 4 where
    lhs.dtype == "f32",
    rhs.dtype == "i8",
    output.dtype == "f32",
    asymmetric_quantize_inputs

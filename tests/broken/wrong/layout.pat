# The order of dimensions: images, filters and matrices.

rule fully_connected_to_conv
  "A matrix product for each place of an image is a convolution, whose filter has the weights in the other order, as if it were stored with the inputs first."
  FULLY_CONNECTED[
    keep_num_dims=true,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: f32[_, _, _, i], w: const f32[o, i], b: const f32[o])
  -> CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
    x,
    reshape(transpose(w, [1, 0]), [o, 1, 1, i]),
    b,
  )

rule product_to_fully_connected
  "A matrix product has its second matrix as weights, which stand transposed there, though, and are only reshaped."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
    x: f32[_, k],
    y: const f32[k, n],
  )
  -> FULLY_CONNECTED[keep_num_dims=true](x, reshape(y, [n, k]))

rule conv_to_depthwise
  "A convolution of a single channel is a depthwise one, whose filter has the outputs last, though, and is only reshaped."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: f32[_, _, _, 1],
    w: const f32[o, h, k, 1],
    b: const f32[o],
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    reshape(w, [1, h, k, o]),
    b,
  )

rule conv_of_transposed
  "A convolution of an image on its side is that of the image, on its side, though the filter has to be laid down as well."
  c = CONV_2D[
    padding=_,
    stride_h=s,
    stride_w=s,
    dilation_h_factor=d,
    dilation_w_factor=d,
    fused_activation_function=_,
  ](TRANSPOSE(x: f32, [0, 2, 1, 3]), w: const f32[o, k, k, _], b: const f32[o])
  -> TRANSPOSE(@c(x, w, b), [0, 2, 1, 3])

rule bias_before_transpose
  "A row that is added to an image in NCHW is added to its channels before, though it was added along the width."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    TRANSPOSE(x: f32[_, _, _, c], [0, 3, 1, 2]),
    b: const f32[c],
  )
  -> TRANSPOSE(ADD[fused_activation_function=f](x, b), [0, 3, 1, 2])

rule flattened_image
  "Weights that read an image in NCHW read it in NHWC, as if nothing but the shape mattered; they have to be laid out anew."
  f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](
    RESHAPE(TRANSPOSE(x: f32[n, h, w, c], [0, 3, 1, 2])): [n, _],
    v: const f32[o, k],
    b: const f32[o],
  )
  where k == h * w * c, c > 1, h > 1
  -> @f(x, v, b)

rule groups_apart
  "A convolution in two groups is two convolutions; the filters of the one go to the channels of the other."
  c = CONV_2D[fused_activation_function=_](
    x: f32[_, _, _, i],
    w: const f32[o, _, _, j],
    b: const f32[o],
  )
  where i == 2 * j, o % 2 == 0
  -> (p, q) = SPLIT[num_splits=2](3, x);
     CONCATENATION[axis=3](
       @c(p, w.value[o // 2:], b.value[o // 2:]),
       @c(q, w.value[:o // 2], b.value[:o // 2]),
     )

rule matrix_of_rows
  "A matrix that is reshaped to its transposed shape is transposed."
  RESHAPE(x: f32[m, n], _): [n, m]
  -> TRANSPOSE(x, [1, 0])
  equal exact

rule mean_of_channels
  "A mean over height and width of an image in NCHW is one over the same dimensions of the image, where these are other ones; a small square does not show it."
  MEAN[keep_dims=false](TRANSPOSE(x: f32[_, _, _, _], [0, 3, 1, 2]), [2, 3])
  -> MEAN[keep_dims=false](x, [2, 3])

# The order of dimensions: images, filters and matrices.

rule fully_connected_to_conv
  "A matrix product for each place of an image is a convolution with a filter of one place."
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
    reshape(w, [o, 1, 1, i]),
    b,
  )

rule product_to_fully_connected
  "A matrix product has its second matrix as weights, transposed."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
    x: f32[_, k],
    y: const f32[k, _],
  )
  -> FULLY_CONNECTED[keep_num_dims=true](x, transpose(y, [1, 0]))

rule conv_to_depthwise
  "A convolution of a single channel is a depthwise one, whose filter has the outputs last."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: f32[_, _, _, 1],
    w: const f32[o, _, _, 1],
    b: const f32[o],
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    transpose(w, [3, 1, 2, 0]),
    b,
  )

rule conv_of_transposed
  "A convolution of an image on its side is that of the image with filter, strides and dilation on their side, laid down."
  CONV_2D[
    padding=p,
    stride_h=s,
    stride_w=t,
    dilation_h_factor=d,
    dilation_w_factor=e,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](TRANSPOSE(x: f32, [0, 2, 1, 3]), w: const f32[o, _, _, _], b: const f32[o])
  -> TRANSPOSE(
    CONV_2D[
      padding=p,
      stride_h=t,
      stride_w=s,
      dilation_h_factor=e,
      dilation_w_factor=d,
      fused_activation_function=f,
    ](x, transpose(w, [0, 2, 1, 3]), b),
    [0, 2, 1, 3],
  )

rule bias_before_transpose
  "A number for each channel that is added to an image in NCHW is added to its channels before."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    TRANSPOSE(x: f32[_, _, _, c], [0, 3, 1, 2]),
    b: const f32[1, c, 1, 1],
  )
  -> TRANSPOSE(ADD[fused_activation_function=f](x, reshape(b, [c])), [0, 3, 1, 2])

rule flattened_image
  "Weights that read an image in NCHW are laid out for NHWC."
  f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](
    RESHAPE(TRANSPOSE(x: f32[n, h, w, c], [0, 3, 1, 2])): [n, _],
    v: const f32[o, k],
    b: const f32[o],
  )
  where k == h * w * c
  -> @f(x, reshape(transpose(reshape(v, [o, c, h, w]), [0, 2, 3, 1]), [o, k]), b)

rule groups_apart
  "A convolution in two groups is two convolutions, each of its own half of the channels."
  c = CONV_2D[fused_activation_function=_](
    x: f32[_, _, _, i],
    w: const f32[o, _, _, j],
    b: const f32[o],
  )
  where i == 2 * j, o % 2 == 0
  -> (p, q) = SPLIT[num_splits=2](3, x);
     CONCATENATION[axis=3](
       @c(p, w.value[:o // 2], b.value[:o // 2]),
       @c(q, w.value[o // 2:], b.value[o // 2:]),
     )

rule matrix_of_rows
  "A row that becomes a column is transposed."
  RESHAPE(x: f32[1, n], _): [n, 1]
  -> TRANSPOSE(x, [1, 0])
  equal exact

rule mean_of_channels
  "A mean over height and width of an image in NCHW is one over height and width of the image."
  MEAN[keep_dims=false](TRANSPOSE(x: f32[_, _, _, _], [0, 3, 1, 2]), [2, 3])
  -> MEAN[keep_dims=false](x, [1, 2])

rule images_joined
  "Images in NCHW that are joined along their channels are joined along their channels before."
  CONCATENATION[axis=1](
    TRANSPOSE(x: f32[_, _, _, _], [0, 3, 1, 2]),
    TRANSPOSE(y: f32[_, _, _, _], [0, 3, 1, 2]),
  )
  -> TRANSPOSE(CONCATENATION[axis=3](x, y), [0, 3, 1, 2])
  equal exact

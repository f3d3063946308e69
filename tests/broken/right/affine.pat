# Scales and offsets that are folded into the weights and the bias of convolutions and matrix products.

rule sub_into_bias
  "What is taken away after a convolution is taken away from its bias."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    a = CONV_2D(x: f32, w: const f32, b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w, b - c)

rule sub_from_constant_into_bias
  "A convolution that is taken away from a constant has weights and a bias of the other sign."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    c: const f32[o],
    a = CONV_2D(x: f32, w: const f32, b: const f32[o]),
  )
  -> @a[fused_activation_function=f](x, -w, c - b)

rule add_into_bias
  "A number for each unit, all in one row, is added to the bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = FULLY_CONNECTED(x: f32, w: const f32[o, _], b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w, b + c)

rule mul_into_conv
  "A scale for each channel goes into the filter and the bias."
  MUL[fused_activation_function=f](
    a = CONV_2D(x: f32, w: const f32[o, _, _, _], b: const f32[o]),
    s: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [o, 1, 1, 1]), b * s)
  equal within 1e-4

rule mul_into_fully_connected
  "A scale for each unit goes into the weights along their first dimension, which is the units'."
  MUL[fused_activation_function=f](
    a = FULLY_CONNECTED(x: f32, w: const f32[o, _], b: const f32[o]),
    s: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [o, 1]), b * s)
  equal within 1e-4

rule mul_before_fully_connected
  "A scale for each feature goes into the weights along their last dimension, which is the features'."
  a = FULLY_CONNECTED[fused_activation_function=_](
    MUL(x: f32[..., i], s: const f32[i]),
    w: const f32[o, i],
    b: const f32[o],
  )
  -> @a(x, w * s, b)
  equal within 1e-4

rule mul_before_depthwise
  "A scale for each channel before a depthwise convolution that makes two of each goes to both, which stand side by side."
  a = DEPTHWISE_CONV_2D[fused_activation_function=_](
    MUL(x: f32[_, _, _, i], s: const f32[i]),
    w: const f32[1, _, _, o],
    b: const f32[o],
  )
  where o == 2 * i
  -> @a(x, w * reshape(broadcast_to(reshape(s, [i, 1]), [i, 2]), [o]), b)
  equal within 1e-4

rule mul_after_depthwise
  "A scale for each channel after a depthwise convolution goes into the filter's last dimension, and into the bias."
  MUL[fused_activation_function=f](
    a = DEPTHWISE_CONV_2D(x: f32, w: const f32[1, _, _, o], b: const f32[o]),
    s: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * s, b * s)
  equal within 1e-4

rule add_before_conv
  "What is added before a convolution without padding adds the same everywhere."
  a = CONV_2D[padding=VALID, fused_activation_function=_](
    ADD[pot_scale_int16=_](x: f32[_, _, _, i], c: const f32[i]),
    w: const f32[o, _, _, i],
    b: const f32[o],
  )
  -> @a(x, w, b + sum(w * c, axis=[1, 2, 3]))
  equal within 1e-4

rule mul_before_conv
  "A factor for each channel goes into the filter; the zeros of SAME stay what they are."
  a = CONV_2D[fused_activation_function=_](
    MUL(x: f32[_, _, _, i], c: const f32[i]),
    w: const f32[_, _, _, i],
    b: const f32,
  )
  -> @a(x, w * c, b)
  equal within 1e-4

rule batch_normalization_into_conv
  "A batch normalisation goes into filter and bias, the offset as it is."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(a = CONV_2D(x: f32, w: const f32[o, _, _, _], b: const f32[o]), s: const f32[o]),
    t: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [o, 1, 1, 1]), b * s + t)
  equal within 1e-4

rule mul_into_conv_by_hand
  "A scale goes into a convolution of which every attribute is handed on."
  MUL[fused_activation_function=f](
    CONV_2D[
      padding=p,
      stride_h=sh,
      stride_w=sw,
      dilation_h_factor=dh,
      dilation_w_factor=dw,
      quantized_bias_type=_,
    ](x: f32, w: const f32, b: const f32),
    s: const f32[],
  )
  -> CONV_2D[
    padding=p,
    stride_h=sh,
    stride_w=sw,
    dilation_h_factor=dh,
    dilation_w_factor=dw,
    fused_activation_function=f,
  ](x, w * s, b * s)
  equal within 1e-4

rule two_convs_into_one
  "Two convolutions of one image that are added have their filters added."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = CONV_2D[padding=p, stride_h=sh, stride_w=sw, dilation_h_factor=dh, dilation_w_factor=dw](
      x: f32,
      w: const f32[o, kh, kw, i],
      b: const f32[o],
    ),
    CONV_2D[
      padding=p,
      stride_h=sh,
      stride_w=sw,
      dilation_h_factor=dh,
      dilation_w_factor=dw,
      quantized_bias_type=_,
    ](x, v: const f32[o, kh, kw, i], d: const f32[o]),
  )
  -> @a[fused_activation_function=f](x, w + v, b + d)
  equal within 1e-4

rule two_matrix_products_into_one
  "Two matrix products of one tensor are one, cut in two in the order in which the weights are joined."
  a = FULLY_CONNECTED[weights_format=DEFAULT, keep_num_dims=k](
    x: f32,
    w: const f32[n, i],
    b: const f32[n],
  );
  c = FULLY_CONNECTED[
    weights_format=DEFAULT,
    keep_num_dims=k,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
  ](x, v: const f32[n, i], d: const f32[n])
  -> f = @a(x, concat([w, v]), concat([b, d])); (a, c) = SPLIT[num_splits=2](-1:i32, f)

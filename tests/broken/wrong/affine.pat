# Scales and offsets that are folded into the weights and the bias of convolutions and matrix products.

rule sub_into_bias
  "What is taken away after a convolution goes into its bias; the sign is lost, though, as it is in a converter that treats SUB as ADD."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    a = CONV_2D(x: f32, w: const f32, b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w, b + c)

rule sub_from_constant_into_bias
  "A convolution that is taken away from a constant only has another bias, though its weights should have the other sign as well."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    c: const f32[o],
    a = CONV_2D(x: f32, w: const f32, b: const f32[o]),
  )
  -> @a[fused_activation_function=f](x, w, c - b)

rule add_into_bias
  "As many numbers as there are units are added to the bias, though a column of as many rows varies from row to row instead."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = FULLY_CONNECTED(x: f32[o, _], w: const f32[o, _], b: const f32[o]),
    c: const f32[_, _],
  )
  where prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w, b + reshape(c, [o]))

rule mul_into_conv
  "A scale for each channel goes into the filter, though the bias has to be scaled with it."
  MUL[fused_activation_function=f](
    a = CONV_2D(x: f32, w: const f32[o, _, _, _], b: const f32[o]),
    s: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [o, 1, 1, 1]), b)
  equal within 1e-4

rule mul_into_fully_connected
  "A scale for each unit goes into the weights along their last dimension, which is the features': a square matrix takes it and is wrong."
  MUL[fused_activation_function=f](
    a = FULLY_CONNECTED(x: f32, w: const f32[o, o], b: const f32[o]),
    s: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * s, b * s)
  equal within 1e-4

rule mul_before_fully_connected
  "A scale for each feature goes into the weights along their first dimension, which is the units'; with as many units as features that fits, and is wrong."
  a = FULLY_CONNECTED[fused_activation_function=_](
    MUL(x: f32[..., i], s: const f32[i]),
    w: const f32[i, i],
    b: const f32[i],
  )
  -> @a(x, w * reshape(s, [i, 1]), b)
  equal within 1e-4

rule mul_before_depthwise
  "A scale for each channel before a depthwise convolution that makes two of each; but the two stand side by side, and the scales are laid out one row behind the other."
  a = DEPTHWISE_CONV_2D[fused_activation_function=_](
    MUL(x: f32[_, _, _, i], s: const f32[i]),
    w: const f32[1, _, _, o],
    b: const f32[o],
  )
  where o == 2 * i
  -> @a(x, w * concat([s, s]), b)
  equal within 1e-4

rule add_before_conv
  "What is added before a convolution goes into its bias, though at the edges SAME pads with zeros to which nothing was added."
  a = CONV_2D[fused_activation_function=_](
    ADD[pot_scale_int16=_](x: f32[_, _, _, i], c: const f32[i]),
    w: const f32[o, _, _, i],
    b: const f32[o],
  )
  -> @a(x, w, b + sum(w * c, axis=[1, 2, 3]))
  equal within 1e-4

rule mul_before_conv
  "As many factors as there are channels go into the filter, though factors that stand in a column belong to the places of a row of the image."
  a = CONV_2D[fused_activation_function=_](
    MUL(x: f32[_, _, _, i], c: const f32[_, _]),
    w: const f32[_, _, _, i],
    b: const f32,
  )
  where prod(c.shape) == i
  -> @a(x, w * reshape(c, [i]), b)
  equal within 1e-4

rule batch_normalization_into_conv
  "A batch normalisation goes into filter and bias; but the offset is scaled too, as if it came before the scale."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(a = CONV_2D(x: f32, w: const f32[o, _, _, _], b: const f32[o]), s: const f32[o]),
    t: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [o, 1, 1, 1]), (b + t) * s)
  equal within 1e-4

rule mul_into_conv_by_hand
  "A scale goes into a convolution whose attributes are written out; but the dilation is forgotten, and with SAME no shape shows it."
  MUL[fused_activation_function=f](
    CONV_2D[
      padding=p,
      stride_h=sh,
      stride_w=sw,
      dilation_h_factor=_,
      dilation_w_factor=_,
      quantized_bias_type=_,
    ](x: f32, w: const f32, b: const f32),
    s: const f32[],
  )
  -> CONV_2D[padding=p, stride_h=sh, stride_w=sw, fused_activation_function=f](x, w * s, b * s)
  equal within 1e-4

rule two_convs_into_one
  "Two convolutions that are added have their filters added, though they may read two different images."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = CONV_2D[padding=p, stride_h=sh, stride_w=sw, dilation_h_factor=dh, dilation_w_factor=dw](
      x: f32[n, h, k, i],
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
    ](_: f32[n, h, k, i], v: const f32[o, kh, kw, i], d: const f32[o]),
  )
  -> @a[fused_activation_function=f](x, w + v, b + d)
  equal within 1e-4

rule two_matrix_products_into_one
  "Two matrix products of one tensor are one, cut in two; but the weights are joined in one order, and the results are named in the other."
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
  -> f = @a(x, concat([v, w]), concat([d, b])); (a, c) = SPLIT[num_splits=2](-1:i32, f)

rule two_convolutions_into_one
  "Two convolutions of one tensor are one, cut in two, though in groups the first one's channels would all see the first group only."
  a = CONV_2D[padding=p, stride_h=sh, stride_w=sw, dilation_h_factor=dh, dilation_w_factor=dw](
    x: f32,
    w: const f32[m, kh, kw, i],
    b: const f32[m],
  );
  c = CONV_2D[
    padding=p,
    stride_h=sh,
    stride_w=sw,
    dilation_h_factor=dh,
    dilation_w_factor=dw,
    quantized_bias_type=_,
  ](x, v: const f32[n, kh, kw, i], d: const f32[n])
  -> f = @a(x, concat([w, v]), concat([b, d])); (a, c) = SPLIT_V[num_splits=2](f, [m, n], 3)

rule some_channels_of_a_convolution
  "Of a convolution's channels only those are computed that are taken, though in groups a channel sees what its place says."
  GATHER[axis=3, batch_dims=0](
    a = CONV_2D[fused_activation_function=_](x, w: const f32, b: const f32),
    i: const i32[_],
  )
  -> @a(x, w.value[i.value], b.value[i.value])

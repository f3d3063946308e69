# Group B: what is added to, or multiplied with, before and after a convolution or a matrix product goes into its constants.

pack toco "The graph transformations of the converters"
  leaves fuse_horizontal_fc, fuse_horizontal_conv

pattern affine(x, w, b) =
  ((CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|CONV_3D)(x, w, b) | TRANSPOSE_CONV(x, w, b))
pattern unbiased(x, w) =
  ((CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|CONV_3D)(x, w) | TRANSPOSE_CONV(x, w))

rule fuse_add_into_preceding_affine
  "What is added for each channel after a convolution or a matrix product goes into its bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = affine(x, w, b: const f32[o]),
    c: const f32,
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w, b + reshape(c, [-1]))

rule fuse_add_into_preceding_affine_without_bias
  "What is added for each channel after a convolution or a matrix product becomes its bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = unbiased(x: f32, w: f32): [..., o],
    c: const f32,
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w, broadcast_to(reshape(c, [-1]), [o]))

rule fuse_sub_into_preceding_affine
  "What is taken away for each channel after a convolution or a matrix product goes into its bias."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    a = affine(x, w, b: const f32[o]),
    c: const f32,
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w, b - reshape(c, [-1]))

rule fuse_sub_into_preceding_affine_without_bias
  "What is taken away for each channel after a convolution or a matrix product becomes its bias."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    a = unbiased(x: f32, w: f32): [..., o],
    c: const f32,
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w, broadcast_to(-reshape(c, [-1]), [o]))

rule fuse_sub_into_preceding_affine_from
  "What a convolution or a matrix product is taken away from goes into its bias, and its filter changes its sign."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    c: const f32,
    a = affine(x, w: const f32, b: const f32[o]),
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, -w, reshape(c, [-1]) - b)

rule fuse_sub_into_preceding_affine_from_without_bias
  "What a convolution or a matrix product is taken away from becomes its bias, and its filter changes its sign."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    c: const f32,
    a = unbiased(x, w: const f32): [..., o],
  )
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, -w, broadcast_to(reshape(c, [-1]), [o]))

rule fuse_mul_into_preceding_affine
  "A scale for each channel after a convolution or a matrix product goes into its filter and bias."
  MUL[fused_activation_function=f](a = affine(x, w: const f32, b: const f32[o]), c: const f32)
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w * for_outputs(c, w, a.op), b * reshape(c, [-1]))
  equal within 1e-4

rule fuse_mul_into_preceding_affine_without_bias
  "A scale for each channel after a convolution or a matrix product goes into its filter."
  MUL[fused_activation_function=f](a = unbiased(x, w: const f32): [..., o], c: const f32)
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o
  -> @a[fused_activation_function=f](x, w * for_outputs(c, w, a.op))
  equal within 1e-4

rule fuse_div_into_preceding_affine
  "A divisor after a convolution or a matrix product goes into its filter and bias."
  DIV[fused_activation_function=f](a = affine(x, w: const f32, b: const f32[o]), c: const f32)
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o, min(abs(c.value)) > 1e-20
  -> @a[fused_activation_function=f](x, w / for_outputs(c, w, a.op), b / reshape(c, [-1]))
  equal within 1e-4

rule fuse_div_into_preceding_affine_without_bias
  "A divisor after a convolution or a matrix product goes into its filter."
  DIV[fused_activation_function=f](a = unbiased(x, w: const f32): [..., o], c: const f32)
  where prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o, min(abs(c.value)) > 1e-20
  -> @a[fused_activation_function=f](x, w / for_outputs(c, w, a.op))
  equal within 1e-4

# The steps of the filter grow with the scale, so that the numbers stay. Below 0 they would change their sign, and -128 has none.
# Sums of thousands may cancel, and a clamp may let nothing through but what is left of them: no figure holds for that.
rule fuse_mul_into_preceding_affine_qdq
  "A scale above 0 for each channel goes into the steps of a filter that is stored in steps, and into the bias."
  m = MUL[fused_activation_function=NONE|RELU](
    a = affine(x: f32, DEQUANTIZE(w: const i8), b: const f32[o]),
    c: const f32,
  )
  where
    prod(c.shape) == 1 or c.shape[-1] == o and prod(c.shape) == o,
    min(c.value) > 1e-3,
    max(c.value) < 1e3,
    all_zero(w.zero_point)
  -> s = reshape(full([o], 1.0) * w.scale * c, [-1]);
     v = quantize(
       dequantize(w) * for_outputs(c, dequantize(w), a.op),
       s,
       cast(s * 0.0, "i64"),
       "i8",
       axis = axis_of_outputs(a.op),
     );
     @a[fused_activation_function=m.fused_activation_function](
       x,
       DEQUANTIZE(v),
       b * reshape(c, [-1]),
     )
  equal within 1e-4

pattern unpadded(x, w, b) =
  (
    (CONV_2D|DEPTHWISE_CONV_2D|CONV_3D)[padding=VALID, fused_activation_function=_](x, w, b)
    | FULLY_CONNECTED[fused_activation_function=_](x, w, b)
  )
pattern unpadded_unbiased(x, w) =
  (
    (CONV_2D|DEPTHWISE_CONV_2D|CONV_3D)[padding=VALID, fused_activation_function=_](x, w)
    | FULLY_CONNECTED[fused_activation_function=_](x, w)
  )

rule fuse_add_into_following_affine
  "What is added before a matrix product, or a convolution without padding, adds the same everywhere."
  a = unpadded(t = ADD[pot_scale_int16=_](x, c: const f32), w: const f32, b: const f32)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1]
  -> @a(x, w, b + sums_for_outputs(w * for_inputs(c, w, a.op), a.op))
  equal within 1e-4

rule fuse_add_into_following_affine_without_bias
  "What is added before a matrix product, or a convolution without padding, becomes its bias."
  a = unpadded_unbiased(t = ADD[pot_scale_int16=_](x, c: const f32), w: const f32)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1]
  -> @a(x, w, sums_for_outputs(w * for_inputs(c, w, a.op), a.op))
  equal within 1e-4

rule fuse_sub_into_following_affine
  "What is taken away before a matrix product, or a convolution without padding, takes the same away everywhere."
  a = unpadded(t = SUB[pot_scale_int16=_](x, c: const f32), w: const f32, b: const f32)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1]
  -> @a(x, w, b - sums_for_outputs(w * for_inputs(c, w, a.op), a.op))
  equal within 1e-4

rule fuse_sub_into_following_affine_from
  "What the input is taken away from adds the same everywhere, and the filter changes its sign."
  a = unpadded(t = SUB[pot_scale_int16=_](c: const f32, x), w: const f32, b: const f32)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1]
  -> @a(x, -w, b + sums_for_outputs(w * for_inputs(c, w, a.op), a.op))
  equal within 1e-4

pattern scaled(x, w, b) =
  (
    (CONV_2D|DEPTHWISE_CONV_2D|CONV_3D|FULLY_CONNECTED)[fused_activation_function=_](x, w, b?)
    | TRANSPOSE_CONV[fused_activation_function=_](x, w, b?)
  )

rule fuse_mul_into_following_affine
  "A scale for each channel before a convolution or a matrix product goes into its filter."
  a = scaled(t = MUL(x, c: const f32), w: const f32, b)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1]
  -> @a(x, w * for_inputs(c, w, a.op), b)
  equal within 1e-4

rule fuse_div_into_following_affine
  "A divisor before a convolution or a matrix product goes into its filter."
  a = scaled(t = DIV(x, c: const f32), w: const f32, b)
  where
    t.shape == x.shape,
    prod(c.shape) == 1 or c.shape[-1] == x.shape[-1] and prod(c.shape) == x.shape[-1],
    min(abs(c.value)) > 1e-20
  -> @a(x, w / for_inputs(c, w, a.op), b)
  equal within 1e-4

rule fuse_batchnorm_conv
  "A batch normalisation behind a convolution or a matrix product goes into its filter and bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(a = affine(x, w: const f32, b: const f32[o]), s: const f32),
    t: const f32,
  )
  where
    prod(s.shape) == 1 or s.shape[-1] == o and prod(s.shape) == o,
    prod(t.shape) == 1 or t.shape[-1] == o and prod(t.shape) == o
  -> @a[fused_activation_function=f](
    x,
    w * for_outputs(s, w, a.op),
    b * reshape(s, [-1]) + reshape(t, [-1]),
  )
  equal within 1e-4

# Only what no convolution takes comes to this: the other rules are done by then. With XNNPACK on a PC it is faster only
# where it saves a pass for the activation, too.
rule mul_add_to_depthwise
  "A scale and an offset for each channel, and an activation, are a depthwise convolution with a filter of one place."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(x: [_, _, _, o], s: const f32),
    t: const f32,
  )
  where f != NONE, s.shape[-1] == o, prod(s.shape) == o, t.shape[-1] == o, prod(t.shape) == o
  -> DEPTHWISE_CONV_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    depth_multiplier=1,
    fused_activation_function=f,
  ](x, reshape(s, [1, 1, 1, o]), reshape(t, [o]))
  phase 1

rule fuse_conv2d_gather
  "Of a convolution's channels only those are computed that are taken."
  GATHER[axis=3|-1, batch_dims=0](
    a = CONV_2D[fused_activation_function=_](
      x: [_, _, _, i],
      w: const f32[o, _, _, i],
      b: const f32,
    ),
    t: const i32[n],
  )
  where n <= o, min(t.value) >= 0, max(t.value) < o
  -> @a(x, w.value[t.value], b.value[t.value])

rule fuse_gather_conv2d
  "A convolution of all channels in another order has a filter in that order."
  a = CONV_2D[fused_activation_function=_](
    GATHER[axis=3|-1, batch_dims=0](x: f32[_, _, _, i], t: const i32[n]),
    w: const f32[_, _, _, n],
    b?,
  )
  where n == i
  -> @a(x, spread_inputs(w, t, i), b)

# One product instead of two saves little, and what is cut apart again is copied: with XNNPACK on a PC the product was as
# fast, and the convolution slower than the two.
rule fuse_horizontal_fc
  "Two matrix products of one tensor are one, cut in two."
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

rule fuse_horizontal_fc_sum
  "The sum of two matrix products of one tensor is one, with the sums of both's weights and biases."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = FULLY_CONNECTED[weights_format=DEFAULT, keep_num_dims=k](
      x: f32,
      w: const f32[n, i],
      b: const f32[n],
    ),
    FULLY_CONNECTED[
      weights_format=DEFAULT,
      keep_num_dims=k,
      asymmetric_quantize_inputs=_,
      quantized_bias_type=_,
      quant_spec=_,
    ](x, v: const f32[n, i], d: const f32[n]),
  )
  -> @a[fused_activation_function=f](x, w + v, b + d)
  equal within 1e-4

rule fuse_horizontal_conv
  "Two convolutions of one tensor that differ in their filters only are one, cut in two."
  a = CONV_2D[padding=p, stride_h=sh, stride_w=sw, dilation_h_factor=dh, dilation_w_factor=dw](
    x: f32[_, _, _, i],
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

# Group B: several operators become one.

rule fuse_activation_into_producer_relu
  "An operator that can cut off below 0 itself does."
  RELU(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ),
  )
  where p.dtype == "f32"
  -> @p[fused_activation_function=RELU](xs...)

rule fuse_activation_into_producer_relu6
  "An operator that can hold its result between 0 and 6 itself does."
  RELU6(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ),
  )
  where p.dtype == "f32"
  -> @p[fused_activation_function=RELU6](xs...)

rule fuse_activation_into_producer_relu_n1_to_1
  "An operator that can hold its result between -1 and 1 itself does."
  RELU_N1_TO_1(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ),
  )
  where p.dtype == "f32"
  -> @p[fused_activation_function=RELU_N1_TO_1](xs...)

rule fuse_add_into_preceding_affine
  "What is added for each channel after a convolution or a matrix product goes into its bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x, w, b: const f32[o]),
    c: const f32,
  )
  where c.rank <= 1, prod(c.shape) in [1, o]
  -> @a[fused_activation_function=f](x, w, b + c)

rule fuse_add_into_preceding_affine_without_bias
  "What is added for each channel after a convolution or a matrix product becomes its bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    a = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x: f32, w: f32): [..., o],
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w, c)

rule fuse_sub_into_preceding_affine
  "What is taken away for each channel after a convolution or a matrix product goes into its bias."
  SUB[fused_activation_function=f, pot_scale_int16=_](
    a = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)(x, w, b: const f32[o]),
    c: const f32,
  )
  where c.rank <= 1, prod(c.shape) in [1, o]
  -> @a[fused_activation_function=f](x, w, b - c)

rule fuse_mul_into_preceding_affine_conv
  "A scale for each channel after a convolution goes into its filter and bias."
  MUL[fused_activation_function=f](
    a = CONV_2D(x, w: const f32[o, _, _, _], b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(c, [-1, 1, 1, 1]), b * c)
  equal within 1e-4

rule fuse_mul_into_preceding_affine_depthwise
  "A scale for each channel after a depthwise convolution goes into its filter and bias."
  MUL[fused_activation_function=f](
    a = DEPTHWISE_CONV_2D(x, w: const f32[1, _, _, o], b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * c, b * c)
  equal within 1e-4

rule fuse_mul_into_preceding_affine_fc
  "A scale for each unit after a matrix product goes into its weights and bias."
  MUL[fused_activation_function=f](
    a = FULLY_CONNECTED(x, w: const f32[o, _], b: const f32[o]),
    c: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(c, [-1, 1]), b * c)
  equal within 1e-4

rule fuse_div_into_preceding_affine
  "A divisor after a convolution goes into its filter and bias."
  DIV[fused_activation_function=f](
    a = CONV_2D(x, w: const f32[o, _, _, _], b: const f32[o]),
    c: const f32[o],
  )
  where min(abs(c.value)) > 1e-20
  -> @a[fused_activation_function=f](x, w / reshape(c, [-1, 1, 1, 1]), b / c)
  equal within 1e-4

rule fuse_add_into_following_affine_conv
  "What is added before a convolution without padding adds the same everywhere."
  a = CONV_2D[padding=VALID, fused_activation_function=_](
    ADD[pot_scale_int16=_](x, c: const f32),
    w: const f32[o, _, _, i],
    b: const f32[o],
  )
  where c.rank <= 1, prod(c.shape) in [1, i]
  -> @a(x, w, b + sum(w * c, axis=[1, 2, 3]))
  equal within 1e-4

rule fuse_add_into_following_affine_fc
  "What is added before a matrix product goes into its bias."
  a = FULLY_CONNECTED[fused_activation_function=_](
    ADD[pot_scale_int16=_](x, c: const f32),
    w: const f32[o, i],
    b: const f32[o],
  )
  where c.rank <= 1, prod(c.shape) in [1, i]
  -> @a(x, w, b + sum(w * c, axis=1))
  equal within 1e-4

rule fuse_mul_into_following_affine
  "A scale for each channel before a convolution goes into its filter."
  a = CONV_2D[fused_activation_function=_](MUL(x, c: const f32), w: const f32[_, _, _, i], b?)
  where c.rank <= 1, prod(c.shape) in [1, i]
  -> @a(x, w * c, b)
  equal within 1e-4

rule fuse_batchnorm_conv
  "A batch normalisation behind a convolution goes into its filter and bias."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(a = CONV_2D(x, w: const f32[o, _, _, _], b: const f32[o]), s: const f32[o]),
    t: const f32[o],
  )
  -> @a[fused_activation_function=f](x, w * reshape(s, [-1, 1, 1, 1]), b * s + t)
  equal within 1e-4

rule mul_add_to_depthwise
  "A scale and an offset for each channel are a depthwise convolution with a filter of one place."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    MUL(x: [_, _, _, c], s: const f32[c]),
    t: const f32[c],
  )
  -> DEPTHWISE_CONV_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    depth_multiplier=1,
    fused_activation_function=f,
  ](x, reshape(s, [1, 1, 1, c]), t)

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

rule fuse_pad_into_conv_same
  "Padding that is just what SAME would add is left to the convolution."
  a = (CONV_2D|DEPTHWISE_CONV_2D)[padding=VALID, fused_activation_function=_](
    PAD(x: f32[_, h, w, _], p: const [4, 2]),
    f: [_, kh, kw, _],
    b?,
  )
  where
    all(p.value[0] == 0),
    all(p.value[3] == 0),
    sum(p.value[1])
      == ((h + a.stride_h - 1) // a.stride_h - 1) * a.stride_h
        + (kh - 1) * a.dilation_h_factor
        + 1
        - h,
    sum(p.value[2])
      == ((w + a.stride_w - 1) // a.stride_w - 1) * a.stride_w
        + (kw - 1) * a.dilation_w_factor
        + 1
        - w,
    p.value[1][0] == sum(p.value[1]) // 2,
    p.value[2][0] == sum(p.value[2]) // 2
  -> @a[padding=SAME](x, f, b)

rule fuse_conv2d_gather
  "Of a convolution's channels only those are computed that are taken."
  GATHER[axis=3, batch_dims=0](
    a = CONV_2D[fused_activation_function=_](
      x: [_, _, _, c],
      w: const f32[_, _, _, c],
      b: const f32,
    ),
    i: const i32[_],
  )
  -> @a(x, w.value[i.value], b.value[i.value])

rule fuse_bmm_add
  "A product with a constant matrix, and an addend for each column, are a fully connected operator."
  ADD[fused_activation_function=f, pot_scale_int16=_](
    BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x, w: const f32[_, n]),
    c: const f32[n],
  )
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, transpose(w), c)

rule bmm_to_fc
  "A product with a constant matrix is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x, w: const f32[_, _])
  -> FULLY_CONNECTED[keep_num_dims=true](x, transpose(w))

rule fuse_requantize
  "A convolution gives its result at once in the steps that are wanted, where the first ones are finer and reach as far."
  y = QUANTIZE(a = (CONV_2D|DEPTHWISE_CONV_2D)[fused_activation_function=_](x: i8, w, b?))
  where
    a.dtype == "i8",
    y.dtype == "i8",
    a.scale <= y.scale,
    a.scale * (-128 - a.zero_point) <= y.scale * (-128 - y.zero_point),
    a.scale * (127 - a.zero_point) >= y.scale * (127 - y.zero_point)
  -> @a(x, w, b)
  equal within 1 step

# At 0 they differ: a quotient is held at the largest number, and RSQRT gives an infinity.
rule fuse_reciprocal_sqrt
  "One over the square root of what is above 0 for certain is one operator."
  DIV(1.0, SQRT(v = ADD[fused_activation_function=_](SQUARE(_), e: const f32)))
  where min(e.value) > 0
  -> RSQRT(v)

rule div_sqrt_to_mul_rsqrt
  "A product is cheaper than a quotient, where the root is above 0 for certain."
  DIV[fused_activation_function=f](
    a,
    SQRT(v = ADD[fused_activation_function=_, pot_scale_int16=_](SQUARE(_), e: const f32)),
  )
  where not a.is_const, min(e.value) > 0
  -> MUL[fused_activation_function=f](a, RSQRT(v))

pattern squared(x) = (SQUARE(x) | MUL(x, x))

rule fuse_sub_square
  "A difference times itself is one operator."
  squared(SUB[pot_scale_int16=_](a: f32, b))
  -> SQUARED_DIFFERENCE(a, b)

rule fuse_tile_into_binary
  "What is repeated only to have the shape of the other operand need not be."
  y = (ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM)[fused_activation_function=_](lhs = TILE(x, _), rhs=c)
  -> @y(x, c)

rule fuse_broadcast_to_into_binary
  "What is broadcast only to have the shape of the other operand need not be."
  y = (ADD|MUL)[fused_activation_function=_](BROADCAST_TO(x: f32|i32|i64, _), c)
  -> @y(x, c)
  equal exact

rule reorder_broadcast_to_unary
  "Each value is computed once, before it is broadcast."
  u = (ABS|NEG|EXP|LOG|SQRT|RSQRT|SQUARE|SIN|COS|TANH|LOGISTIC|RELU|RELU6|FLOOR|CEIL)(
    BROADCAST_TO(x: f32, s),
  )
  -> BROADCAST_TO(@u(x), s)
  equal exact

rule fuse_broadcast_into_select
  "A condition that is broadcast only to have the shape of the branches need not be."
  SELECT_V2(BROADCAST_TO(c, _), a, b)
  -> SELECT_V2(c, a, b)
  equal exact

rule fuse_onehot_cast
  "Rows of ones and zeros are made in the type that is wanted."
  CAST(ONE_HOT[axis=a](i, d, on: const i32, off: const i32)): f32
  -> ONE_HOT[axis=a](i, d, cast(on, "f32"), cast(off, "f32"))
  equal exact

rule remove_reshape_before_fc
  "A matrix product takes rows of any shape."
  f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](
    RESHAPE(x: [..., i]): [..., i],
    w: [_, i],
    b?,
  )
  -> @f(x, w, b)
  equal exact

rule remove_reshape_after_fc
  "A matrix product keeps the shape of its rows itself where a reshape gave it back to them."
  y = RESHAPE(f = FULLY_CONNECTED[keep_num_dims=false, fused_activation_function=_](x, w, b?))
  -> @f[keep_num_dims=true](x, w, b)
  equal exact

rule degenerate_fc_to_mul
  "A matrix product of rows of one value scales the value."
  FULLY_CONNECTED[
    keep_num_dims=true,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: [..., 1], w: const f32[n, 1])
  -> MUL[fused_activation_function=f](x, reshape(w, [n]))

rule fuse_transpose_into_bmm
  "A batched matrix product transposes its operand itself."
  a = BATCH_MATMUL[adj_y=false](x: f32, TRANSPOSE(y: f32, [0, 2, 1]))
  -> @a[adj_y=true](x, y)

rule bmm_ones_to_reduce_sum
  "A product with a column of ones is a sum."
  BATCH_MATMUL[adj_x=false, adj_y=_, asymmetric_quantize_inputs=_](x: [..., k], w: const f32[k, 1])
  where all(w.value == 1)
  -> SUM[keep_dims=true](x, [x.rank - 1])

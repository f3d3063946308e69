# Group B: several operators become one. Constants of convolutions stand in `affine.pat`, products in `matmul.pat`, what is
# broadcast in `broadcast.pat`.

pack toco "The graph transformations of the converters"
  leaves
    fuse_activation_into_producer_relu_tconv,
    fuse_activation_into_producer_relu6_tconv,
    fuse_activation_into_producer_relu_n1_to_1_tconv,
    remove_optional_zero_bias,
    remove_optional_zero_bias_tconv,
    ensure_bias_vectors,
    ensure_bias_vectors_steps,
    same_to_pad_valid

rule fuse_activation_into_producer_relu
  "An operator that can cut off below 0 itself does."
  RELU(
    p = (
      CONV_2D|
      DEPTHWISE_CONV_2D|
      CONV_3D|
      FULLY_CONNECTED|
      ADD|
      SUB|
      MUL|
      DIV|
      AVERAGE_POOL_2D|
      MAX_POOL_2D|
      L2_POOL_2D
    )(xs...): f32,
  )
  -> @p[fused_activation_function=RELU](xs...)

rule fuse_activation_into_producer_relu6
  "An operator that can hold its result between 0 and 6 itself does."
  RELU6(
    p = (
      CONV_2D|
      DEPTHWISE_CONV_2D|
      CONV_3D|
      FULLY_CONNECTED|
      ADD|
      SUB|
      MUL|
      DIV|
      AVERAGE_POOL_2D|
      MAX_POOL_2D|
      L2_POOL_2D
    )(xs...): f32,
  )
  -> @p[fused_activation_function=RELU6](xs...)

rule fuse_activation_into_producer_relu_n1_to_1
  "An operator that can hold its result between -1 and 1 itself does."
  RELU_N1_TO_1(
    p = (
      CONV_2D|
      DEPTHWISE_CONV_2D|
      CONV_3D|
      FULLY_CONNECTED|
      ADD|
      SUB|
      MUL|
      DIV|
      AVERAGE_POOL_2D|
      MAX_POOL_2D|
      L2_POOL_2D
    )(xs...): f32,
  )
  -> @p[fused_activation_function=RELU_N1_TO_1](xs...)

# A bound half way between two steps is rounded up by one kernel and to the even step by another. With an activation in
# steps, XNNPACK forgets the dimensions that only an operand of one element has.
rule fuse_activation_into_producer_relu_steps
  "An operator that can cut off below 0 itself does, in the same steps."
  y = RELU(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ): i8|u8|i16,
  )
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.scale == y.scale,
    p.zero_point == y.zero_point
  -> @p[fused_activation_function=RELU](xs...)
  equal exact

rule fuse_activation_into_producer_relu6_steps
  "An operator that can hold its result between 0 and 6 itself does, in the same steps."
  y = RELU6(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ): i8|u8|i16,
  )
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.scale == y.scale,
    p.zero_point == y.zero_point,
    abs(6 / p.scale % 1 - 0.5) > 1e-3
  -> @p[fused_activation_function=RELU6](xs...)
  equal exact

rule fuse_activation_into_producer_relu_n1_to_1_steps
  "An operator that can hold its result between -1 and 1 itself does, in the same steps."
  y = RELU_N1_TO_1(
    p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)(
      xs...,
    ): i8|u8|i16,
  )
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.scale == y.scale,
    p.zero_point == y.zero_point,
    abs(1 / p.scale % 1 - 0.5) > 1e-3
  -> @p[fused_activation_function=RELU_N1_TO_1](xs...)
  equal exact

rule fuse_activation_into_producer_relu_rescaled
  "An operator that can cut off below 0 itself does, in the steps that are wanted, where the first ones are finer and reach as far."
  y = RELU(p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL)(xs...): i8|u8)
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.scale <= y.scale,
    p.scale != y.scale or p.zero_point != y.zero_point,
    p.scale * (lowest(p.dtype) - p.zero_point) <= 0,
    p.scale * (highest(p.dtype) - p.zero_point) >= y.scale * (highest(p.dtype) - y.zero_point)
  -> @p[fused_activation_function=RELU](xs...)
  equal within 1 step

rule fuse_activation_into_producer_relu6_rescaled
  "An operator that can hold its result between 0 and 6 itself does, in the steps that are wanted, where the first ones are finer and reach as far."
  y = RELU6(p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL)(xs...): i8|u8)
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.scale <= y.scale,
    p.scale != y.scale or p.zero_point != y.zero_point,
    p.scale * (lowest(p.dtype) - p.zero_point) <= 0,
    p.scale * (highest(p.dtype) - p.zero_point) >= 6
  -> @p[fused_activation_function=RELU6](xs...)
  equal within 1 step

# Version 4 of TRANSPOSE_CONV, which has an activation, is younger than many runtimes.
rule fuse_activation_into_producer_relu_tconv
  "A transposed convolution can cut off below 0 itself."
  RELU(p = TRANSPOSE_CONV(x, w, b?): f32)
  -> @p[fused_activation_function=RELU](x, w, b)

rule fuse_activation_into_producer_relu6_tconv
  "A transposed convolution can hold its result between 0 and 6 itself."
  RELU6(p = TRANSPOSE_CONV(x, w, b?): f32)
  -> @p[fused_activation_function=RELU6](x, w, b)

rule fuse_activation_into_producer_relu_n1_to_1_tconv
  "A transposed convolution can hold its result between -1 and 1 itself."
  RELU_N1_TO_1(p = TRANSPOSE_CONV(x, w, b?): f32)
  -> @p[fused_activation_function=RELU_N1_TO_1](x, w, b)

rule remove_trivial_quantized_activation_relu
  "Where no step is below 0, nothing has to be cut off there."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)[
    fused_activation_function=RELU,
  ](xs...): i8|u8
  where p.rank <= 4, not lone_value_outranks(xs.shape), p.zero_point == lowest(p.dtype)
  -> @p[fused_activation_function=NONE](xs...)
  equal exact

# Kernels round 6 to a step: that may be the highest one, though it stands for a little more or less than 6.
rule remove_trivial_quantized_activation_relu6
  "Where no step is below 0 or above 6, nothing has to be cut off there."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)[
    fused_activation_function=RELU6,
  ](xs...): i8|u8
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    p.zero_point == lowest(p.dtype),
    6 / p.scale + 0.499 >= highest(p.dtype) - lowest(p.dtype)
  -> @p[fused_activation_function=NONE](xs...)
  equal exact

rule remove_trivial_quantized_activation_relu_n1_to_1
  "Where no step is below -1 or above 1, nothing has to be cut off there."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D)[
    fused_activation_function=RELU_N1_TO_1,
  ](xs...): i8|u8|i16
  where
    p.rank <= 4,
    not lone_value_outranks(xs.shape),
    1 / p.scale + 0.499 >= p.zero_point - lowest(p.dtype),
    1 / p.scale + 0.499 >= highest(p.dtype) - p.zero_point
  -> @p[fused_activation_function=NONE](xs...)
  equal exact

rule remove_trivial_quantized_activation_alone
  "Where no step is below 0, a RELU in the same steps does nothing."
  y = RELU(x: i8|u8)
  where x.scale == y.scale, x.zero_point == y.zero_point, x.zero_point == lowest(x.dtype)
  -> x
  equal exact

rule remove_trivial_quantized_activation_alone_relu6
  "Where no step is below 0 or above 6, a RELU6 in the same steps does nothing."
  y = RELU6(x: i8|u8)
  where
    x.scale == y.scale,
    x.zero_point == y.zero_point,
    x.zero_point == lowest(x.dtype),
    6 / x.scale + 0.499 >= highest(x.dtype) - lowest(x.dtype)
  -> x
  equal exact

rule remove_trivial_quantized_minmax
  "What no step is above cuts nothing off."
  MINIMUM(x: i8|u8|i16, c: const)
  where
    c.scale == x.scale,
    c.zero_point == x.zero_point,
    min(c.value) >= x.scale * (highest(x.dtype) - x.zero_point)
  -> x
  equal exact

rule remove_trivial_quantized_minmax_below
  "What no step is below cuts nothing off."
  MAXIMUM(x: i8|u8|i16, c: const)
  where
    c.scale == x.scale,
    c.zero_point == x.zero_point,
    max(c.value) <= x.scale * (lowest(x.dtype) - x.zero_point)
  -> x
  equal exact

# CONV_2D and DEPTHWISE_CONV_2D take no filter without a bias in LiteRT 2.3: the one is refused, the other may crash. In 16
# bits FULLY_CONNECTED rounds otherwise without a bias, and TRANSPOSE_CONV overflows otherwise.
rule remove_optional_zero_bias
  "A bias of zeros adds nothing."
  p = (FULLY_CONNECTED|CONV_3D)[fused_activation_function=_](x: f32|i8|u8, w, b: const)
  where all(b.value == 0)
  -> @p(x, w)

rule remove_optional_zero_bias_tconv
  "A transposed convolution's bias of zeros adds nothing."
  p = TRANSPOSE_CONV[fused_activation_function=_](x: f32|i8|u8, w, b: const)
  where all(b.value == 0)
  -> @p(x, w)

pattern unbiased(x, w) =
  (
    (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)[fused_activation_function=_](x, w)
    | TRANSPOSE_CONV[fused_activation_function=_](x, w)
  )

rule ensure_bias_vectors
  "Some runtimes ask for a bias, be it of zeros."
  a = unbiased(x: f32, w: f32): [..., o]
  -> @a(x, w, full([o], 0.0))

rule ensure_bias_vectors_steps
  "Some runtimes ask for a bias, be it of zeros in the product's steps."
  a = unbiased(x: i8, w: i8): [..., o]
  -> @a(
    x,
    w,
    quantize(full([o], 0.0), bias_steps(x.scale, w.scale), bias_zeros(w.scale), "i32", axis=0),
  )

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

rule fuse_pad_into_conv_same_steps
  "Padding that is just what SAME would add is left to the convolution, in steps too."
  a = (CONV_2D|DEPTHWISE_CONV_2D)[padding=VALID, fused_activation_function=_](
    PAD(x: i8|u8|i16[_, h, w, _], p: const [4, 2]),
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

rule fuse_pad_into_conv_same_3d
  "Padding that is just what SAME would add to a volume is left to the convolution."
  a = CONV_3D[padding=VALID, fused_activation_function=_](
    PAD(x: f32[_, d, h, w, _], p: const [5, 2]),
    f: [kd, kh, kw, _, _],
    b?,
  )
  where
    all(p.value[0] == 0),
    all(p.value[4] == 0),
    sum(p.value[1])
      == ((d + a.stride_d - 1) // a.stride_d - 1) * a.stride_d
        + (kd - 1) * a.dilation_d_factor
        + 1
        - d,
    sum(p.value[2])
      == ((h + a.stride_h - 1) // a.stride_h - 1) * a.stride_h
        + (kh - 1) * a.dilation_h_factor
        + 1
        - h,
    sum(p.value[3])
      == ((w + a.stride_w - 1) // a.stride_w - 1) * a.stride_w
        + (kw - 1) * a.dilation_w_factor
        + 1
        - w,
    p.value[1][0] == sum(p.value[1]) // 2,
    p.value[2][0] == sum(p.value[2]) // 2,
    p.value[3][0] == sum(p.value[3]) // 2
  -> @a[padding=SAME](x, f, b)

rule same_to_pad_valid
  "For runtimes without SAME its padding is an operator of its own."
  a = (CONV_2D|DEPTHWISE_CONV_2D)[padding=SAME, fused_activation_function=_](
    x: [_, h, w, _],
    f: [_, kh, kw, _],
    b?,
  )
  where
    same_padding(h, kh, a.stride_h, a.dilation_h_factor)[1]
      + same_padding(w, kw, a.stride_w, a.dilation_w_factor)[1]
      > 0
  -> @a[padding=VALID](
    PAD(
      x,
      [
        [0, 0],
        same_padding(h, kh, a.stride_h, a.dilation_h_factor),
        same_padding(w, kw, a.stride_w, a.dilation_w_factor),
        [0, 0],
      ],
    ),
    f,
    b,
  )

rule same_conv_with_slice
  "Padding whose share of a convolution's result is cut off again is not needed."
  SLICE(
    a = (CONV_2D|DEPTHWISE_CONV_2D)[
      padding=SAME,
      stride_h=1,
      stride_w=1,
      fused_activation_function=_,
    ](PAD(x, p: const [4, 2]), f, b?),
    s: const,
    _,
  )
  where
    all(p.value[0] == 0),
    all(p.value[3] == 0),
    s.value[0] == 0,
    s.value[1] == p.value[1][0],
    s.value[2] == p.value[2][0],
    s.value[3] == 0
  -> @a(x, f, b)

# Where the exact result lies between two steps, the runtime's kernels take the one or the other with each padding.
rule fuse_slice_with_tconv
  "What is cut off a transposed convolution's result as SAME would is left to it."
  y = SLICE(
    a = TRANSPOSE_CONV[padding=VALID, fused_activation_function=_](
      x: [_, h, w, _],
      f: [_, kh, kw, _],
      b?,
    ),
    s: const,
    _,
  )
  where
    a.shape[1] == (h - 1) * a.stride_h + kh,
    a.shape[2] == (w - 1) * a.stride_w + kw,
    (y.shape[1] + a.stride_h - 1) // a.stride_h == h,
    (y.shape[2] + a.stride_w - 1) // a.stride_w == w,
    y.shape[3] == a.shape[3],
    s.value[0] == 0,
    s.value[1] == (a.shape[1] - y.shape[1]) // 2,
    s.value[2] == (a.shape[2] - y.shape[2]) // 2,
    s.value[3] == 0
  -> @a[padding=SAME](x, f, b)
  equal within 1 step

rule fuse_requantize
  "An operator gives its result at once in the steps that are wanted, where the first ones are finer and reach as far."
  y = QUANTIZE(
    a = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL)[fused_activation_function=_](
      xs...,
    ): i8|u8,
  )
  where
    a.rank <= 4,
    y.dtype == a.dtype,
    a.scale <= y.scale,
    a.scale * (lowest(a.dtype) - a.zero_point) <= y.scale * (lowest(a.dtype) - y.zero_point),
    a.scale * (highest(a.dtype) - a.zero_point) >= y.scale * (highest(a.dtype) - y.zero_point)
  -> @a(xs...)
  equal within 1 step

rule fuse_requantize_tconv
  "A transposed convolution gives its result at once in the steps that are wanted, where the first ones are finer and reach as far."
  y = QUANTIZE(a = TRANSPOSE_CONV[fused_activation_function=_](x, w, b?): i8|u8)
  where
    y.dtype == a.dtype,
    a.scale <= y.scale,
    a.scale * (lowest(a.dtype) - a.zero_point) <= y.scale * (lowest(a.dtype) - y.zero_point),
    a.scale * (highest(a.dtype) - a.zero_point) >= y.scale * (highest(a.dtype) - y.zero_point)
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
  squared(SUB[pot_scale_int16=_](a: f32|i32, b))
  -> SQUARED_DIFFERENCE(a, b)

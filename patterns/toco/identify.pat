# Group D: operators that together compute what one operator is for.

pack toco "The graph transformations of the converters"
  leaves mul_self_to_square, identify_channel_shuffle, identify_l2_normalization_added

pattern negative(x) = (NEG(x) | MUL(x, -1.0))
pattern squared(x) = (SQUARE(x) | MUL(x, x))
pattern cubed(x) = (POW(x, 3.0) | MUL(squared(x), x))
pattern plus(x, y) = ADD[pot_scale_int16=_](x, y)
pattern minus(x, y) = SUB[pot_scale_int16=_](x, y)
pattern gate(x) =
  (ADD[fused_activation_function=RELU6, pot_scale_int16=_](x, 3.0) | RELU6(plus(x, 3.0)))

rule identify_hardswish
  "x * relu6(x + 3) / 6, with the factor wherever it stands, is a hard swish."
  (
    MUL(MUL(x: f32, gate(x)), c: const f32)
    | MUL(x: f32, MUL(gate(x), c: const f32))
    | MUL(MUL(x: f32, c: const f32), gate(x))
  )
  where max(abs(c.value - 1 / 6)) < 1e-6
  -> HARD_SWISH(x)

rule identify_hardswish_div
  "x * relu6(x + 3), divided by 6 wherever it is, is a hard swish."
  (DIV(MUL(x: f32, gate(x)), 6.0) | MUL(x: f32, DIV(gate(x), 6.0)) | MUL(DIV(x: f32, 6.0), gate(x)))
  -> HARD_SWISH(x)

# A sum of rows that keeps the dimension, or gets it back.
pattern row_sum(t, x, a) = (t = SUM[keep_dims=true](x, a) | t = RESHAPE(SUM[keep_dims=false](x, a)))
pattern row_largest(t, x, a) =
  (t = REDUCE_MAX[keep_dims=true](x, a) | t = RESHAPE(REDUCE_MAX[keep_dims=false](x, a)))

# The operator keeps the root from 0 by 1e-6: another bound, or one that is added, shows in short rows.
rule identify_l2_normalization
  "Rows divided by their lengths, which are kept from 0 by the bound that the operator has, are normalised."
  (
    MUL(x: f32, RSQRT(MAXIMUM(row_sum(t, squared(x), a), e)))
    | DIV(x: f32, SQRT(MAXIMUM(row_sum(t, squared(x), a), e)))
  )
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    t.rank == x.rank,
    t.shape[-1] == 1,
    prod(e.shape) == 1,
    max(abs(e.value - 1e-12)) < 1e-17
  -> L2_NORMALIZATION(x)

rule identify_l2_normalization_added
  "Rows divided by their lengths, to whose squares a little is added, are normalised; rows that are as short become longer."
  (
    MUL(x: f32, RSQRT(plus(row_sum(t, squared(x), a: const), e: const)))
    | DIV(x: f32, SQRT(plus(row_sum(t, squared(x), a: const), e: const)))
  )
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    t.rank == x.rank,
    t.shape[-1] == 1,
    prod(e.shape) == 1,
    0 < min(e.value) <= 1e-6
  -> L2_NORMALIZATION(x)
  lossy within 1e-2

rule identify_l2_pool
  "The root of the mean square of each window is a pool of its own."
  SQRT(
    AVERAGE_POOL_2D[padding=p, stride_h=sh, stride_w=sw, filter_height=h, filter_width=w](
      squared(x: f32),
    ),
  )
  -> L2_POOL_2D[padding=p, stride_h=sh, stride_w=sw, filter_height=h, filter_width=w](x)

rule identify_prelu
  "relu(x) and a multiple of relu(-x) are a PRELU."
  plus(RELU(x: f32), MUL(RELU(negative(x)), a: const f32))
  -> PRELU(x, -a)

rule identify_prelu_sub
  "relu(x) and a multiple of min(x, 0), which may be written as -relu(-x), are a PRELU."
  (
    minus(RELU(x: f32), MUL(RELU(negative(x)), a: const f32))
    | plus(RELU(x: f32), MUL((NEG(RELU(negative(x))) | MINIMUM(x, 0.0)), a: const f32))
  )
  -> PRELU(x, a)

rule identify_prelu_abs
  "relu(x) and half a multiple of x - abs(x) are a PRELU."
  plus(
    RELU(x: f32),
    (MUL(MUL(minus(x, ABS(x)), a: const f32), 0.5) | MUL(MUL(minus(x, ABS(x)), 0.5), a: const f32)),
  )
  -> PRELU(x, a)

pattern positive(x) = (GREATER(x, 0.0) | GREATER_EQUAL(x, 0.0))

rule identify_prelu_select
  "A value above 0, and its multiple for each channel below, are a PRELU."
  (SELECT|SELECT_V2)(positive(x), x: f32, MUL(x, a: const f32))
  where prod(a.shape) > 1
  -> PRELU(x, a)

rule identify_relu
  "The larger of a value and 0 is a RELU."
  MAXIMUM(x: f32|i8|u8, 0.0)
  where x.dtype == "f32" or x.quantized
  -> RELU(x)

rule identify_relu6
  "What is held between 0 and 6 in two steps is held in one."
  (
    MINIMUM(RELU(x: f32|i8|u8), 6.0)
    | RELU(MINIMUM(x: f32|i8|u8, 6.0))
    | MAXIMUM(MINIMUM(x: f32|i8|u8, 6.0), 0.0)
    | MINIMUM(MAXIMUM(x: f32|i8|u8, 0.0), 6.0)
  )
  where x.dtype == "f32" or x.quantized
  -> RELU6(x)

rule identify_relu_n1_to_1
  "What is held between -1 and 1 in two steps is held in one."
  (MAXIMUM(MINIMUM(x: f32|i8|u8, 1.0), -1.0) | MINIMUM(MAXIMUM(x: f32|i8|u8, -1.0), 1.0))
  where x.dtype == "f32" or x.quantized
  -> RELU_N1_TO_1(x)

rule identify_relu_0_to_1
  "What is held between 0 and 1 in two steps is held in one."
  (
    MAXIMUM(MINIMUM(x: f32|i8|u8, 1.0), 0.0)
    | MINIMUM(MAXIMUM(x: f32|i8|u8, 0.0), 1.0)
    | MINIMUM(RELU(x: f32|i8|u8), 1.0)
    | RELU(MINIMUM(x: f32|i8|u8, 1.0))
  )
  where x.dtype == "f32" or x.quantized
  -> RELU_0_TO_1(x)

rule identify_leaky_relu
  "The larger of a value and a part of it is a leaky RELU."
  MAXIMUM(MUL(x: f32, a: const f32), x)
  where prod(a.shape) == 1, -1 < min(a.value) < 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule identify_leaky_relu_quantized
  "The larger of a number and a part of it, in the same steps, is a leaky RELU."
  MAXIMUM(m = MUL(x: i8|u8|i16, a: const), x)
  where prod(a.shape) == 1, 0 <= min(a.value) < 1, m.scale == x.scale, m.zero_point == x.zero_point
  -> LEAKY_RELU[alpha=max(a.value)](x)
  equal within 1 step

rule identify_leaky_relu_min
  "The smaller of a value and a multiple of it is a leaky RELU that grows below 0."
  MINIMUM(MUL(x: f32, a: const f32), x)
  where prod(a.shape) == 1, min(a.value) > 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule identify_leaky_relu_select
  "A value above 0, and its multiple below, are a leaky RELU."
  (SELECT|SELECT_V2)(positive(x), x: f32, MUL(x, a: const f32))
  where prod(a.shape) == 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule identify_abs
  "The larger of a value and its negative is its magnitude."
  MAXIMUM(negative(x), x: f32)
  -> ABS(x)

rule identify_elu
  "A value above 0, and its exponential less 1 below, are an ELU."
  (SELECT|SELECT_V2)(
    positive(x),
    x: f32,
    minus(
      EXP((x | MINIMUM(x, 0.0) | SELECT(positive(x), 0.0, x) | SELECT_V2(positive(x), 0.0, x))),
      1.0,
    ),
  )
  -> ELU(x)

rule identify_elu_sum
  "relu(x) and exp(min(x, 0)) less 1 are an ELU."
  plus(RELU(x: f32), minus(EXP(MINIMUM(x, 0.0)), 1.0))
  -> ELU(x)

pattern halved(x, y) = (MUL(MUL(x, y), 0.5) | MUL(x, MUL(y, 0.5)) | MUL(MUL(x, 0.5), y))
pattern scaled_cube(x, c) =
  (MUL(cubed(x), c) | MUL(squared(x), MUL(x, c)) | MUL(MUL(squared(x), c), x))
pattern gelu_inner(x, c, s) =
  (
    MUL(plus(x, scaled_cube(x, c)), s)
    | MUL(MUL(x, s), plus(MUL(squared(x), c), 1.0))
    | MUL(x, MUL(plus(MUL(squared(x), c), 1.0), s))
    | MUL(MUL(x, plus(MUL(squared(x), c), 1.0)), s)
  )

rule identify_gelu_tanh
  "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) is a GELU, by tanh."
  (
    halved(x: f32, plus(TANH(gelu_inner(x, c: const f32, s: const f32)), 1.0))
    | MUL(x: f32, plus(MUL(TANH(gelu_inner(x, c: const f32, s: const f32)), 0.5), 0.5))
  )
  where max(abs(c.value - 0.044715)) < 1e-6, max(abs(s.value - 0.7978846)) < 1e-6
  -> GELU[approximate=true](x)

# Converters leave the error function to an operator of TensorFlow's.
op CUSTOM[FlexErf](values: f32) -> output
  shape toco.same_shape
  kernel toco.erf

op CUSTOM[FlexErfc](values: f32) -> output
  shape toco.same_shape
  kernel toco.erfc

rule identify_gelu_erf
  "x / 2 * (1 + erf(x / sqrt(2))) is a GELU."
  halved(x: f32, plus(CUSTOM[FlexErf](MUL(x, s: const f32)), 1.0))
  where max(abs(s.value - 0.7071068)) < 1e-6
  -> GELU[approximate=false](x)

rule identify_gelu_erf_div
  "x / 2 * (1 + erf(x / sqrt(2))), with a quotient, is a GELU."
  halved(x: f32, plus(CUSTOM[FlexErf](DIV(x, s: const f32)), 1.0))
  where max(abs(s.value - 1.4142136)) < 1e-6
  -> GELU[approximate=false](x)

rule identify_gelu_erfc
  "x / 2 * erfc(-x / sqrt(2)) is a GELU."
  halved(x: f32, CUSTOM[FlexErfc](MUL(x, s: const f32)))
  where max(abs(s.value + 0.7071068)) < 1e-6
  -> GELU[approximate=false](x)

rule identify_logistic
  "1 / (1 + exp(-x)) is the logistic function."
  DIV(1.0, plus(EXP(negative(x: f32)), 1.0))
  -> LOGISTIC(x)

rule identify_softmax
  "Exponentials divided by the sum of their row are a softmax."
  e = EXP(x: f32); DIV(e, row_sum(t, e, a: const))
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    t.rank == x.rank,
    t.shape[:x.rank - 1] == x.shape[:x.rank - 1]
  -> SOFTMAX[beta=1.0](x)

rule identify_log_softmax
  "Values less the logarithm of the sum of their row's exponentials are the logarithm of a softmax."
  minus(x: f32, LOG(row_sum(t, EXP(x), a: const)))
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    t.rank == x.rank,
    t.shape[:x.rank - 1] == x.shape[:x.rank - 1]
  -> LOG_SOFTMAX(x)

rule identify_log_softmax_of_softmax
  "The logarithm of a softmax is one operator."
  LOG(SOFTMAX[beta=1.0](x: f32))
  -> LOG_SOFTMAX(x)

rule identify_softmax_shifted
  "A softmax takes its row's largest away itself."
  f = (
    SOFTMAX[beta=_](minus(x: f32, row_largest(t, x, a: const)))
    | LOG_SOFTMAX(minus(x: f32, row_largest(t, x, a: const)))
  )
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    t.rank == x.rank,
    t.shape[:x.rank - 1] == x.shape[:x.rank - 1]
  -> @f(x)

pattern plain_conv(c, x, w, b) =
  c = (CONV_2D|DEPTHWISE_CONV_2D)[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    dilation_h_factor=1,
    dilation_w_factor=1,
    fused_activation_function=_,
  ](x, w, b)

# Result 0 of an axis begins as many places into the image as are cut off more than were put before.
rule identify_dilated_conv
  "A convolution over every d-th place, done by moving these together and apart again, is a dilated one."
  BATCH_TO_SPACE_ND(
    plain_conv(c, SPACE_TO_BATCH_ND(x: f32|i8|u8[_, _, _, _], [d, e], p: const), w, b?),
    [d, e],
    v: const,
  )
  where x.dtype == w.dtype, all(p.value == v.value)
  -> @c[dilation_h_factor=d, dilation_w_factor=e](x, w, b)

rule identify_dilated_conv_same
  "A convolution over every d-th place, with the padding that keeps an image's size, is a dilated one that pads."
  BATCH_TO_SPACE_ND(
    plain_conv(
      c,
      SPACE_TO_BATCH_ND(x: f32|i8|u8[_, _, _, _], [d, e], [[pt, pb], [pl, pr]]),
      w: [_, kh, kw, _],
      b?,
    ),
    [d, e],
    [[vt, vb], [vl, vr]],
  )
  where
    x.dtype == w.dtype,
    max(kh, kw) > 1,
    pt - vt == (kh - 1) * d // 2,
    pl - vl == (kw - 1) * e // 2,
    pb - vb == ((kh - 1) * d + 1) // 2,
    pr - vr == ((kw - 1) * e + 1) // 2
  -> @c[padding=SAME, dilation_h_factor=d, dilation_w_factor=e](x, w, b)

rule identify_dilated_conv_padded
  "A convolution over every d-th place is a dilated one, of an image with as much around it as is not cut off again."
  BATCH_TO_SPACE_ND(
    plain_conv(c, SPACE_TO_BATCH_ND(x: f32|i8|u8[_, _, _, _], [d, e], [[pt, pb], [pl, pr]]), w, b?),
    [d, e],
    [[vt, vb], [vl, vr]],
  )
  where x.dtype == w.dtype, pt >= vt, pb >= vb, pl >= vl, pr >= vr
  -> @c[dilation_h_factor=d, dilation_w_factor=e](
    PAD(x, [[0, 0], [pt - vt, pb - vb], [pl - vl, pr - vr], [0, 0]]),
    w,
    b,
  )

rule identify_dilated_conv_elementwise
  "What is done to each channel of a convolution over every d-th place is done behind it, where that becomes a dilated one."
  BATCH_TO_SPACE_ND(
    f = (ADD|SUB|MUL)[fused_activation_function=_](
      lhs = plain_conv(c, SPACE_TO_BATCH_ND(_, [d, e], _), _, _b?),
      rhs=k: const,
    ),
    [d, e],
    v: const,
  )
  where prod(k.shape) == max([1, k.shape[-1]])
  -> @f(BATCH_TO_SPACE_ND(c, [d, e], v), k)
  equal exact

rule identify_dilated_conv_activation
  "An activation of a convolution over every d-th place comes behind it, where that becomes a dilated one."
  BATCH_TO_SPACE_ND(
    f = (RELU|RELU6|RELU_N1_TO_1)(
      plain_conv(c, SPACE_TO_BATCH_ND(_: f32|i8|u8, [d, e], _), _, _b?),
    ),
    [d, e],
    v: const,
  )
  -> @f(BATCH_TO_SPACE_ND(c, [d, e], v): like c)
  equal exact

pattern row_image(r, x) = (r = RESHAPE(x) | r = EXPAND_DIMS(x, _))
pattern rows_of(t, x) = (t = RESHAPE(x) | t = SQUEEZE[squeeze_dims=_](x))
pattern plain_conv_2d(c, x, w, b) =
  c = CONV_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    dilation_h_factor=1,
    dilation_w_factor=1,
    quantized_bias_type=_,
    fused_activation_function=_,
  ](x, w, b)

# Rows come to the convolution as images of one row, and go back.
rule identify_dilated_conv_of_rows
  "A convolution over every d-th place of rows is a dilated one of images of one row."
  s = SPACE_TO_BATCH_ND(x: f32|i8|u8[n, l, i], [d], p: const);
  BATCH_TO_SPACE_ND(
    rows_of(t, plain_conv_2d(c, row_image(r, s), w: [_, 1, _, _], b?)),
    [d],
    v: const,
  )
  where
    x.dtype == w.dtype,
    all(p.value == v.value),
    r.shape == [s.shape[0], 1, s.shape[1], i],
    t.shape == [c.shape[0], c.shape[2], c.shape[3]]
  -> RESHAPE(@c[dilation_w_factor=d](RESHAPE(x, [n, 1, l, i]), w, b): like c)

rule identify_dilated_conv_of_rows_same
  "A convolution over every d-th place of rows, with the padding that keeps their length, is a dilated one that pads."
  s = SPACE_TO_BATCH_ND(x: f32|i8|u8[n, l, i], [d], [[pl, pr]]);
  BATCH_TO_SPACE_ND(
    rows_of(t, plain_conv_2d(c, row_image(r, s), w: [_, 1, k, _], b?)),
    [d],
    [[vl, vr]],
  )
  where
    x.dtype == w.dtype,
    k > 1,
    pl - vl == (k - 1) * d // 2,
    pr - vr == ((k - 1) * d + 1) // 2,
    r.shape == [s.shape[0], 1, s.shape[1], i],
    t.shape == [c.shape[0], c.shape[2], c.shape[3]]
  -> RESHAPE(@c[padding=SAME, dilation_w_factor=d](RESHAPE(x, [n, 1, l, i]), w, b): like c)

rule identify_nearest_upsample
  "An image times ones that broadcast each place to a block repeats its places."
  RESHAPE(MUL(RESHAPE(x: f32[n, h, w, c]): [n, h, 1, w, 1, c], k: const f32[1, 1, a, 1, b, 1])): [
    n,
    _,
    _,
    c,
  ]
  where all(k.value == 1)
  -> RESIZE_NEAREST_NEIGHBOR(x, [h * a, w * b])

rule identify_nearest_upsample_repeat
  "An image whose places are repeated to blocks is resized to its nearest places."
  RESHAPE(
    (
      TILE(RESHAPE(x: f32|i8|u8[n, h, w, c]): [n, h, 1, w, 1, c], [1, 1, a, 1, b, 1])
      | BROADCAST_TO(RESHAPE(x: f32|i8|u8[n, h, w, c]): [n, h, 1, w, 1, c], [n, h, a, w, b, c])
    ),
  ): [n, _, _, c]
  -> RESIZE_NEAREST_NEIGHBOR(x, [h * a, w * b])
  equal exact

rule identify_nearest_upsample_gather
  "Rows and columns that are each taken several times are an image resized to its nearest places."
  GATHER[axis=2, batch_dims=0](
    GATHER[axis=1, batch_dims=0](x: f32|i8|u8[_, h, w, _], i: const i32[m]),
    j: const i32[n],
  )
  where
    m % h == 0,
    n % w == 0,
    all(i.value == (0 * i.value + range(m)) // (m // h)),
    all(j.value == (0 * j.value + range(n)) // (n // w))
  -> RESIZE_NEAREST_NEIGHBOR(x, [m, n])
  equal exact

rule identify_space_to_depth
  "Blocks of an image that are moved into its channels are space to depth."
  RESHAPE(
    TRANSPOSE(RESHAPE(x: f32|i8|u8|i32|i64[n, _, _, c]): [n, h, b, w, b, c], [0, 1, 3, 2, 4, 5]),
  ): [n, h, w, _]
  -> SPACE_TO_DEPTH[block_size=b](x)
  equal exact

rule identify_depth_to_space
  "Channels that are moved into blocks of an image are depth to space."
  RESHAPE(
    TRANSPOSE(RESHAPE(x: f32|i8|u8|i32|i64[n, h, w, _]): [n, h, w, b, b, c], [0, 1, 3, 2, 4, 5]),
  ): [n, _, _, c]
  -> DEPTH_TO_SPACE[block_size=b](x)
  equal exact

rule identify_channel_shuffle
  "Channels that change places in groups are taken in another order."
  RESHAPE(TRANSPOSE(RESHAPE(x: f32|i8|u8|i32|i64[n, h, w, c]): [n, h, w, g, k], [0, 1, 2, 4, 3])): [
    n,
    h,
    w,
    c,
  ]
  -> GATHER[axis=3, batch_dims=0](
    x,
    cast(reshape(transpose(reshape(arange(0, c), [g, k])), [c]), "i32"),
  )
  equal exact

rule pow_to_square_sqrt_rsqrt_1
  "The first power is the value."
  POW(x: f32, 1.0)
  -> x

rule pow_to_square_sqrt_rsqrt_2
  "The second power is a product."
  POW(x: f32, 2.0)
  -> MUL(x, x)

rule pow_to_square_sqrt_rsqrt_half
  "The power of one half is the square root."
  POW(x: f32, 0.5)
  -> SQRT(x)

rule pow_to_square_sqrt_rsqrt_minus_half
  "The power of minus one half is one over the square root."
  POW(x: f32, -0.5)
  -> RSQRT(x)

rule mul_self_to_square
  "A value times itself is its square."
  MUL(x: f32, x)
  -> SQUARE(x)

rule concat_zeros_to_pad
  "Zeros behind a tensor are padding."
  CONCATENATION[axis=a](x: f32|i8|u8|i16|i32|i64, z: const)
  where all(z.value == 0), prod(z.shape) > 0
  -> PAD(
    x,
    reshape(pad([z.shape[a]], [2 * (a % x.rank) + 1, 2 * (x.rank - a % x.rank) - 2]), [x.rank, 2]),
  )
  equal exact

rule concat_zeros_to_pad_before
  "Zeros before a tensor are padding."
  CONCATENATION[axis=a](z: const f32|i8|u8|i16|i32|i64, x)
  where all(z.value == 0), prod(z.shape) > 0
  -> PAD(
    x,
    reshape(pad([z.shape[a]], [2 * (a % x.rank), 2 * (x.rank - a % x.rank) - 1]), [x.rank, 2]),
  )
  equal exact

# Converters before there was a builtin operator for them, and such as are told to select TensorFlow's own.
op CUSTOM[AddV2](lhs, rhs) -> output
  shape toco.broadcast_shape
  kernel toco.add

op CUSTOM[FlexAddV2](lhs, rhs) -> output
  shape toco.broadcast_shape
  kernel toco.add

rule resolve_customop_builtin_add
  "TensorFlow's own addition is the builtin one."
  (CUSTOM[AddV2](x: f32|i32|i64, y) | CUSTOM[FlexAddV2](x: f32|i32|i64, y))
  -> ADD(x, y)

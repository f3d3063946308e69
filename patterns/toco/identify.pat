# Group D: operators that together compute what one operator is for.

pack toco "The graph transformations of the converters"
  leaves mul_self_to_square, mean_to_global_pool, fc_to_conv, depthwise_to_conv

pattern squared(x) = (SQUARE(x) | MUL(x, x))
pattern cubed(x) = (POW(x, 3.0) | MUL(squared(x), x))
pattern gate(x) =
  (
    ADD[fused_activation_function=RELU6, pot_scale_int16=_](x, 3.0)
    | RELU6(ADD[pot_scale_int16=_](x, 3.0))
  )
pattern halved(x, y) = (MUL(MUL(x, y), 0.5) | MUL(x, MUL(y, 0.5)) | MUL(MUL(x, 0.5), y))

rule identify_hardswish
  "x * relu6(x + 3) / 6, with the factor wherever it stands, is a hard swish."
  (MUL(MUL(x: f32, gate(x)), c: const f32) | MUL(x: f32, MUL(gate(x), c: const f32)))
  where max(abs(c.value - 1 / 6)) < 1e-6
  -> HARD_SWISH(x)

rule identify_hardswish_div
  "x * relu6(x + 3), divided by 6, is a hard swish."
  (DIV(MUL(x: f32, gate(x)), 6.0) | MUL(x: f32, DIV(gate(x), 6.0)))
  -> HARD_SWISH(x)

# The operator keeps the root from 0 by 1e-6: another bound, or one that is added, shows in short rows.
rule identify_l2_normalization
  "Rows divided by their lengths, which are kept from 0 by the bound that the operator has, are normalised."
  (MUL(x: f32, RSQRT(bounded(x, e, a))) | DIV(x: f32, SQRT(bounded(x, e, a))))
  where
    prod(a.shape) == 1,
    all(a.value % x.rank == x.rank - 1),
    prod(e.shape) == 1,
    max(abs(e.value - 1e-12)) < 1e-17
  -> L2_NORMALIZATION(x)

pattern bounded(x, e, a) = MAXIMUM(SUM[keep_dims=true](squared(x), a), e)

rule identify_l2_pool
  "The root of the mean square of each window is a pool of its own."
  SQRT(
    AVERAGE_POOL_2D[padding=p, stride_h=sh, stride_w=sw, filter_height=h, filter_width=w](
      squared(x: f32),
    ),
  )
  -> L2_POOL_2D[padding=p, stride_h=sh, stride_w=sw, filter_height=h, filter_width=w](x)

rule identify_prelu
  "relu(x) less a multiple of relu(-x) is a PRELU."
  ADD[pot_scale_int16=_](RELU(x: f32), MUL(RELU(NEG(x)), a: const f32))
  -> PRELU(x, -a)

rule identify_prelu_abs
  "relu(x) and half a multiple of x - abs(x) are a PRELU."
  ADD[pot_scale_int16=_](
    RELU(x: f32),
    MUL(MUL(SUB[pot_scale_int16=_](x, ABS(x)), a: const f32), 0.5),
  )
  -> PRELU(x, a)

rule identify_relu
  "The larger of a value and 0 is a RELU."
  MAXIMUM(x: f32, 0.0)
  -> RELU(x)

rule identify_relu6
  "What is held between 0 and 6 in two steps is held in one."
  (
    MINIMUM(RELU(x: f32), 6.0)
    | RELU(MINIMUM(x: f32, 6.0))
    | MAXIMUM(MINIMUM(x: f32, 6.0), 0.0)
    | MINIMUM(MAXIMUM(x: f32, 0.0), 6.0)
  )
  -> RELU6(x)

rule identify_relu_n1_to_1
  "What is held between -1 and 1 in two steps is held in one."
  (MAXIMUM(MINIMUM(x: f32, 1.0), -1.0) | MINIMUM(MAXIMUM(x: f32, -1.0), 1.0))
  -> RELU_N1_TO_1(x)

rule identify_relu_0_to_1
  "What is held between 0 and 1 in two steps is held in one."
  (
    MAXIMUM(MINIMUM(x: f32, 1.0), 0.0)
    | MINIMUM(MAXIMUM(x: f32, 0.0), 1.0)
    | MINIMUM(RELU(x: f32), 1.0)
  )
  -> RELU_0_TO_1(x)

rule identify_leaky_relu
  "The larger of a value and a part of it is a leaky RELU."
  MAXIMUM(MUL(x: f32, a: const f32), x)
  where prod(a.shape) == 1, 0 <= min(a.value) < 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule identify_abs
  "The larger of a value and its negative is its magnitude."
  (MAXIMUM(NEG(x: f32), x) | MAXIMUM(MUL(x: f32, -1.0), x))
  -> ABS(x)

rule identify_gelu_tanh
  "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) is a GELU, by tanh."
  halved(
    x: f32,
    ADD[pot_scale_int16=_](
      TANH(MUL(ADD[pot_scale_int16=_](x, MUL(cubed(x), c: const f32)), s: const f32)),
      1.0,
    ),
  )
  where max(abs(c.value - 0.044715)) < 1e-6, max(abs(s.value - 0.7978846)) < 1e-6
  -> GELU[approximate=true](x)

rule identify_logistic
  "1 / (1 + exp(-x)) is the logistic function."
  DIV(1.0, ADD[pot_scale_int16=_](EXP(NEG(x: f32)), 1.0))
  -> LOGISTIC(x)

rule identify_softmax
  "Exponentials divided by the sum of their row are a softmax."
  DIV(e = EXP(x: f32), SUM[keep_dims=true](e, a: const))
  where prod(a.shape) == 1, all(a.value % x.rank == x.rank - 1)
  -> SOFTMAX[beta=1.0](x)

rule identify_log_softmax
  "Values less their row's largest, less the logarithm of the sum of the exponentials, are the logarithm of a softmax."
  s = SUB[pot_scale_int16=_](x: f32, REDUCE_MAX[keep_dims=true](x, a: const));
  SUB[pot_scale_int16=_](s, LOG(SUM[keep_dims=true](EXP(s), a)))
  where prod(a.shape) == 1, all(a.value % x.rank == x.rank - 1)
  -> LOG_SOFTMAX(x)

rule identify_dilated_conv
  "A convolution over every d-th place, done by moving these together and apart again, is a dilated one."
  BATCH_TO_SPACE_ND(
    c = CONV_2D[
      padding=VALID,
      stride_h=1,
      stride_w=1,
      dilation_h_factor=1,
      dilation_w_factor=1,
      fused_activation_function=_,
    ](SPACE_TO_BATCH_ND(x, [d, e], p: const), w, b?),
    [d, e],
    v: const,
  )
  where x.dtype == w.dtype, p.value[0][0] == 0, p.value[1][0] == 0, all(p.value == v.value)
  -> @c[dilation_h_factor=d, dilation_w_factor=e](x, w, b)

rule identify_dilated_conv_same
  "A convolution over every d-th place, with the padding that keeps an image's size, is a dilated one that pads."
  BATCH_TO_SPACE_ND(
    c = CONV_2D[
      padding=VALID,
      stride_h=1,
      stride_w=1,
      dilation_h_factor=1,
      dilation_w_factor=1,
      fused_activation_function=_,
    ](SPACE_TO_BATCH_ND(x, [d, e], p: const), w: [_, kh, kw, _], b?),
    [d, e],
    v: const,
  )
  where
    x.dtype == w.dtype,
    v.value[0][0] == 0,
    v.value[1][0] == 0,
    p.value[0][0] == (kh - 1) * d // 2,
    p.value[1][0] == (kw - 1) * e // 2,
    sum(p.value[0]) - v.value[0][1] == (kh - 1) * d,
    sum(p.value[1]) - v.value[1][1] == (kw - 1) * e
  -> @c[padding=SAME, dilation_h_factor=d, dilation_w_factor=e](x, w, b)

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

rule identify_space_to_depth
  "Blocks of an image that are moved into its channels are space to depth."
  RESHAPE(
    TRANSPOSE(RESHAPE(x: f32|i8|u8|i32|i64[n, _, _, c]): [n, h, b, w, b, c], [0, 1, 3, 2, 4, 5]),
  ): [n, h, w, _]
  -> SPACE_TO_DEPTH[block_size=b](x)

rule identify_depth_to_space
  "Channels that are moved into blocks of an image are depth to space."
  RESHAPE(
    TRANSPOSE(RESHAPE(x: f32|i8|u8|i32|i64[n, h, w, _]): [n, h, w, b, b, c], [0, 1, 3, 2, 4, 5]),
  ): [n, _, _, c]
  -> DEPTH_TO_SPACE[block_size=b](x)

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

rule mul_self_to_square
  "A value times itself is its square."
  MUL(x: f32, x)
  -> SQUARE(x)

rule concat_zeros_to_pad
  "Channels of zeros behind an image are padding."
  CONCATENATION[axis=3](x: f32|i8|i32|i64[_, _, _, _], z: const [_, _, _, n])
  where all(z.value == 0)
  -> PAD(x, reshape([0, 0, 0, 0, 0, 0, 0, n], [4, 2]))
  equal exact

rule global_pool_to_mean
  "A pool over the whole image is a mean."
  AVERAGE_POOL_2D[padding=VALID, stride_h=_, stride_w=_, filter_height=h, filter_width=w](
    x: f32[_, h, w, _],
  )
  -> MEAN[keep_dims=true](x, [1, 2])

rule mean_to_global_pool
  "A mean over the image is a pool over all of it."
  MEAN[keep_dims=true](x: f32[_, h, w, _], [1, 2])
  -> AVERAGE_POOL_2D[padding=VALID, stride_h=1, stride_w=1, filter_height=h, filter_width=w](x)

rule fc_from_conv1x1
  "A convolution of an image of one place is a matrix product."
  CONV_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    dilation_h_factor=_,
    dilation_w_factor=_,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: f32[_, 1, 1, i], w: const f32[o, 1, 1, i], b?)
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, reshape(w, [o, i]), b)

rule fc_to_conv
  "A matrix product for each place of an image is a convolution with a filter of one place."
  FULLY_CONNECTED[
    keep_num_dims=true,
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: f32[_, _, _, i], w: const f32[o, i], b)
  -> CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
    x,
    reshape(w, [o, 1, 1, i]),
    b,
  )

rule conv_to_depthwise
  "A convolution of a single channel is a depthwise one."
  CONV_2D[fused_activation_function=f, quantized_bias_type=_](
    x: f32[_, _, _, 1],
    w: const f32[o, _, _, 1],
    b?,
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=o, fused_activation_function=f](
    x,
    transpose(w, [3, 1, 2, 0]),
    b,
  )

rule depthwise_to_conv
  "A depthwise convolution of a single channel is a plain one."
  DEPTHWISE_CONV_2D[fused_activation_function=f, depth_multiplier=_](
    x: f32[_, _, _, 1],
    w: const f32,
    b,
  )
  -> CONV_2D[fused_activation_function=f](x, transpose(w, [3, 1, 2, 0]), b)

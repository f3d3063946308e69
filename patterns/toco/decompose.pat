# Group E: an operator becomes several, or one with fewer demands, for runtimes and devices that lack it. Each is the other
# direction of a rule that serves most runtimes, or a loss to those that have the operator, so none is used unless it is named.

pack toco "The graph transformations of the converters"
  leaves
    unfuse_activation,
    unfuse_activation_relu6,
    unfuse_activation_relu_n1_to_1,
    decompose_hardswish,
    decompose_softmax,
    decompose_prelu,
    decompose_prelu_to_leaky_relu,
    decompose_prelu_to_relu,
    decompose_leaky_relu,
    decompose_leaky_relu_quantized,
    decompose_leaky_relu_quantized_i16,
    decompose_squared_difference.forward,
    decompose_squared_difference.backward,
    decompose_batch_matmul,
    decompose_batch_matmul_of_one,
    decompose_group_conv,
    decompose_group_conv_odd,
    avgpool_to_dwconv,
    avgpool_to_dwconv_quantized,
    avgpool_to_dwconv_quantized_u8,
    mean_to_dwconv,
    mean_to_dwconv_quantized,
    resize_1x1_to_add,
    resize_1x1_to_add_quantized,
    resize_1x1_to_add_quantized_u8,
    resize_bilinear_to_dwconv,
    transpose_conv_to_conv,
    transpose_conv_to_conv_without_bias,
    transpose_conv_to_conv_blocks,
    transpose_conv_to_conv_blocks_without_bias,
    strided_conv_reshape,
    dilation_gt2_to_sparse_kernel,
    fixup_pool_strides,
    mirror_pad_decompose,
    mirror_pad_decompose_axes,
    hoist_transpose_above_pad,
    transpose_lower_rank,
    reduce_rank_unary,
    reduce_rank_binary,
    reduce_rank_binary_scalar,
    bool_op_via_cast,
    bool_op_via_cast_slice,
    bool_op_via_cast_strided_slice,
    broadcast_to_to_tile,
    broadcast_to_to_tile_of_fewer,
    fc_nonconst_to_bmm,
    fc_nonconst_to_bmm_without_bias,
    pad_channels_to_multiple,
    pad_channels_to_multiple_quantized,
    pad_results_to_multiple

rule unfuse_activation
  "A cut below 0 becomes an operator of its own."
  p = (
    CONV_2D|
    DEPTHWISE_CONV_2D|
    TRANSPOSE_CONV|
    FULLY_CONNECTED|
    ADD|
    SUB|
    MUL|
    DIV|
    AVERAGE_POOL_2D|
    MAX_POOL_2D|
    L2_POOL_2D
  )[fused_activation_function=RELU](xs...)
  where p.dtype == "f32" or p.dtype in ["i8", "u8", "i16"] and p.quantized
  -> RELU(@p[fused_activation_function=NONE](xs...): like p)

# Where steps are too coarse for the bound, an operator and an activation round it in different ways.
rule unfuse_activation_relu6
  "A hold between 0 and 6 becomes an operator of its own."
  p = (
    CONV_2D|
    DEPTHWISE_CONV_2D|
    TRANSPOSE_CONV|
    FULLY_CONNECTED|
    ADD|
    SUB|
    MUL|
    DIV|
    AVERAGE_POOL_2D|
    MAX_POOL_2D|
    L2_POOL_2D
  )[fused_activation_function=RELU6](xs...)
  where p.dtype == "f32" or p.dtype in ["i8", "u8", "i16"] and p.quantized
  -> RELU6(@p[fused_activation_function=NONE](xs...): like p)
  equal within 1 step

rule unfuse_activation_relu_n1_to_1
  "A hold between -1 and 1 becomes an operator of its own."
  p = (
    CONV_2D|
    DEPTHWISE_CONV_2D|
    TRANSPOSE_CONV|
    FULLY_CONNECTED|
    ADD|
    SUB|
    MUL|
    DIV|
    AVERAGE_POOL_2D|
    MAX_POOL_2D|
    L2_POOL_2D
  )[fused_activation_function=RELU_N1_TO_1](xs...)
  where p.dtype == "f32"
  -> RELU_N1_TO_1(@p[fused_activation_function=NONE](xs...))

rule decompose_hardswish
  "A hard swish is x * relu6(x + 3) / 6."
  HARD_SWISH(x: f32)
  -> MUL(MUL(x, ADD[fused_activation_function=RELU6](x, 3.0)), 1 / 6)

rule decompose_softmax
  "A softmax is exponentials, less their row's largest before, divided by their row's sum."
  SOFTMAX[beta=b](x: f32)
  -> e = EXP(MUL(SUB(x, REDUCE_MAX[keep_dims=true](x, [x.rank - 1])), b));
     DIV(e, SUM[keep_dims=true](e, [x.rank - 1]))

rule decompose_prelu
  "A PRELU is relu(x) less a multiple of relu(-x)."
  PRELU(x: f32, a)
  -> SUB(RELU(x), MUL(RELU(NEG(x)), a))

rule decompose_prelu_to_leaky_relu
  "A PRELU with one factor for all channels is a leaky RELU."
  PRELU(x: f32, a: const f32)
  where min(a.value) == max(a.value), max(abs(a.value)) > 0
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule decompose_prelu_to_relu
  "A PRELU whose factors are 0 is a RELU."
  PRELU(x: f32, 0.0)
  -> RELU(x)

rule decompose_leaky_relu
  "A leaky RELU is the larger of a value and a part of it."
  LEAKY_RELU[alpha=a](x: f32)
  where 0 <= a <= 1
  -> MAXIMUM(MUL(x, a), x)

rule decompose_leaky_relu_quantized
  "A leaky RELU of numbers in steps is the larger of two multiples, each in the steps of the result."
  y = LEAKY_RELU[alpha=a](x: i8)
  where x.quantized, y.quantized, 0 < a <= 1
  -> MAXIMUM(MUL(x, quantize(full([1], a), a, 0, "i8")): like y, QUANTIZE(x): like y)
  equal within 1 step

rule decompose_leaky_relu_quantized_i16
  "A leaky RELU of 16-bit numbers in steps is the larger of two multiples, each in the steps of the result."
  y = LEAKY_RELU[alpha=a](x: i16)
  where x.quantized, y.quantized, 0 < a <= 1
  -> MAXIMUM(MUL(x, quantize(full([1], a), a, 0, "i16")): like y, QUANTIZE(x): like y)
  equal within 1 step

rule decompose_squared_difference
  "A squared difference is a difference times itself."
  SQUARED_DIFFERENCE(a: f32, b: f32)
  <-> d = SUB[pot_scale_int16=true](a, b); MUL(d, d)

rule decompose_batch_matmul
  "Products of a batch of matrices are those of its two halves, until each stands alone."
  m = BATCH_MATMUL(x: f32[b, _, _], y: f32[b, _, _])
  where b > 1
  -> (p, q) = SPLIT_V[num_splits=2](x, [b // 2, b - b // 2], 0:i32);
     (r, s) = SPLIT_V[num_splits=2](y, [b // 2, b - b // 2], 0:i32);
     CONCATENATION[axis=0](@m(p, r), @m(q, s))

rule decompose_batch_matmul_of_one
  "A product of two matrices that are computed is a fully connected operator."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](x: f32, y: f32[..., k, n])
  where prod(y.shape) == k * n, not y.is_const, x.rank >= y.rank
  -> RESHAPE(
    FULLY_CONNECTED(RESHAPE(x, [prod(x.shape) // k, k]), TRANSPOSE(RESHAPE(y, [k, n]), [1, 0])),
  )

rule decompose_group_conv
  "A convolution in an even number of groups is two, each in half of them."
  c = CONV_2D[fused_activation_function=_](
    x: f32[_, _, _, i],
    w: const f32[o, _, _, j],
    b: const f32[o],
  )
  where i % (2 * j) == 0
  -> (p, q) = SPLIT[num_splits=2](3, x);
     CONCATENATION[axis=3](
       @c(p, w.value[:o // 2], b.value[:o // 2]),
       @c(q, w.value[o // 2:], b.value[o // 2:]),
     )

rule decompose_group_conv_odd
  "A convolution in an odd number of groups is one of the first group, and one of the others."
  c = CONV_2D[fused_activation_function=_](
    x: f32[_, _, _, i],
    w: const f32[o, _, _, j],
    b: const f32[o],
  )
  where i > j, i // j % 2 == 1
  -> (p, q) = SPLIT_V[num_splits=2](x, [j, i - j], 3:i32);
     CONCATENATION[axis=3](
       @c(p, w.value[:o * j // i], b.value[:o * j // i]),
       @c(q, w.value[o * j // i:], b.value[o * j // i:]),
     )

rule avgpool_to_dwconv
  "A mean of windows that all lie in the image is a depthwise convolution."
  AVERAGE_POOL_2D[padding=VALID, filter_height=h, filter_width=w, fused_activation_function=f](
    x: f32[_, _, _, c],
  )
  -> DEPTHWISE_CONV_2D[depth_multiplier=1, fused_activation_function=f](
    x,
    full([1, h, w, c], 1 / (h * w)),
    full([c], 0.0),
  )

# Weights of 64 steps keep what rounding the factor loses below half a step of the result.
rule avgpool_to_dwconv_quantized
  "A mean of windows in steps that all lie in the image is a depthwise convolution."
  AVERAGE_POOL_2D[padding=VALID, filter_height=h, filter_width=w, fused_activation_function=f](
    x: i8[_, _, _, c],
  )
  where x.quantized, h * w <= 4096
  -> DEPTHWISE_CONV_2D[depth_multiplier=1, fused_activation_function=f](
    x,
    quantize(full([1, h, w, c], 1 / (h * w)), 1 / (64 * h * w), 0, "i8"),
    quantize(full([c], 0.0), x.scale / (64 * h * w), 0, "i32"),
  )
  equal within 1 step

rule avgpool_to_dwconv_quantized_u8
  "A mean of windows in unsigned steps that all lie in the image is a depthwise convolution."
  AVERAGE_POOL_2D[padding=VALID, filter_height=h, filter_width=w, fused_activation_function=f](
    x: u8[_, _, _, c],
  )
  where x.quantized, h * w <= 4096
  -> DEPTHWISE_CONV_2D[depth_multiplier=1, fused_activation_function=f](
    x,
    quantize(full([1, h, w, c], 1 / (h * w)), 1 / (64 * h * w), 0, "u8"),
    quantize(full([c], 0.0), x.scale / (64 * h * w), 0, "i32"),
  )
  equal within 1 step

rule mean_to_dwconv
  "A mean over the image is a depthwise convolution with a filter as large as the image."
  MEAN[keep_dims=_](x: f32[_, h, w, c], a: const i32[2])
  where sum(a.value % 4) == 3, prod(a.value % 4) == 2
  -> RESHAPE(
    DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
      x,
      full([1, h, w, c], 1 / (h * w)),
      full([c], 0.0),
    ),
  )

rule mean_to_dwconv_quantized
  "A mean in steps over the image is a depthwise convolution with a filter as large as the image."
  y = MEAN[keep_dims=_](x: i8[_, h, w, c], a: const i32[2])
  where x.quantized, sum(a.value % 4) == 3, prod(a.value % 4) == 2, h * w <= 4096
  -> RESHAPE(
    DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
      x,
      quantize(full([1, h, w, c], 1 / (h * w)), 1 / (64 * h * w), 0, "i8"),
      quantize(full([c], 0.0), x.scale / (64 * h * w), 0, "i32"),
    ): like y,
  )
  equal within 1 step

rule resize_1x1_to_add
  "An image of one place, at any size, is added to zeros."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=_, half_pixel_centers=_](
    x: f32[_, 1, 1, _],
    [h, w],
  )
  -> ADD(x, full([1, h, w, 1], 0.0))

rule resize_1x1_to_add_quantized
  "An image of one place in steps, at any size, is added to zeros in the same steps."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=_, half_pixel_centers=_](
    x: i8[_, 1, 1, _],
    [h, w],
  )
  where x.quantized
  -> ADD(x, quantize(full([1, h, w, 1], 0.0), x.scale, x.zero_point, "i8"))

rule resize_1x1_to_add_quantized_u8
  "An image of one place in unsigned steps, at any size, is added to zeros in the same steps."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=_, half_pixel_centers=_](
    x: u8[_, 1, 1, _],
    [h, w],
  )
  where x.quantized
  -> ADD(x, quantize(full([1, h, w, 1], 0.0), x.scale, x.zero_point, "u8"))

rule resize_bilinear_to_dwconv
  "An image of twice the size is four of its own, each of which weighs two places a side, moved into its places."
  RESIZE_BILINEAR[align_corners=false, half_pixel_centers=true](x: f32[_, h, w, c], [p, q])
  where p == 2 * h, q == 2 * w
  -> m = MIRROR_PAD[mode=SYMMETRIC](x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
     one = broadcast_to(
       reshape([0.0625, 0.1875, 0.0, 0.1875, 0.5625, 0.0, 0.0, 0.0, 0.0], [1, 3, 3, 1]),
       [1, 3, 3, c],
     );
     two = broadcast_to(
       reshape([0.0, 0.1875, 0.0625, 0.0, 0.5625, 0.1875, 0.0, 0.0, 0.0], [1, 3, 3, 1]),
       [1, 3, 3, c],
     );
     three = broadcast_to(
       reshape([0.0, 0.0, 0.0, 0.1875, 0.5625, 0.0, 0.0625, 0.1875, 0.0], [1, 3, 3, 1]),
       [1, 3, 3, c],
     );
     four = broadcast_to(
       reshape([0.0, 0.0, 0.0, 0.0, 0.5625, 0.1875, 0.0, 0.1875, 0.0625], [1, 3, 3, 1]),
       [1, 3, 3, c],
     );
     DEPTH_TO_SPACE[block_size=2](
       CONCATENATION[axis=3](
         DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
           m,
           one,
           full([c], 0.0),
         ),
         DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
           m,
           two,
           full([c], 0.0),
         ),
         DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
           m,
           three,
           full([c], 0.0),
         ),
         DEPTHWISE_CONV_2D[padding=VALID, stride_h=1, stride_w=1, depth_multiplier=1](
           m,
           four,
           full([c], 0.0),
         ),
       ),
     )

rule transpose_conv_to_conv
  "What adds a filter's values at every place is a convolution with the filter turned around."
  TRANSPOSE_CONV[
    padding=_,
    stride_h=1,
    stride_w=1,
    fused_activation_function=f,
    quantized_bias_type=_,
  ](x: f32[_, h, v, i], w: const f32[o, kh, kw, i], b: const f32[o]): [_, p, q, _]
  -> CONV_2D[padding=VALID, fused_activation_function=f](
    PAD(x, transposed_paddings([h, v], [kh, kw], 1, [p, q])),
    transposed_filters(w, [h, v], 1, [p, q]),
    b,
  )

rule transpose_conv_to_conv_without_bias
  "What adds a filter's values at every place, without a bias, is a convolution with the filter turned around."
  TRANSPOSE_CONV[
    padding=_,
    stride_h=1,
    stride_w=1,
    fused_activation_function=f,
    quantized_bias_type=_,
  ](x: f32[_, h, v, i], w: const f32[o, kh, kw, i]): [_, p, q, _]
  -> CONV_2D[padding=VALID, fused_activation_function=f](
    PAD(x, transposed_paddings([h, v], [kh, kw], 1, [p, q])),
    transposed_filters(w, [h, v], 1, [p, q]),
    full([o], 0.0),
  )

rule transpose_conv_to_conv_blocks
  "What adds a filter's values at every s-th place is a convolution that gives blocks of results as channels."
  TRANSPOSE_CONV[
    padding=_,
    stride_h=s,
    stride_w=s,
    fused_activation_function=f,
    quantized_bias_type=_,
  ](x: f32[_, h, v, i], w: const f32[o, kh, kw, i], b: const f32[o]): [n, p, q, _]
  where s > 1, f != RELU_N1_TO_1
  -> SLICE(
    DEPTH_TO_SPACE[block_size=s](
      CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
        PAD(x, transposed_paddings([h, v], [kh, kw], s, [p, q])),
        transposed_filters(w, [h, v], s, [p, q]),
        reshape(broadcast_to(b, [s * s, o]), [s * s * o]),
      ),
    ),
    [0, 0, 0, 0],
    [n, p, q, o],
  )

rule transpose_conv_to_conv_blocks_without_bias
  "What adds a filter's values at every s-th place, without a bias, is a convolution that gives blocks as channels."
  TRANSPOSE_CONV[
    padding=_,
    stride_h=s,
    stride_w=s,
    fused_activation_function=f,
    quantized_bias_type=_,
  ](x: f32[_, h, v, i], w: const f32[o, kh, kw, i]): [n, p, q, _]
  where s > 1, f != RELU_N1_TO_1
  -> SLICE(
    DEPTH_TO_SPACE[block_size=s](
      CONV_2D[padding=VALID, stride_h=1, stride_w=1, fused_activation_function=f](
        PAD(x, transposed_paddings([h, v], [kh, kw], s, [p, q])),
        transposed_filters(w, [h, v], s, [p, q]),
        full([s * s * o], 0.0),
      ),
    ),
    [0, 0, 0, 0],
    [n, p, q, o],
  )

rule strided_conv_reshape
  "Columns that a convolution takes several at a time are channels of one that takes them one at a time."
  CONV_2D[
    padding=VALID,
    stride_h=t,
    stride_w=s,
    dilation_h_factor=d,
    dilation_w_factor=1,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: f32[n, h, v, i], w: const f32[o, kh, kw, i], b)
  where s > 1, v % s == 0, kw % s == 0
  -> CONV_2D[stride_h=t, stride_w=1, dilation_h_factor=d, fused_activation_function=f](
    RESHAPE(x, [n, h, v // s, s * i]),
    reshape(w, [o, kh, kw // s, s * i]),
    b,
  )

rule dilation_gt2_to_sparse_kernel
  "A convolution that skips more than one place is one with zeros in its filter."
  c = (CONV_2D|DEPTHWISE_CONV_2D)[
    dilation_h_factor=d,
    dilation_w_factor=e,
    fused_activation_function=_,
  ](x: f32, w: const f32, b)
  where max(d, e) > 2
  -> @c[dilation_h_factor=1, dilation_w_factor=1](x, spread(w, d, e), b)

rule fixup_pool_strides
  "Strides of a window that is the whole image do not matter."
  p = (AVERAGE_POOL_2D|MAX_POOL_2D)[
    padding=_,
    filter_height=h,
    filter_width=w,
    stride_h=s,
    stride_w=t,
    fused_activation_function=_,
  ](x: [_, h, w, _]): [_, 1, 1, _]
  where max(s, t) > 1
  -> @p[padding=VALID, stride_h=1, stride_w=1](x)

rule mirror_pad_decompose
  "An image that is mirrored along one axis is gathered along it."
  MIRROR_PAD[mode=m](x: f32|i8|u8|i32, p: const i32)
  where axes_padded(p.value) == 1
  -> GATHER[axis=last_padded(p.value), batch_dims=0](x, mirrored(x.shape, p.value, m))
  equal exact

rule mirror_pad_decompose_axes
  "An image that is mirrored along several axes is mirrored along one after another."
  MIRROR_PAD[mode=m](x: f32|i8|u8|i32, p: const i32)
  where axes_padded(p.value) > 1
  -> GATHER[axis=last_padded(p.value), batch_dims=0](
    MIRROR_PAD[mode=m](x, without_last(p.value)),
    mirrored(x.shape, p.value, m),
  )
  equal exact

rule hoist_transpose_above_pad
  "A transposition before padding moves less."
  TRANSPOSE(PAD(x, p: const), q: const)
  -> PAD(TRANSPOSE(x, q), p.value[q.value])
  equal exact

rule transpose_lower_rank
  "A transposition of many dimensions is one of those that are more than 1, where neighbours that stay such count as one."
  TRANSPOSE(x: f32|i8|u8|i32|i64, p: const i32)
  where x.rank > 4, len(lower_shape(x.shape, p.value)) < x.rank
  -> RESHAPE(
    TRANSPOSE(RESHAPE(x, lower_shape(x.shape, p.value)), lower_permutation(x.shape, p.value)),
  )
  equal exact

rule reduce_rank_unary
  "What is done to every element is done to all of them in one row."
  u = (
    ABS|
    NEG|
    EXP|
    LOG|
    SQRT|
    RSQRT|
    SQUARE|
    SIN|
    COS|
    TANH|
    LOGISTIC|
    RELU|
    RELU6|
    FLOOR|
    CEIL|
    ELU|
    HARD_SWISH
  )(x: f32)
  where x.rank > 4
  -> RESHAPE(@u(RESHAPE(x, [prod(x.shape)])))

rule reduce_rank_binary
  "What is done to each two elements of one place is done to all of them in one row."
  e = (ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM|SQUARED_DIFFERENCE)[fused_activation_function=_](
    x: f32,
    y: f32,
  )
  where x.rank > 4, x.shape == y.shape
  -> RESHAPE(@e(RESHAPE(x, [prod(x.shape)]), RESHAPE(y, [prod(x.shape)])))

rule reduce_rank_binary_scalar
  "What one number does to every element, it does to all of them in one row."
  e = (ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM|SQUARED_DIFFERENCE)[fused_activation_function=_](
    x: f32,
    y: const f32,
  )
  where x.rank > 4, prod(y.shape) == 1
  -> RESHAPE(@e(RESHAPE(x, [prod(x.shape)]), reshape(y, [1])))

rule bool_op_via_cast
  "Booleans are moved as numbers."
  t = (TILE|TRANSPOSE|PAD|GATHER)(x: bool, m)
  -> CAST(@t(CAST[out_data_type=INT32](x), m))
  equal exact

rule bool_op_via_cast_slice
  "Parts of booleans are taken as numbers."
  t = SLICE(x: bool, b, s)
  -> CAST(@t(CAST[out_data_type=INT32](x), b, s))
  equal exact

rule bool_op_via_cast_strided_slice
  "Parts of booleans, at a distance, are taken as numbers."
  t = STRIDED_SLICE(x: bool, b, e, s)
  -> CAST(@t(CAST[out_data_type=INT32](x), b, e, s))
  equal exact

rule broadcast_to_to_tile
  "What is broadcast is repeated along the dimensions that are 1."
  y = BROADCAST_TO(x: f32|u8|i8|i32|i64, _)
  where x.rank == y.rank, y.rank > 0, min(y.shape) > 0
  -> TILE(x, cast(y.shape // x.shape, "i32"))
  equal exact

rule broadcast_to_to_tile_of_fewer
  "What is broadcast to more dimensions is repeated along those that are new, or 1."
  y = BROADCAST_TO(x: f32|u8|i8|i32|i64, _)
  where x.rank < y.rank, min(y.shape) > 0
  -> TILE(
    RESHAPE(x, pad(x.shape, [y.rank - x.rank, 0], constant_values=1)),
    cast(y.shape // pad(x.shape, [y.rank - x.rank, 0], constant_values=1), "i32"),
  )
  equal exact

rule fc_nonconst_to_bmm
  "A matrix product with weights that are computed is a batched one."
  FULLY_CONNECTED[
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    keep_num_dims=_,
    quantized_bias_type=_,
    quant_spec=_,
    fused_activation_function=f,
  ](x: f32[_, i], w: f32[_, i], b)
  where not w.is_const
  -> ADD[fused_activation_function=f](BATCH_MATMUL[adj_y=true](x, w), b)

rule fc_nonconst_to_bmm_without_bias
  "A matrix product with weights that are computed, and no bias, is a batched one."
  FULLY_CONNECTED[
    weights_format=DEFAULT,
    asymmetric_quantize_inputs=_,
    keep_num_dims=_,
    quantized_bias_type=_,
    quant_spec=_,
  ](x: f32[_, i], w: f32[_, i])
  where not w.is_const
  -> BATCH_MATMUL[adj_y=true](x, w)

rule pad_channels_to_multiple
  "A convolution of channels that are no multiple of 4 is one of more, of which the last are zeros."
  c = CONV_2D[fused_activation_function=_](x: f32[_, _, _, i], w: const f32[_, _, _, i], b?)
  where i % 4 > 0
  -> @c(
    PAD(x, reshape([0, 0, 0, 0, 0, 0, 0, 4 - i % 4], [4, 2])),
    pad(w, [[0, 0], [0, 0], [0, 0], [0, 4 - i % 4]]),
    b,
  )

rule pad_channels_to_multiple_quantized
  "A convolution in steps of channels that are no multiple of 4 is one of more, of which the last are zeros."
  c = CONV_2D[fused_activation_function=_](x: i8|u8[_, _, _, i], w: const i8|u8[_, _, _, i], b?)
  where x.dtype == w.dtype, x.quantized, i % 4 > 0
  -> @c(
    PAD(x, reshape([0, 0, 0, 0, 0, 0, 0, 4 - i % 4], [4, 2])),
    quantize(pad(dequantize(w), [[0, 0], [0, 0], [0, 0], [0, 4 - i % 4]]), w),
    b,
  )

rule pad_results_to_multiple
  "A convolution that gives channels that are no multiple of 4 gives more, of which the last are not taken."
  c = CONV_2D[fused_activation_function=_](x: f32, w: const f32[o, _, _, _], b: const f32[o]): [
    n,
    h,
    v,
    _,
  ]
  where o % 4 > 0, x.shape[3] == w.shape[3]
  -> SLICE(
    @c(x, pad(w, [[0, 4 - o % 4], [0, 0], [0, 0], [0, 0]]), pad(b, [0, 4 - o % 4])),
    [0, 0, 0, 0],
    [n, h, v, o],
  )

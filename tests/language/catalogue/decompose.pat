# Group E: an operator becomes several, or one with fewer demands, for runtimes and devices that lack it.

rule unfuse_activation
  "An activation becomes an operator of its own."
  p = (CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|ADD|SUB|MUL)[fused_activation_function=RELU](xs...)
  where p.dtype == "f32"
  -> RELU(@p[fused_activation_function=NONE](xs...))

rule ensure_bias_vectors
  "A matrix product without a bias gets one of zeros."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32, w: f32[o, _])
  -> @f(x, w, full([o], 0.0))

rule remove_optional_zero_bias
  "A bias of zeros goes."
  f = FULLY_CONNECTED[fused_activation_function=_](x: f32, w, b: const f32)
  where all(b.value == 0)
  -> @f(x, w)

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

rule decompose_leaky_relu
  "A leaky RELU is the larger of a value and a part of it."
  LEAKY_RELU[alpha=a](x: f32)
  where 0 <= a <= 1
  -> MAXIMUM(MUL(x, a), x)

rule decompose_squared_difference
  "A squared difference is a difference times itself."
  SQUARED_DIFFERENCE(a: f32, b: f32)
  <-> d = SUB[pot_scale_int16=true](a, b); MUL(d, d)

rule decompose_batch_matmul
  "Two products of matrices, one by one."
  BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
    x: f32[2, _, k],
    y: f32[2, k, _],
  )
  -> (a, b) = UNPACK[axis=0, num=2](x);
     (c, d) = UNPACK[axis=0, num=2](y);
     PACK[axis=0, values_count=2](BATCH_MATMUL(a, c), BATCH_MATMUL(b, d))

rule decompose_group_conv
  "A convolution in two groups of channels is two convolutions."
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

rule avgpool_to_dwconv
  "A mean of windows that all lie in the image is a depthwise convolution."
  AVERAGE_POOL_2D[padding=VALID, filter_height=h, filter_width=w](x: f32[_, _, _, c])
  -> DEPTHWISE_CONV_2D[depth_multiplier=1](x, full([1, h, w, c], 1 / (h * w)), full([c], 0.0))

rule resize_1x1_to_add
  "An image of one place, at any size, is added to zeros."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=_, half_pixel_centers=_](
    x: f32[n, 1, 1, c],
    [h, w],
  )
  -> ADD(x, full([n, h, w, c], 0.0))

rule fixup_pool_strides
  "Strides of a window that is the whole image do not matter."
  p = (AVERAGE_POOL_2D|MAX_POOL_2D)[
    filter_height=h,
    filter_width=w,
    stride_h=s,
    stride_w=_,
    fused_activation_function=_,
  ](x: [_, h, w, _]): [_, 1, 1, _]
  where s > 1
  -> @p[padding=VALID, stride_h=1, stride_w=1](x)

rule hoist_transpose_above_pad
  "A transposition before padding moves less."
  TRANSPOSE(PAD(x, p: const), q: const)
  -> PAD(TRANSPOSE(x, q), p.value[q.value])
  equal exact

rule bool_op_via_cast
  "Booleans are repeated as numbers."
  TILE(x: bool, m)
  -> CAST(TILE(CAST[out_data_type=INT32](x), m))
  equal exact

rule broadcast_to_to_tile
  "A matrix that is broadcast is repeated."
  BROADCAST_TO(x: [a, b], [c, d])
  -> TILE(x, [c // a, d // b])
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

rule pad_channels_to_multiple
  "A convolution of three channels is one of four, of which the last are zeros."
  c = CONV_2D[fused_activation_function=_](x: f32[_, _, _, 3], w: const f32[_, _, _, 3], b?)
  -> @c(
    PAD(x, reshape([0, 0, 0, 0, 0, 0, 0, 1], [4, 2])),
    pad(w, [[0, 0], [0, 0], [0, 0], [0, 1]]),
    b,
  )

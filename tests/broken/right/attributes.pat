# Attributes that are handed on, or that a rule over two operators compares.

rule normalization_of_negative
  "A sign is taken before a local normalisation instead of behind it."
  NEG(n = LOCAL_RESPONSE_NORMALIZATION(x: f32))
  -> @n(NEG(x))

rule softmax_by_hand
  "A softmax is exponentials of beta times the input, less its row's largest before, divided by their row's sum."
  SOFTMAX[beta=1.0](x: f32)
  -> e = EXP(SUB(x, REDUCE_MAX[keep_dims=true](x, [x.rank - 1])));
     DIV(e, SUM[keep_dims=true](e, [x.rank - 1]))

rule logarithm_of_softmax
  "The logarithm of a softmax whose beta is 1 is an operator of its own."
  LOG(SOFTMAX[beta=1.0](x: f32))
  -> LOG_SOFTMAX(x)

rule softmax_of_shifted
  "One offset for all does not change shares."
  SOFTMAX[beta=1.0](ADD[pot_scale_int16=_](x: f32, c: const f32))
  where prod(c.shape) == 1
  -> SOFTMAX[beta=1.0](x)
  equal within 1e-4

rule softmax_of_scaled
  "A scale goes into a beta of 1."
  SOFTMAX[beta=1.0](MUL(x: f32, c: const f32[]))
  where 0 < min(c.value) <= 4
  -> SOFTMAX[beta=max(c.value)](x)

rule running_sum_of_negative
  "A sign is taken before a running sum instead of behind it."
  NEG(c = CUMSUM(x: f32, a))
  -> @c(NEG(x), a)

rule running_sum_from_the_end
  "A running sum from the end is that from the front of what is turned around, turned back."
  CUMSUM[exclusive=e, reverse=true](x: f32, a: const)
  -> r = reshape(a, [1]); REVERSE_V2(CUMSUM[exclusive=e, reverse=false](REVERSE_V2(x, r), a), r)

rule product_of_negative
  "A sign is taken before a matrix product instead of behind it."
  NEG(m = BATCH_MATMUL(x: f32, y: f32))
  -> @m(NEG(x), y)

rule transposed_product
  "A transposed matrix product is the product of the transposed matrices in the other order."
  TRANSPOSE(
    BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
      x: f32[_, _, _],
      y: f32[_, _, _],
    ),
    [0, 2, 1],
  )
  -> BATCH_MATMUL[adj_x=true, adj_y=true](y, x)

rule places_of_negative
  "A sign is taken before places are gathered instead of behind."
  NEG(GATHER[axis=a, batch_dims=d](x: f32, i))
  -> GATHER[axis=a, batch_dims=d](NEG(x), i)

rule scale_before_leaky_relu
  "A scale above 0 is applied before a leaky RELU instead of behind."
  MUL(l = LEAKY_RELU(x: f32), c: const f32[])
  where min(c.value) > 0
  -> @l(MUL(x, c))

rule conv_to_fully_connected
  "A convolution of an image of one place with a filter of one place is a matrix product, and strides and dilation do not matter."
  CONV_2D[
    padding=_,
    stride_h=_,
    stride_w=_,
    dilation_h_factor=_,
    dilation_w_factor=_,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: f32[_, 1, 1, i], w: const f32[o, 1, 1, i], b: const f32[o])
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, reshape(w, [o, i]), b)

# Attributes that are dropped, or that a rule over two operators does not compare.

rule normalization_of_negative
  "A sign is taken before a local normalisation instead of behind it; the power is not handed on."
  NEG(LOCAL_RESPONSE_NORMALIZATION[radius=r, bias=b, alpha=a, beta=_](x: f32))
  -> LOCAL_RESPONSE_NORMALIZATION[radius=r, bias=b, alpha=a](NEG(x))

rule softmax_by_hand
  "A softmax is exponentials, divided by their row's sum, though only where beta is 1."
  SOFTMAX[beta=_](x: f32)
  -> e = EXP(SUB(x, REDUCE_MAX[keep_dims=true](x, [x.rank - 1])));
     DIV(e, SUM[keep_dims=true](e, [x.rank - 1]))

rule logarithm_of_softmax
  "The logarithm of a softmax is an operator of its own, which knows no beta, though."
  LOG(SOFTMAX[beta=_](x: f32))
  -> LOG_SOFTMAX(x)

rule softmax_of_shifted
  "An offset does not change shares, though offsets that differ along a row do."
  SOFTMAX[beta=1.0](ADD[pot_scale_int16=_](x: f32, _: f32))
  -> SOFTMAX[beta=1.0](x)

rule softmax_of_scaled
  "A scale goes into beta, though it is multiplied with the beta that is there already."
  SOFTMAX[beta=_](MUL(x: f32, c: const f32[]))
  -> SOFTMAX[beta=max(c.value)](x)

rule running_sum_of_negative
  "A sign is taken before a running sum instead of behind it; whether a value counts for its own place is not handed on."
  NEG(CUMSUM[exclusive=_, reverse=r](x: f32, a))
  -> CUMSUM[reverse=r](NEG(x), a)

rule running_sum_from_the_end
  "A running sum from the end is that from the front of what is turned around; but it has to be turned back."
  CUMSUM[exclusive=e, reverse=true](x: f32, a: const)
  -> CUMSUM[exclusive=e, reverse=false](REVERSE_V2(x, reshape(a, [1])), a)

rule product_of_negative
  "A sign is taken before a matrix product instead of behind it; that the left matrix is transposed is not handed on, which square ones do not show."
  NEG(BATCH_MATMUL[adj_x=_, adj_y=t, asymmetric_quantize_inputs=_](x: f32, y: f32))
  -> BATCH_MATMUL[adj_y=t](NEG(x), y)

rule transposed_product
  "A transposed matrix product is the product of the transposed matrices, though in the other order."
  TRANSPOSE(
    BATCH_MATMUL[adj_x=false, adj_y=false, asymmetric_quantize_inputs=_](
      x: f32[_, _, _],
      y: f32[_, _, _],
    ),
    [0, 2, 1],
  )
  -> BATCH_MATMUL[adj_x=true, adj_y=true](x, y)

rule places_of_negative
  "A sign is taken before places are gathered instead of behind; along which dimension is not handed on, which a square does not show."
  NEG(GATHER[axis=_, batch_dims=0](x: f32[n, n], i))
  -> GATHER(NEG(x), i)

rule scale_before_leaky_relu
  "A scale above 0 is applied before a leaky RELU instead of behind; how leaky it is, is lost."
  MUL(LEAKY_RELU[alpha=_](x: f32), c: const f32[])
  where min(c.value) > 0
  -> LEAKY_RELU(MUL(x, c))

rule conv_to_fully_connected
  "A convolution of an image of one column is a matrix product for each place, though a filter of three places sees its neighbours as well."
  CONV_2D[
    padding=SAME,
    stride_h=1,
    stride_w=1,
    dilation_h_factor=_,
    dilation_w_factor=_,
    quantized_bias_type=_,
    fused_activation_function=f,
  ](x: f32[_, _, 1, i], w: const f32[o, 3, 1, i], b: const f32[o])
  -> FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=f](x, sum(w, axis=[1, 2]), b)

CUSTOM[Convolution2DTransposeBias, padding=p, stride_h=sh, stride_w=sw](
  x: f32[_, _, _, i],
  w: f32[o, _, _, i],
  b: f32[o],
)
  -> ADD(TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw](x, w), b)
rule folded
  MUL(c, s)
  where
    c.uses == 1 and min(abs(s.value)) > 0,
    c.fused_activation_function == NONE,
    len(c.shape) == 4,
    c.shape[3] == 16
  -> folded_scale = gamma * rsqrt(variance + epsilon);
     folded_offset = beta - mean * folded_scale;
     ADD(MUL(c, folded_scale), folded_offset)
rule table
  GATHER(
    x,
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
      26, 27, 28, 29,
    ],
  )
  where
    first_long_name
      + second_long_name * third_long_name
      - fourth_long_name // fifth_long_name_of_all
      < 1024
  -> @c[
    custom_options=flexbuffer{
      cores: 4,
      rows_per_core: (units + 3) // 4,
      nested: {first: "one", second: [1, 2]},
    },
  ](x, w, b)
op CUSTOM[Convolution2DTransposeBiasWithMore](
  input: f32[n, h, w, c],
  filter: const f32,
  bias?: f32[o],
) -> (output, indices)
  "What it does."
  options struct {
    padding: i32 as Padding(SAME=1, VALID=2),
    stride_w: i32,
    stride_h: i32,
    anchors: f32[4],
  }
(
  (LEAKY_RELU(first_operand) | HARD_SWISH(first_operand))
  | (LOGISTIC(first_operand) | TANH(first_operand))
)
  -> x
(CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|TRANSPOSE_CONV|BATCH_MATMUL|CONV_3D|CONV_3D_TRANSPOSE)(
  ..,
)
  -> x

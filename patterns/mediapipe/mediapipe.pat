# MediaPipe's models hold operators that only MediaPipe's own runtime registers.

pack mediapipe "MediaPipe's custom operators, as builtin ones"
  uses transpose_conv_bias_operand.forward

# The options are three fields of a C struct with TfLitePadding's numbers, width before height; newer writers append fields
# that the kernel ignores. Padding 0 has no word: MediaPipe takes it for VALID, XNNPACK refuses it, these rules leave it alone.
op CUSTOM[Convolution2DTransposeBias](input: f32, filter: f32, bias: f32) -> output
  options struct { padding: i32 as Padding(SAME=1, VALID=2), stride_w: i32, stride_h: i32 }
  shape mediapipe.transpose_conv_bias_shape
  kernel mediapipe.transpose_conv_bias

# Filter layout, padding and strides mean the same on both sides, and neither operator touches the filter: it need not be
# constant. Only the order in which the products are added differs. The attributes that speak of quantized operands are
# written with the schema's defaults: a custom operator could not keep another value.
rule transpose_conv_bias_operand
  "A transposed convolution with bias is the builtin one with its bias operand."
  CUSTOM[Convolution2DTransposeBias, padding=p, stride_h=sh, stride_w=sw](
    x: f32[_, _, _, i],
    w: f32[o, _, _, i],
    b: f32[o],
  )
  <-> TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw, quantized_bias_type=FLOAT32](x, w, b)
  equal within 1e-5
  benefit 2

rule transpose_conv_bias
  "A transposed convolution with bias is the builtin one and an addition, for runtimes without its bias operand."
  CUSTOM[Convolution2DTransposeBias, padding=p, stride_h=sh, stride_w=sw](
    x: f32[_, _, _, i],
    w: f32[o, _, _, i],
    b: f32[o],
  )
  <-> ADD[pot_scale_int16=true](
    TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw, quantized_bias_type=FLOAT32](x, w),
    b,
  )
  equal within 1e-5

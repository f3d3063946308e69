MUL(x, 1.0) -> x
DEQUANTIZE(w: const f16) -> cast(w, "f32")
rule batch_norm
  c = CONV_2D(x, w, b) -> s = gamma * rsqrt(var + eps); @c(x, w * s, b * s)
ADD(x, y) -> ADD(x, 2.0:f16)
ADD(x, y) -> ADD(x, [1, 2]:i64)
ADD(x, y) -> MUL(RELU(x): like y, y)
ADD(x, y) -> @c[stride_h=1](RESHAPE(x, [(n + 3) // 4, -1]), x.shape[1:-1])
rule chunk_for_cores
  f = FULLY_CONNECTED[custom_options=absent](x, w: const [units, _], b?)
  -> @f[custom_options=flexbuffer{cores: 4, rows_per_core: (units + 3) // 4}](x, w, b)
  equal exact
ADD(x, y) -> @f[custom_options=bytes("\x01\"")](x, y)
rule transpose_conv_bias
  CUSTOM[Convolution2DTransposeBias, padding=p, stride_h=sh, stride_w=sw](x: f32, w: f32[o, kh, kw, i], b: f32[o])
  <-> ADD(TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw](x, w), b)
ADD(x, y) -> y equal within 4 ulp phase -1 shared
ADD(x, y) -> y equal within 1 step benefit 3
ADD(x, y) -> y changes interface lossy within 1e-2
step = ADD(x, y) -> step

rule evaluated
  y = (ADD|MUL)[fused_activation_function=_](_: const, _operands...: const)
  where y.growth <= 0
  -> evaluate(y)

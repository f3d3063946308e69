rule fold_mul_into_conv
  "A per-channel scale after a convolution is folded into its weights."
  MUL(c = CONV_2D(x: f32, w: const f32[o, kh, kw, i], b: const f32[o]), s: const f32[o])
  where c.uses == 1, min(abs(s.value)) > 0
  -> @c(x, w * reshape(s, [-1, 1, 1, 1]), b * s)
  equal within 1e-4
  benefit 2

ADD(x, 0.0) -> x
CUSTOM[Foo, padding=SAME](x, w) -> CONV_2D(x, w) equal exact benefit 2

rule short
  "One line is too little."
  MUL(x, 1.0)
  -> x
rule all_clauses
  "Why."
  MUL(c = CONV_2D(x: f32, w: const f32[o, kh, kw, i], b: const f32[o]), s: const [o])
  where c.uses == 1, min(abs(s.value)) > 0
  -> @c(x, w * reshape(s, [-1, 1, 1, 1]), b * s)
  benefit 2
  equal within 1e-4
  shared
  phase -1
  changes interface
rule both_ways
  CUSTOM["a.b"](x)
  <-> (RELU(x) | TANH(x))
pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))
pattern clamped(x)
  "Between two numbers."
  = MINIMUM(MAXIMUM(x, 0.0), 6.0)

(a, b) = SPLIT[num_splits=2](axis, x); MUL(a, LOGISTIC(b)) -> HARD_SWISH(x)
rule several_results
  (y, i) = CUSTOM[MaxPoolingWithArgmax2D](x)
  -> y = MAX_POOL_2D[padding=SAME, stride_w=2, stride_h=2, filter_width=2](x); i = ARG_MAX(x, 3)
FULLY_CONNECTED[keep_num_dims=true]@<=2(x, w, b?, xs...: f32) -> x: f32[n] shared

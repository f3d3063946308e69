# Activations that are fused, moved, merged and recognised.

rule relu_into_sum
  "A RELU goes into a sum that has no activation yet."
  RELU(a = ADD(x: f32, y: f32))
  -> @a[fused_activation_function=RELU](x, y)

rule relu6_behind_relu_into_sum
  "A RELU6 goes into a sum that has a RELU already, which it covers."
  RELU6(a = ADD[fused_activation_function=NONE|RELU](x: f32, y: f32))
  -> @a[fused_activation_function=RELU6](x, y)

rule mul_by_one
  "A product with 1 and without an activation does nothing."
  MUL(x: f32, 1.0)
  -> x

rule relu_over_scale
  "A scale above 0 is applied after a RELU instead of before."
  RELU(MUL(x: f32, c: const f32[]))
  where min(c.value) > 0
  -> MUL(RELU(x), c)

rule relus_over_join
  "Two RELUs before a maximum become one after it."
  MAXIMUM(RELU(x: f32), RELU(y: f32))
  -> RELU(MAXIMUM(x, y))

rule relu_into_pool
  "A RELU before a maximum over windows goes into it."
  p = MAX_POOL_2D(RELU(x: f32))
  -> @p[fused_activation_function=RELU](x)

rule clamp_of_clamp
  "What is held between 0 and 6, and then between -1 and 1, is held between 0 and 1."
  RELU_N1_TO_1(RELU6(x: f32))
  -> RELU_0_TO_1(x)

rule relu6_of_relu
  "What is held between 0 and 6 need not be held above 0 before."
  RELU6(RELU(x: f32))
  -> RELU6(x)

rule maximum_to_leaky_relu
  "The larger of a value and a part of it is a leaky RELU."
  MAXIMUM(MUL(x: f32, a: const f32), x)
  where prod(a.shape) == 1, 0 <= min(a.value) <= 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule square_of_abs
  "A magnitude need not be taken before a square."
  SQUARE(ABS(x: f32))
  -> SQUARE(x)
  equal exact

rule abs_of_product
  "The magnitude of a product is the product of the magnitudes."
  ABS(MUL(x: f32, y: f32))
  -> MUL(ABS(x), ABS(y))
  equal exact

rule sum_to_prelu
  "relu(x) and a multiple of relu(-x) are a PRELU with the other sign."
  ADD[pot_scale_int16=_](RELU(x: f32), MUL(RELU(NEG(x)), a: const f32))
  -> PRELU(x, -a)

rule gate_to_hard_swish
  "x * relu6(x + 3), divided by 6, is a hard swish."
  DIV(MUL(x: f32, RELU6(ADD[pot_scale_int16=_](x, 3.0))), 6.0)
  -> HARD_SWISH(x)

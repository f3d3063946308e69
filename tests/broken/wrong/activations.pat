# Activations that are fused, moved, merged and recognised.

rule relu_into_sum
  "A RELU goes into the sum before it, though the activation that the sum may have already, RELU6 say, is lost."
  RELU(a = ADD[fused_activation_function=_](x: f32, y: f32))
  -> @a[fused_activation_function=RELU](x, y)

rule mul_by_one
  "A product with 1 does nothing, but for the activation that it may have."
  MUL[fused_activation_function=_](x: f32, 1.0)
  -> x

rule relu_over_neg
  "The other sign is taken after the RELU instead of before, which leaves the other half of the values."
  RELU(NEG(x: f32))
  -> NEG(RELU(x))

rule relu_over_scale
  "A scale is applied after a RELU instead of before, though below 0 it turns the values around."
  RELU(MUL(x: f32, c: const f32[]))
  -> MUL(RELU(x), c)

rule relus_over_join
  "Two RELUs before a sum become one after it, though the sum of what is cut off is not what the cut sum loses."
  ADD[pot_scale_int16=_](RELU(x: f32), RELU(y: f32))
  -> RELU(ADD(x, y))

rule relu_into_pool
  "A RELU before a pool goes into it; but a mean of what is cut off is more than the mean, cut off."
  p = AVERAGE_POOL_2D(RELU(x: f32))
  -> @p[fused_activation_function=RELU](x)

rule clamp_of_clamp
  "Of two clamps the narrower one counts, though RELU6 lets no value below 0 through, and RELU_N1_TO_1 does."
  RELU_N1_TO_1(RELU6(x: f32))
  -> RELU_N1_TO_1(x)

rule maximum_to_leaky_relu
  "The larger of a value and a multiple of it is a leaky RELU, though for a factor above 1 it bends the other way."
  MAXIMUM(MUL(x: f32, a: const f32), x)
  where prod(a.shape) == 1
  -> LEAKY_RELU[alpha=max(a.value)](x)

rule square_of_relu
  "A square is taken before a RELU instead of behind it, where nothing is left to cut off."
  SQUARE(RELU(x: f32))
  -> RELU(SQUARE(x))

rule abs_of_product
  "The magnitude of a product is one magnitude times the other factor, though that one's sign stays."
  ABS(MUL(x: f32, y: f32))
  -> MUL(ABS(x), y)

rule sum_to_prelu
  "relu(x) and a multiple of relu(-x) are a PRELU, whose alpha has the other sign, though."
  ADD[pot_scale_int16=_](RELU(x: f32), MUL(RELU(NEG(x)), a: const f32))
  -> PRELU(x, a)

rule gate_to_hard_swish
  "x * relu6(x + 3) is a hard swish, though only a sixth of it is."
  MUL(x: f32, RELU6(ADD[pot_scale_int16=_](x, 3.0)))
  -> HARD_SWISH(x)

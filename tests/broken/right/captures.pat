# One tensor where one is meant, and two where two are.

rule product_to_square
  "A product of a tensor with itself is its square."
  MUL(x: f32, x)
  -> SQUARE(x)

rule softmax
  "Exponentials divided by the sum of the same are a softmax."
  DIV(e = EXP(x: f32[..., _]), SUM[keep_dims=true](e, [-1]))
  -> SOFTMAX[beta=1.0](x)

rule parts_of_value
  "relu(x) less relu(-x) is x."
  SUB[pot_scale_int16=_](RELU(x: f32), RELU(NEG(x)))
  -> x

rule larger_of_signs
  "The larger of a value and its negative is its magnitude."
  MAXIMUM(x: f32, NEG(x))
  -> ABS(x)

rule product_and_quotient
  "What is multiplied and divided by the same is there again."
  DIV(MUL(x: f32, y: const f32), y)
  where min(abs(y.value)) > 1e-2
  -> x

rule gate
  "x * min(max(x + 3, 0), 6) / 6 is a hard swish."
  MUL(x: f32, MUL(RELU6(ADD[pot_scale_int16=_](x, 3.0)), 0.16666667))
  -> HARD_SWISH(x)

rule difference_of_squares
  "A squared difference is the square of the difference."
  SQUARED_DIFFERENCE(x: f32, y: f32)
  -> SQUARE(SUB(x, y))

rule common_scale
  "Two tensors with one scale are joined and scaled once."
  CONCATENATION[axis=a](MUL(x: f32, c: const f32[]), MUL(y: f32, c))
  -> MUL(CONCATENATION[axis=a](x, y), c)

rule distance
  "A sum of squared differences is the sum of the squares of the differences."
  SQRT(SUM[keep_dims=k](SQUARED_DIFFERENCE(x: f32, y: f32), a))
  -> SQRT(SUM[keep_dims=k](SQUARE(SUB(x, y)), a))

rule interpolation
  "x + (y - x) * t is x * (1 - t) and y * t."
  ADD[pot_scale_int16=_](x: f32, MUL(SUB[pot_scale_int16=_](y: f32, x), t: const f32[]))
  where 0 <= min(t.value) <= 1
  -> ADD(MUL(x, 1.0 - t), MUL(y, t))

rule negatives_joined
  "Any number of negatives are joined and have their sign changed once."
  CONCATENATION[axis=a](NEG(xs: f32)...)
  -> NEG(CONCATENATION[axis=a](xs...))

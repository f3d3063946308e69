# Words that begin items and clauses are names wherever no value or equation could begin.
rule shape
  MUL[phase=benefit](shape: f32[op, rule], equal) where x.shape == x.kernel -> MUL(shape, equal)
pattern where(target) = RELU(target)
CONV_2D(kernel=shape, not: [in, is]) -> CUSTOM[op, pack=1](shape)

# Everything that can be several: results, roots, equations, operands, alternatives.
pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))
pattern gate(x) = (a, b) = SPLIT[num_splits=2](_, x); MUL(a, LOGISTIC(b))

rule relu_of_sum
  ADD(relu(x), y)
  -> ADD(RELU(x), y)

rule gated
  NEG(gate(x))
  -> CUSTOM[gate](x)

rule sinking
  CONCATENATION[axis=a](RELU(xs)...)
  <-> RELU(CONCATENATION[axis=a](xs...))

rule siblings
  a = FULLY_CONNECTED(x, w: const, absent); b = FULLY_CONNECTED(x, v: const, absent)
  -> f = FULLY_CONNECTED(x, concat([v, w])); (b, a) = SPLIT[num_splits=2](-1:i32, f)

rule half
  (a, _) = SPLIT[num_splits=2](axis, x)
  -> CUSTOM[half](axis, x)

rule together
  (rs...) = SPLIT[num_splits=_](_, x); CONCATENATION[axis=_](rs...)
  where len(rs) > 1
  -> x

rule apart
  (rs...) = UNPACK[axis=k, num=_](PACK[axis=k, values_count=_](xs...))
  -> (rs...) = xs...

rule rising
  (r, rs...) = SPLIT[num_splits=n](d, x); CONCATENATION[axis=k](r, RELU(rs)...)
  -> (s, ss...) = SPLIT[num_splits=n](d, CUSTOM[most](x)); CONCATENATION[axis=k](s, ss...)

ADD(x, _) -> x
ADD(x, a + b + c * d - (e - f)) -> (-2) ** -3 + (-x) ** -y + (a ** b) ** c ** d
ADD(x) where not a and (b or c and d), (a < b) == c, not not a, (a in b) is absent, -0x10 < .5 -> y
ADD(x)
  where a or b or c, a or (b or c), a - b - c, a - (b - c), x.shape[0].y, (2.0).x, (a + b).x[i:-1]
  -> y
ADD(c = RELU(x), f = g = RELU(x), (c = RELU(x)): f32, (_)..., ((a | b) | c), 2. ...)
  -> (c = RELU(x))
(x): f32 -> (_)
(ADD|SUB)(x) -> step = RELU(x); y
ADD(x) -> y equal within 4
(step(x)) -> y
op SPLIT(axis) -> output
op CUMSUM(input) -> (output: const)

# 11:14 E270 the rule matches again what it makes here, and never ends
#   try: a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition
# 12:16 E270 the rule matches again what it makes here, and never ends
#   try: a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition
# 13:39 E270 the rule matches again what it makes here, and never ends
#   try: a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition
# 14:57 E270 the rule matches again what it makes here, and never ends
#   try: a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition
# 15:49 E270 the rule matches again what it makes here, and never ends
#   try: a pattern that asks for what the replacement changes, as [custom_options=absent] does, or a condition
ADD(x, y) -> ADD(y, x)
RELU(x) -> MUL(RELU(x), 2.0)
MUL(x, c: const) where x.rank == 4 -> MUL(x, c * 1.0)
f = FULLY_CONNECTED[custom_options=absent](x, w, b?) -> @f(x, w, b)
RELU(ADD(x: [n, _], y)) where n % 2 == 0 -> ABS(RELU(ADD(y, x)))
# These end: the pattern asks for what is not there any more, or may not be.
RELU(ADD(x, y)) where x.uses == 1 -> RELU(ADD(y, x))
c = CONV_2D[stride_h=1](x, w, b?) -> @c[stride_h=2](x, w, b)
ADD(x, 1.0) -> ADD(x, 2.0)
ADD(x, NEG(y)) -> SUB(y, ADD(x, y))
ADD(x: f32, y) where x.rank == 4 -> ADD(RESHAPE(x, [1, 2]), y)

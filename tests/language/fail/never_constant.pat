# 11:8 E264 a list of 3 is never of shape [2]
#   try: as many elements as the shape has
# 12:8 E264 bool cannot hold 2
#   try: another type, or another value
# 13:8 E264 a constant of shape [0, _] has no elements to be 1.0
#   try: as many elements as the shape has
# 14:21 E264 'a' is the result of RELU, and never constant
#   try: leave const out, or the operator
# 15:18 E264 'c' holds other values before
#   try: two names
MUL(x, [1, 2, 3]: [2]) -> x
MUL(x, 2: bool) -> x
MUL(x, 1.0: [0, _]) -> x
ADD(a = RELU(x), a: const) -> x
ADD(c = 1.0, c = 2.0) -> c

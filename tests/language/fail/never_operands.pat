# 9:1 E263 RESIZE_BILINEAR never has these operands: input needs four dimensions, not [?, ?]
#   try: operands that it takes
# 10:1 E263 ADD never has these operands: shapes [2, ?] and [3, ?] do not broadcast
#   try: operands that it takes
# 11:1 E263 CONV_2D never has these operands: bias [7] does not go with 8 channels
#   try: operands that it takes
# 12:1 E263 ADD never has these operands: operands of different types: f32[...] and i8[...]
#   try: operands that it takes
RESIZE_BILINEAR(x: [_, c], s) -> CUSTOM[R](x, s)
ADD(x: [2, n], y: [3, n]) -> x
CONV_2D(x, w: [8, _, _, _], b: [7]) -> x
ADD(RELU(x: f32), RELU6(y: i8)) -> x
# These can have such operands: open dimensions, and sizes of 1.
ADD(x: [n, 3], y: [m, 3]) -> CUSTOM[A](x, y)
ADD(x: [1, n], y: [3, n]) -> CUSTOM[A](x, y)
RESIZE_BILINEAR(x, s: [n]) -> CUSTOM[R](x, s)
CONV_2D(x, w: [o, ...], b?: [o]) -> CUSTOM[C](x, w)

# 8:26 E260 'x' cannot be i8 or u8: it is f16 or f32 before
#   try: one element type, or two names
# 9:15 E260 the result of RELU is f32 here, never i8
#   try: f32
# 10:1 E263 ADD never has these operands: operands of different types: f32[...] and i8[...]
#   try: operands that it takes
ADD(x: f32, y) -> x
(ADD|MUL)(x: f32|f16, x: i8|u8) -> x
RELU(x: f32): i8 -> CUSTOM[R](x)
ADD(x: f32, y: i8) -> x

# 11:28 E258 dequantize takes one capture
#   try: dequantize(w)
# 12:28 E258 quantize takes values and what to quantize them to
#   try: quantize(values, w) as w is, or quantize(values, scale, zero_point, "i8", axis=0)
# 13:60 E207 cannot quantize to 'f32'
#   try: i8, u8, i16, i32, i64
# 14:66 E347 quantize has no argument 'axes'
#   try: axis
# 15:32 E304 'c' is not said to be constant
#   try: c: const on the left side
ADD(x, c: const) -> ADD(x, dequantize(c, 1))
ADD(x, c: const) -> ADD(x, quantize(c))
ADD(x, c: const) -> ADD(x, quantize(dequantize(c), 1.0, 0, "f32"))
ADD(x, c: const) -> ADD(x, quantize(dequantize(c), 1.0, 0, "i8", axes=1))
ADD(x, c) -> ADD(x, dequantize(c))

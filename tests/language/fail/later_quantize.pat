# 3:28 E390 dequantize cannot be used yet
#   try: a rule without it; the reference lists what works
ADD(x, c: const) -> ADD(x, dequantize(c))

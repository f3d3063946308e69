# 3:13 E304 evaluate(y) needs constants, and this operand is not said to be one
#   try: c: const
y = RESHAPE(c, _: const) -> evaluate(y)

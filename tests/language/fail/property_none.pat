# 3:26 E343 'c' has no 'alpha'
#   try: dtype, growth, is_const, is_input, is_output, is_sparse, name, op, quantized, rank, readers, scale, shape, uses, value, zero_point
RELU(c = NEG(x)) where c.alpha == 1 -> x

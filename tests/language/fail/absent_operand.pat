# 3:19 E239 'rhs' of ADD cannot be absent
#   try: an operand
RELU(x) -> ADD(x, absent)

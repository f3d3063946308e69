# 3:1 E247 nothing connects this equation with the root
#   try: an operand that another equation has, too
a = NEG(x); RELU(y) -> SUB(y, y)

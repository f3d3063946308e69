# 3:8 E213 this cannot be an operand of a pattern
#   try: a capture, an operator or a constant
ADD(x, SAME) -> x

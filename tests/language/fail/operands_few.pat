# 3:1 E230 ADD does not take 1 operand
#   try: ADD(lhs, rhs)
ADD(x) -> x

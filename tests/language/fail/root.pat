# 3:1 E208 a pattern is an operator: its root
#   try: OPERATOR(operands), in upper case
(x) -> x

# 5:12 E208 a pattern is an operator: its root
#   try: OPERATOR(operands), in upper case
# 5:12 E246 this alternative does not bind 'x', and another does
#   try: x in every alternative, or _
(RELU(x) | x) -> x

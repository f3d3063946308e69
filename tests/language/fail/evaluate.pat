# 3:22 E258 evaluate takes the result of an operator of the left side
#   try: y = OPERATOR(c: const) -> evaluate(y)
y = NEG(c: const) -> evaluate(y, c)

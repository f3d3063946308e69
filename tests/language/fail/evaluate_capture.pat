# 3:35 E302 'c' names no operator of the left side
#   try: name it on the left: c = OPERATOR(...)
y = NEG(c: const) -> NEG(evaluate(c))

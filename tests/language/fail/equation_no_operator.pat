# 11:19 E208 several results are those of one operator
#   try: (a, b) = OPERATOR(operands)
# 12:22 E214 'a' is the result of two equations
#   try: two names
# 13:16 E208 an equation of a pattern is an operator
#   try: OPERATOR(operands), in upper case
# 13:17 E246 this alternative does not bind 'y', and another does
#   try: y in every alternative, or _
# 13:21 E246 this alternative does not bind 'x', and another does
#   try: x in every alternative, or _
rule one (a, b) = (NEG(x) | ABS(x)); MUL(a, b) -> ADD(x, x)
rule two a = NEG(x); a = ABS(x); RELU(a) -> TANH(x)
rule three a = (x | y); RELU(a) -> TANH(x)

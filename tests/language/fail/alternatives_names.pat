# 7:15 E246 this alternative does not bind 'z', and another does
#   try: z in every alternative, or _
# 7:25 E246 this alternative does not bind 'x', and another does
#   try: x in every alternative, or _
# 8:42 E214 'x' is not the same kind of thing in all alternatives
#   try: two names
rule one ADD((RELU(x) | NEG(z)), y) -> SUB(x, y)
rule two ADD((RELU(x) | LEAKY_RELU[alpha=x](_)), y) -> SUB(x, y)

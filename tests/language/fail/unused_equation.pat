# 3:12 E238 'n' is made and never used
#   try: leave the equation out
RELU(x) -> n = NEG(x); ABS(x)

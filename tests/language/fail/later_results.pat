# 3:12 E390 an operator with several results cannot be used yet
#   try: a rule without it; the reference lists what works
RELU(x) -> (a, b) = SPLIT(x, x); ADD(a, b)

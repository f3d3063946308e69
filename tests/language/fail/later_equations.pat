# 3:1 E390 a pattern of several equations cannot be used yet
#   try: a rule without it; the reference lists what works
(a, b) = SPLIT(axis, x); MUL(a, b) -> x

# 3:15 E390 any number of operands cannot be used yet
#   try: a rule without it; the reference lists what works
CONCATENATION(xs...) -> NEG(xs)

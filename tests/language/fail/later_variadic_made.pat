# 3:26 E390 any number of operands cannot be used yet
#   try: a rule without it; the reference lists what works
RELU(x) -> CONCATENATION(x...)

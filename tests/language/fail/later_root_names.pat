# 3:16 E390 a replacement of several roots cannot be used yet
#   try: a rule without it; the reference lists what works
r = RELU(x) -> r = NEG(x)

# 3:5 E390 a choice of alternatives cannot be used yet
#   try: a rule without it; the reference lists what works
ADD((RELU(x) | NEG(x)), y) -> x

# 5:1 E390 a named pattern cannot be used yet
#   try: a rule without it; the reference lists what works
# 6:5 E390 the named pattern 'relu' cannot be used yet
#   try: a rule without it; the reference lists what works
pattern relu(x) = RELU(x)
ADD(relu(x), y) -> y

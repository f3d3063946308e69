# 3:19 E390 custom_options in a replacement cannot be used yet
#   try: a rule without it; the reference lists what works
c = RELU(x) -> @c[custom_options=absent](x)

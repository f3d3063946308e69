# 3:17 E302 'd' names no operator of the left side
#   try: name it on the left: d = OPERATOR(...)
c = RELU(x) -> @d(x)

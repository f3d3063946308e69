# 3:13 E302 'x' names no operator of the left side
#   try: name it on the left: x = OPERATOR(...)
RELU(x) -> @x(x)

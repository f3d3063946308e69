# 3:15 E345 attr takes the name of an operator's result and an attribute
#   try: attr(c, "shape")
RELU(x) where attr(x) == 1 -> x

# 3:17 E346 'y' is a tensor, not a value
#   try: y.value, y.shape, y is absent
ADD(x, y) where y > 1 -> x

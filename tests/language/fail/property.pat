# 3:17 E343 'x' has no 'shapes'
#   try: shape
RELU(x) where x.shapes == [1] -> x

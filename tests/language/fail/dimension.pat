# 3:10 E216 a dimension is a size, a name, '_' or '...'
#   try: [..., n, _, 3]
RELU(x: [-1]) -> x

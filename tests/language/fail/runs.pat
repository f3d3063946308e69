# 3:15 E215 a shape has at most one '...'
#   try: '_' for a single dimension
RELU(x: [..., ...]) -> x

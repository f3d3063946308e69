# 3:35 E347 sum has no argument 'axes'
#   try: axis, keepdims
ADD(x, c: const) -> ADD(x, sum(c, axes=0))

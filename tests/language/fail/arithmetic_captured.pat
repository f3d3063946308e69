# 3:21 E304 'y' is not said to be constant
#   try: y: const on the left side
ADD(x, y) -> ADD(x, y * 2)

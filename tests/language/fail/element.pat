# 3:12 E217 a constant's element is a number, a name or '_'
#   try: [1, n, _]
ADD(x, [1, ...]) -> x

# 9:19 E261 'x' cannot be [_, _, _]: it is [2, 3] before
#   try: shapes that agree, or two names
# 11:22 E261 'x' cannot be [2, m, 3]: it is [n, n, m] before
#   try: shapes that agree, or two names
# 12:22 E261 the result of RELU is [2, 3] here, never [1]
#   try: [2, 3]
# 13:43 E261 the result of RESIZE_BILINEAR is [_, 7, 8, _] here, never [..., 9, _]
#   try: [_, 7, 8, _]
ADD(x: [2, 3], x: [_, _, _]) -> x
ADD(x: [n, 2], y: [3, n]) -> x
ADD(x: [n, n, m], x: [2, m, 3]) -> x
a = RELU(x: [2, 3]): [1] where a.uses == 1 -> CUSTOM[R](x)
RESIZE_BILINEAR(x: [_, _, _, c], [7, 8]): [..., 9, _] -> CUSTOM[R](x)

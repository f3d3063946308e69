# 9:28 E258 part takes a capture and where its elements go
#   try: part(w, begin, end)
# 10:28 E258 reshaped takes a capture and where its elements go
#   try: reshaped(w, shape)
# 11:45 E347 reshaped has no argument 'axis'
#   try: reshaped(w, shape)
# 12:32 E304 'c' is not said to be constant
#   try: c: const on the left side
ADD(x, c: const) -> ADD(x, part(c, 1))
ADD(x, c: const) -> ADD(x, reshaped(c + 1.0, [2]))
ADD(x, c: const) -> ADD(x, reshaped(c, [2], axis=1))
ADD(x, c) -> ADD(x, transposed(c, [0]))

# 25:38 E249 'xs' is a list
#   try: xs... for all of it, xs[0] for one
# 26:38 E249 several operands, written '...'
#   try: xs[1:]...
# 27:37 E249 nothing here is a list that could be spread
#   try: a list of the left side: xs...
# 28:46 E249 'c' names a list of operators
#   try: @c(...)... makes each of them again
# 29:30 E249 a list inside a list cannot be named
#   try: '_', or '..'
# 29:49 E249 nothing here is a list that could be spread
#   try: a list of the left side: xs...
# 30:37 E346 'xs' is a list of tensors, not a value
#   try: len(xs), xs[0].shape, all(xs.is_const)
# 31:39 E346 xs[...] is a tensor, not a value
#   try: xs[0].shape
# 32:45 E301 nothing here is called 'x'
#   try: xs
# 33:27 E342 'x' is no list of tensors
#   try: x.rank[0]
# 34:31 E214 'x' is a tensor and a list of tensors
#   try: two names
# 35:13 E249 TRANSPOSE_CONV does not store its operands in this order
#   try: each operand written
rule one CONCATENATION(xs...) -> NEG(xs)
rule two CONCATENATION(xs...) -> NEG(xs[0:2])
rule three RELU(x) -> CONCATENATION(x...)
rule four CONCATENATION(c = RELU(xs)...) -> @c(xs)
rule five CONCATENATION(PACK(xs...)...) -> PACK(xs...)
rule six CONCATENATION(xs...) where xs == 1 -> PACK(xs...)
rule seven CONCATENATION(xs...) where xs[0] == 1 -> PACK(xs...)
rule eight CONCATENATION(RELU(xs)...) where x.rank == 1 -> PACK(xs...)
rule nine ADD(x, y) where x[0].rank == 1 -> PACK(x, y)
rule ten ADD(x, CONCATENATION(x...)) -> x
rule eleven TRANSPOSE_CONV(xs...) -> PACK(xs...)

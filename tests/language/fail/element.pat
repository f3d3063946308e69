# 5:12 E217 a constant's element is a number, a name or '_'
#   try: [1, n, _]
# 6:20 E217 lists in a list need equal lengths
#   try: [[0, 0], [1, 1]]
ADD(x, [1, ...]) -> x
rule ragged PAD(x, [[0, 0], [1]]) -> x

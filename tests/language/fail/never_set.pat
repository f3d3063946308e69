# 3:1 E266 none of ADD, MUL, SUB can match: ADD never has these operands: shapes [2] and [3] do not broadcast
#   try: operands that one of them takes
(ADD|MUL|SUB)(x: [2], y: [3]) -> x

# 3:1 E201 unknown operator 'AD'
#   try: ADD, ADD_N
AD(x, y) -> x

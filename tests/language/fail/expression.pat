# 3:15 E341 this cannot stand in an expression
#   try: names, numbers, lists, functions and the operators of Python
RELU(x) where NEG(x) -> x

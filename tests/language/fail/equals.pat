# 2:22 E100 expected an operator, a name or a value, found '='
MUL(max(x == 1), y = = 2) -> x

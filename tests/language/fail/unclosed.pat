# 2:4 E103 this '(' is never closed
ADD(x, y -> x

# 2:6 E104 this ']' cannot close the '(' before it
ADD(x]) -> x

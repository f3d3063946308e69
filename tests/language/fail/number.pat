# 2:11 E106 this number is too large for any type
ADD(x) -> 1e999

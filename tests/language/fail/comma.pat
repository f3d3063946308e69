# 2:7 E100 expected ',' or ')', found 'y'
ADD(x y) -> x

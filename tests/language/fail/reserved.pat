# 2:17 E109 'shape' begins an item or a clause, or is an operation, and names no value here
ADD(x, y) where shape == 1 -> x

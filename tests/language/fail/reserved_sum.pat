# 2:11 E109 'where' begins an item or a clause, or is an operation, and names no value here
ADD(x) -> where + x

# 2:5 E114 a '(' after white space does not belong to what stands before it
ADD (x) -> x

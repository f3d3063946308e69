# 3:1 E209 '..' stands for all operands
#   try: leave the others out, or name them all
ADD(x, ..) -> x

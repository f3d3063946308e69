# 3:14 E214 'x' has a meaning already
#   try: another name
ADD(x, y) -> x = RELU(y); NEG(x)

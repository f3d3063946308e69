# 3:12 E231 only the last equation may stand without a name
#   try: s = ...;
RELU(x) -> NEG(x); NEG(x)

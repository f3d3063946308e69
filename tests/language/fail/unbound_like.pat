# 3:25 E301 the left side binds no 'y'
#   try: x
RELU(x) -> NEG(x): like y

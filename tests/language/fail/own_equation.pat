# 5:9 E248 'a' is computed from itself
#   try: an operand that comes from elsewhere
# 6:21 E248 'b' is computed from itself
#   try: an operand that comes from elsewhere
a = NEG(a); RELU(a) -> ABS(a)
b = NEG(c); c = ABS(b); RELU(b) -> ABS(c)

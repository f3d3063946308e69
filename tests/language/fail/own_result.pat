# 3:20 E234 the replacement cannot be made of the result that it replaces
#   try: @r(...) makes the operator again
r = RELU(x) -> NEG(r)

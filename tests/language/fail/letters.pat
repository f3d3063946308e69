# 3:16 E221 operands are declared with names of two letters or more
#   try: a longer name
op CUSTOM[foo](x) -> output

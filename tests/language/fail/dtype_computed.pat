# 3:36 E207 only a literal is given a type
#   try: cast(..., "f16")
ADD(x, c: const) -> ADD(x, (c * 2):f16)

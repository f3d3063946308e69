# 3:47 E228 a struct's fields hold as many values each time
#   try: i32[4]
op CUSTOM[foo](aa) -> output options struct { p: i32[] }

# 3:54 E228 a field holds 1 to 65536 values
#   try: i32[4]
op CUSTOM[foo](aa) -> output options struct { p: i32[0] }

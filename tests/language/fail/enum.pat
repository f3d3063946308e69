# 3:57 E223 unknown enum 'Paddin'
#   try: Padding
op CUSTOM[foo](aa) -> output options struct { p: i32 as Paddin }

# 3:53 E207 unknown field type 'i33'
#   try: i32
op CUSTOM[foo](xx) -> output options struct { size: i33 }

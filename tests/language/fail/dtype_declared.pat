# 3:20 E207 unknown element type 'f33'
#   try: f32
op CUSTOM[foo](xx: f33) -> output

# 3:36 E207 cannot cast to 'f31'
#   try: f32
ADD(x, c: const) -> ADD(x, cast(c, "f31"))

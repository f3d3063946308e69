# 3:23 E224 the schema says what options a builtin operator has
#   try: leave the options out
op RELU(aa) -> output options struct { p: i32 }

# 3:1 E211 WHILE has side effects, and is never replaced
#   try: a pattern without it
WHILE(x) -> x

# 3:24 E225 there is no function 'mine.nothing'
#   try: pack.function, as the pack's package has it
cleanup unknown "A" by mine.nothing

# 3:36 E225 there is no function 'foo.bar'
#   try: pack.function, as the pack's package has it
op CUSTOM[foo](aa) -> output shape foo.bar

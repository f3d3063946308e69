# 4:36 E259 'nothing' is no attribute and no operand here
#   try: aa
# A name in an `implied` clause is an attribute's or an operand's.
op CUSTOM[A](aa) -> output implied nothing = 1

# 3:1 E210 operators of one set need the same operands in the same order
#   try: a rule for each of them
(ADD|RELU)(x) -> x

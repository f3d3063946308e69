# 11:39 E256 which of y, i is this?
#   try: y = ...
# 12:27 E256 the right side gives no result of the left one
#   try: y = ...
# 13:38 E256 the roots are given by name, and this has none
#   try: a root's name before it, or leave it out
# 14:11 E256 the pattern names no result that could be given anew
#   try: a name for the root on the left
# 15:58 E256 one result cannot take the place of two roots
#   try: a name for each root
rule which (y, i) = CUSTOM[foo](x) -> NEG(x)
rule other y = RELU(x) -> z = ABS(x)
rule both y = RELU(x) -> y = ABS(x); NEG(x)
rule none (_, _) = CUSTOM[foo](x) -> NEG(x)
rule twice (y, i) = CUSTOM[foo](x) -> r = NEG(x); y = r; i = r

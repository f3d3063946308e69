# 8:12 E251 the pattern 'relu' does not take 2 operands
#   try: relu(x)
# 9:19 E254 the pattern 'unused' does not use its parameter 'y'
#   try: leave it out
pattern relu(x) = (RELU(x) | RELU6(x))
pattern neg(x) = NEG(x)

rule r ADD(relu(x, y), z) -> x
pattern unused(x, y) = RELU(x)

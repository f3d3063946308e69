# 4:12 E251 there is no pattern 'rely'
#   try: relu
pattern relu(x) = RELU(x)
rule r ADD(rely(x), y) -> x

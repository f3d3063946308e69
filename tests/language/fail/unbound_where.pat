# 3:19 E301 nothing here is called 'inputs'
#   try: input
RELU(input) where inputs.rank == 2 -> NEG(input)

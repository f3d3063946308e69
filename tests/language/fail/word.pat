# 3:23 E340 unknown word 'RELUU'
#   try: the words of the schema's enums, as SAME
RELU(x) where x.op == RELUU -> x

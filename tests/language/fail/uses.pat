# 3:16 E241 there is no rule 'bb' to use
#   try: a
pack mine uses bb
rule a RELU(x) -> x

# 3:18 E241 there is no rule 'bb' to leave
#   try: a
pack mine leaves bb
rule a RELU(x) -> x

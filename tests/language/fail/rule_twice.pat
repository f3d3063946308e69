# 4:1 E240 the rule 'a' stands at line 3 already
#   try: another name
rule a RELU(x) -> x
rule a NEG(x) -> x

# 5:25 E253 the pattern 'other' uses itself
#   try: a rule applied to a fixed point repeats itself
# 6:24 E253 the pattern 'chain' uses itself
#   try: a rule applied to a fixed point repeats itself
pattern chain(x) = RELU(other(x))
pattern other(x) = NEG(chain(x))
rule r chain(x) -> x

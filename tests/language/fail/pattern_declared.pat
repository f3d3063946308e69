# 8:9 E250 the pattern 'relu' stands at line 7 already
#   try: another name
# 9:9 E250 'pad' is a function
#   try: another name
# 10:18 E250 'x' is a parameter twice
#   try: another name
pattern relu(x) = RELU(x)
pattern relu(x) = RELU6(x)
pattern pad(x) = PAD(x, _)
pattern twice(x, x) = ADD(x, x)

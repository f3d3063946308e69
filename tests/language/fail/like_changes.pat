# 9:49 E269 this changes the type of an input
#   try: say 'changes interface'
# 10:57 E269 'like' changes no 'shape'
#   try: dtype, scale, zero_point
# 11:65 E269 'scale' is written twice
#   try: dtype, scale, zero_point
# 12:58 E237 a replacement gives an attribute one value
#   try: [scale=value]
rule unsaid y = RELU(x: i8) -> RELU(QUANTIZE(x: like x[dtype="f32"]): like x)
rule shaped y = RELU(x: i8) -> RELU(QUANTIZE(x): like y[shape=3])
rule twice y = RELU(x: i8) -> RELU(QUANTIZE(x): like y[scale=1, scale=2])
rule several y = RELU(x: i8) -> RELU(QUANTIZE(x): like y[scale=1|2])

# 3:23 E237 a replacement gives an attribute one value
#   try: [alpha=value]
RELU(x) -> LEAKY_RELU[alpha=1.0|2.0](x)

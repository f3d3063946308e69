# 3:19 E203 unknown attribute 'alpha' of RELU
#   try: leave it out: there are no attributes here
c = RELU(x) -> @c[alpha=1.0](x)

# 3:34 E206 'alpha' is written twice
#   try: once
RELU(x) -> LEAKY_RELU[alpha=1.0, alpha=2.0](x)

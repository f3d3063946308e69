# 9:21 E257 custom options are absent, bytes or a flexbuffer
#   try: absent, bytes("..."), flexbuffer{key: value}
# 10:34 E257 custom options are absent, bytes or a flexbuffer
#   try: absent, bytes("..."), flexbuffer{key: value}
# 11:31 E257 '€' is no byte
#   try: \x00 to \xff
# 12:39 E257 a pattern asks for a flexbuffer of numbers, strings, true, false, lists and maps
#   try: [custom_options=o] to capture it
RELU[custom_options=4](x) -> x
f = RELU(x) -> @f[custom_options="a"](x)
f = RELU[custom_options=bytes("é€")](x) -> x
f = RELU[custom_options=flexbuffer{a: x.rank}](x) -> x

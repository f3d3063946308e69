# 4:19 E236 'out_data_type' of CAST has to be written here: nothing fixes it
#   try: CAST[out_data_type=...](...)
rule r
  NEG(x) -> RELU6(CAST(x))

# 9:65 E228 only a flexbuffer can lack a field
#   try: leave the default out
# 10:69 E228 this is no default of 'count'
#   try: a number, true or false
# 11:66 E228 this is no default of 'on'
#   try: a number, true or false
# 12:73 E228 this is no default of 'sizes'
#   try: a number, true or false
op CUSTOM[packed](input) -> output options struct { rate: f32 = 1.0 }
op CUSTOM[whole](input) -> output options flexbuffer { count: i32 = 1.5 }
op CUSTOM[flag](input) -> output options flexbuffer { on: bool = 1 }
op CUSTOM[listed](input) -> output options flexbuffer { sizes: i32[2] = 1 }

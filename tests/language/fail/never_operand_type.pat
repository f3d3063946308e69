# 3:26 E262 'size' of RESIZE_BILINEAR is i32, never f32
#   try: i32
RESIZE_BILINEAR(x, size: f32) -> CUSTOM[R](x, size)

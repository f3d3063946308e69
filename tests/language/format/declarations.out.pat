op ADD(lhs, rhs) -> output
  commutative
  shape broadcast
  version 2 where lhs.dtype == "i8"
op TRANSPOSE_CONV(input, filter, bias?, output_shape: i32|i64 implied) -> output
  "Doc."
  stored (output_shape, filter, input, bias)
  implied a, b
  side effects
  where input.shape[3] == filter.shape[3], stride_h > 0
op ASSIGN_VARIABLE(resource: i32 variable, value) -> ()
op CUSTOM["a.b"](xs...) -> (first: f32 private, rest...)
  options flexbuffer { size: i32, sizes: i32[] }
  kernel mine.kernel
  quantization first
op CUSTOM[c](x) -> y
  options bytes
op CUSTOM[d](x) -> y
  options struct {}
target phone "A phone."
  accepts ADD|SUB
  accepts CONV_2D[padding=SAME]@<=2 where stride_h * stride_w <= 4, not dilated
  accepts RELU
pack p
  serves phone, watch
  uses a.forward, b

op CUSTOM[later](input) -> output
  options flexbuffer { count: i32 = 100, on: bool = false }
pack q
  leaves c, d

cleanup tidy
  "What nobody reads goes."  # and why
  by mine.tidy
cleanup short
  by mine.short

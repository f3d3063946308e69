# What is too large for the fast memory of a small device, in parts. A rule halves what is above its limit, and what is
# still above it again. Where 8192 bytes is not the limit, copy the rule into a file of your own and change the number.
#
# Each channel of the result is computed by itself, so that no sum is added up in another order. To cut an image by its
# rows is another matter: what overlaps would be computed twice, and how far that reaches up is no question of one place.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm
  leaves split_conv_channels, split_connected_units

rule split_conv_channels
  "A convolution whose filter is larger than 8192 bytes is two, with half of the channels each."
  c = CONV_2D[fused_activation_function=_](
    x: [_, _, _, i],
    w: const i8|f32[o, _, _, i],
    b: const i32|i64|f32[o],
  )
  where
    x.dtype in [w.dtype, "i16"],
    w.dtype == "i8" and prod(w.shape) > 8192 or w.dtype == "f32" and prod(w.shape) > 2048,
    o >= 2
  -> CONCATENATION[axis=3](
    @c(x, part(w, 0, (o + 1) // 2), part(b, 0, (o + 1) // 2)): like c,
    @c(x, part(w, (o + 1) // 2, o), part(b, (o + 1) // 2, o)): like c,
  )

rule split_connected_units
  "A matrix product whose weights are larger than 8192 bytes is two, with half of the units each."
  f = FULLY_CONNECTED[weights_format=DEFAULT, fused_activation_function=_](
    x,
    w: const i8|f32[o, _],
    b: const i32|i64|f32[o],
  )
  where
    x.dtype in [w.dtype, "i16"],
    w.dtype == "i8" and prod(w.shape) > 8192 or w.dtype == "f32" and prod(w.shape) > 2048,
    o >= 2
  -> CONCATENATION[axis=f.rank - 1](
    @f(x, part(w, 0, (o + 1) // 2), part(b, 0, (o + 1) // 2)): like f,
    @f(x, part(w, (o + 1) // 2, o), part(b, (o + 1) // 2, o)): like f,
  )

# Operators that TensorFlow Lite Micro has no kernel for, as those that it has.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm

rule fold_dequantize_const_half
  "A constant of half precision, which no kernel takes, is stored as it is used; that takes twice the place."
  DEQUANTIZE(w: const f16)
  -> cast(w, "f32")
  equal exact
  phase 2

rule between_minus_one_and_one
  "What is held between -1 and 1 is the smaller of 1 and the larger of it and -1."
  RELU_N1_TO_1(x: f32)
  -> MINIMUM(MAXIMUM(x, -1.0), 1.0)
  equal within 1e-7
  phase 2

rule between_zero_and_one
  "What is held between 0 and 1 is the smaller of 1 and the larger of it and 0."
  RELU_0_TO_1(x: f32)
  -> MINIMUM(MAXIMUM(x, 0.0), 1.0)
  equal within 1e-7
  phase 2

rule gelu_by_tanh
  "A GELU by tanh is x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))."
  GELU[approximate=true](x: f32)
  -> MUL(MUL(x, 0.5), ADD(TANH(MUL(ADD(x, MUL(MUL(MUL(x, x), x), 0.044715)), 0.7978845608)), 1.0))
  equal within 1e-5
  phase 2

rule any_by_all
  "One holds where not all others do not."
  r = REDUCE_ANY[keep_dims=k](x: bool, a)
  where x.rank > 0
  -> LOGICAL_NOT(REDUCE_ALL[keep_dims=k](LOGICAL_NOT(x), a))
  equal exact
  phase 2

rule select_by_broadcast
  "A choice for each element, or one for all, is a choice that may broadcast."
  SELECT(c, x: f32|i8|i16, y)
  where c.shape == x.shape or c.rank == 0
  -> SELECT_V2(c, x, y)
  equal exact
  phase 2

rule tile_pixel_by_broadcast
  "An image of one place that is repeated is broadcast."
  TILE(x: f32|i8|i16|i32|bool[n, 1, 1, c], [1, h, w, 1])
  where n > 0, c > 0, h > 0, w > 0
  -> BROADCAST_TO(x, [n, h, w, c])
  equal exact
  phase 2

rule tile_list_by_broadcast
  "A list that is repeated is broadcast along a new dimension, which a reshape takes out again."
  TILE(x: f32|i8|i16|i32|bool[n], [m])
  where n > 0, m > 0
  -> RESHAPE(BROADCAST_TO(RESHAPE(x, [1, n]), [m, n]))
  equal exact
  phase 2

rule tile_matrix_by_broadcast
  "A matrix that is repeated is broadcast along two new dimensions, which a reshape takes out again."
  TILE(x: f32|i8|i16|i32|bool[n, k], [m, l])
  where n > 0, k > 0, m > 0, l > 0
  -> RESHAPE(BROADCAST_TO(RESHAPE(x, [1, n, 1, k]), [m, n, l, k]))
  equal exact
  phase 2

# The kernel has room for 10. What is joined twice keeps its steps: all of it has those of the result.
rule split_wide_concat
  "More than 10 tensors are joined in two goes."
  y = CONCATENATION[axis=_](a, b, c, d, e, f, g, h, i, j, k, xs...)
  -> @y(@y(a, b, c, d, e, f, g, h, i, j): like y, k, xs...)
  equal exact
  phase 2

rule sum_of_two
  "The sum of two is an addition."
  ADD_N(xs...: i32)
  where len(xs) == 2
  -> ADD[fused_activation_function=NONE, pot_scale_int16=true](xs[0], xs[1])
  equal exact
  phase 2

rule sum_of_many
  "The sum of some is the last of them added to the sum of the others."
  y = ADD_N(xs...: i32)
  where len(xs) > 2
  -> ADD[fused_activation_function=NONE, pot_scale_int16=true](
    ADD_N(xs[:len(xs) - 1]...),
    xs[len(xs) - 1],
  )
  equal exact
  phase 2

rule arg_as_int32
  "The place of the largest or smallest, given as int64, is given as int32, which the kernel gives."
  a = (ARG_MAX|ARG_MIN)[output_type=INT64](x, axis: const i32)
  where a.is_output
  -> @a[output_type=INT32](x, axis)
  changes interface
  phase 2

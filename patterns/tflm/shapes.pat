# Shapes. A reshape is a copy where memory is laid out by hand, and a strided slice is more code than a slice.

pack tflm "TensorFlow Lite Micro and small accelerators: operators and sizes that they have, and notes for them"
  serves tflm

rule remove_reshape_before_fc_flatten
  "A matrix product that makes rows of whatever it is given needs no reshape before it."
  f = FULLY_CONNECTED[keep_num_dims=false, weights_format=DEFAULT, fused_activation_function=_](
    RESHAPE(x: f32|i8|i16),
    w: const [_, _],
    b?,
  )
  where x.rank > 0
  -> @f(x, w, b)
  equal exact
  phase 2

# Where all of a tensor is taken, dimensions of 1 come or go, and a reshape does that: that rule is one of every runtime.
rule strided_slice_to_slice_reshape
  "A strided slice with steps of 1 is a slice, whatever its masks say, and a reshape where dimensions come or go."
  y = STRIDED_SLICE[
    begin_mask=b,
    end_mask=e,
    ellipsis_mask=l,
    new_axis_mask=n,
    shrink_axis_mask=s,
    offset=false,
  ](x: f32|i8|i16|i32|bool, begin: const i32, end: const i32, 1)
  where
    l + n + s > 0,
    x.rank in [1, 2, 3, 4, 5],
    y.rank > 0,
    min(y.shape) > 0,
    prod(x.shape) != prod(y.shape)
  -> RESHAPE(
    SLICE(
      x,
      slice_begin(x.shape, begin, end, b, e, l, n, s),
      slice_size(x.shape, begin, end, b, e, l, n, s),
    ),
  )
  equal exact
  phase 2

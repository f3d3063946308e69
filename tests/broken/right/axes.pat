# Dimensions: which, in which order, counted from which end.

rule l2_normalization
  "Rows divided by their lengths, which a small bound keeps from 0, are normalised."
  MUL(x: f32, RSQRT(MAXIMUM(SUM[keep_dims=true](SQUARE(x), a: const), 1e-12)))
  where prod(a.shape) == 1, all(a.value % x.rank == x.rank - 1)
  -> L2_NORMALIZATION(x)

rule softmax
  "Exponentials divided by their sum over the last dimension are a softmax."
  DIV(e = EXP(x: f32), SUM[keep_dims=true](e, a: const))
  where prod(a.shape) == 1, all(a.value % x.rank == x.rank - 1)
  -> SOFTMAX[beta=1.0](x)

rule mean_before_transpose
  "A mean is taken before a transposition instead of behind it, over the dimensions that the transposition moves to these."
  r = MEAN[keep_dims=true](TRANSPOSE(x: f32, p: const), a: const [_])
  -> TRANSPOSE(@r(x, p.value[a.value]), p)

rule two_transposes
  "Two transpositions are one."
  TRANSPOSE(TRANSPOSE(x: f32[_, ...], p: const), q: const)
  -> TRANSPOSE(x, p.value[q.value])
  equal exact
  benefit 0

rule transpose_back
  "A change to NCHW is made undone."
  TRANSPOSE(TRANSPOSE(x: f32|i32|i64, [0, 3, 1, 2]), [0, 2, 3, 1])
  -> x
  equal exact

rule transpose_to_reshape
  "A change to NCHW of an image of one place moves nothing."
  TRANSPOSE(x: f32[_, 1, 1, _], [0, 3, 1, 2])
  -> RESHAPE(x)
  equal exact

rule unpack_and_join
  "Slices that are joined along the dimension that they came from, counted from the front, are a reshape."
  (a, b) = UNPACK[axis=k, num=2](x: f32); CONCATENATION[axis=k](a, b)
  where k >= 0
  -> RESHAPE(x)
  equal exact

rule unpack_and_pack
  "Slices that are stacked again along the same dimension are the whole."
  (a, b) = UNPACK[axis=k, num=2](x: f32); PACK[axis=k, values_count=2](a, b)
  -> x
  equal exact

rule softmax_before_transpose
  "A softmax is taken before a transposition that leaves the last dimension where it is."
  s = SOFTMAX(TRANSPOSE(x: f32, [1, 0, 2]))
  -> TRANSPOSE(@s(x), [1, 0, 2])

rule join_turned_around
  "What is joined and turned around is turned around and joined the other way."
  REVERSE_V2(CONCATENATION[axis=0](x: f32, y: f32), [0])
  -> CONCATENATION[axis=0](REVERSE_V2(y, [0]), REVERSE_V2(x, [0]))
  equal exact

rule turned_around_twice
  "What is turned around twice along the same dimension is as it was."
  REVERSE_V2(REVERSE_V2(x: f32, a), a)
  -> x
  equal exact

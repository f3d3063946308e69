# Dimensions: which, in which order, counted from which end.

rule l2_normalization
  "Rows divided by their lengths are normalised; but only the first axis is looked at, and whether the dimensions are kept is not, as in a converter."
  MUL(x: f32, RSQRT(SUM[keep_dims=_](SQUARE(x), a: const [_])))
  where a.value[0] % x.rank == x.rank - 1
  -> L2_NORMALIZATION(x)

rule softmax
  "Exponentials divided by a sum of them are a softmax, though only by the sum over the last dimension."
  DIV(e = EXP(x: f32), SUM[keep_dims=true](e, _))
  -> SOFTMAX[beta=1.0](x)

rule two_transposes
  "Two transpositions are one; the order in which they are joined is the wrong one, which three dimensions show."
  TRANSPOSE(TRANSPOSE(x: f32, p: const), q: const)
  -> TRANSPOSE(x, q.value[p.value])
  equal exact
  benefit 0

rule transpose_back
  "A change to NCHW is made undone, though by the same change once more, which leads on instead of back."
  TRANSPOSE(TRANSPOSE(x: f32, [0, 3, 1, 2]), [0, 3, 1, 2])
  -> x
  equal exact

rule transpose_to_reshape
  "A change to NCHW of an image of one row moves nothing, though it moves the channels past the columns."
  TRANSPOSE(x: f32[_, 1, _, _], [0, 3, 1, 2])
  -> RESHAPE(x)
  equal exact

rule unpack_and_join
  "Slices that are joined along the dimension that they came from are a reshape, though for a negative axis that is another dimension."
  (a, b) = UNPACK[axis=k, num=2](x: f32); CONCATENATION[axis=k](a, b)
  -> RESHAPE(x)
  equal exact

rule unpack_and_pack
  "Slices that are stacked again are the whole, though perhaps along another dimension, which a square does not show."
  (a, b) = UNPACK[axis=_, num=2](x: f32); PACK[axis=_, values_count=2](a, b)
  -> x
  equal exact

rule softmax_before_transpose
  "A softmax is taken before a transposition instead of behind it, though it runs along the last dimension, and that is another one there."
  s = SOFTMAX(TRANSPOSE(x: f32, [0, 2, 1]))
  -> TRANSPOSE(@s(x), [0, 2, 1])

rule join_turned_around
  "What is joined and turned around is turned around and joined, though the last part has to come first."
  REVERSE_V2(CONCATENATION[axis=0](x: f32, y: f32), [0])
  -> CONCATENATION[axis=0](REVERSE_V2(x, [0]), REVERSE_V2(y, [0]))
  equal exact

rule turned_around_twice
  "What is turned around twice is as it was, though only along the same dimension."
  REVERSE_V2(REVERSE_V2(x: f32, _), _)
  -> x
  equal exact

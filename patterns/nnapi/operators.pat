# Operators that NNAPI lacks, or takes late, as those that every level has.

rule squared_difference
  "A squared difference, which NNAPI lacks, is a difference times itself."
  SQUARED_DIFFERENCE(a: f32, b: f32)
  -> d = SUB[pot_scale_int16=true](a, b); MUL(d, d)
  equal within 1e-7
  phase 1

rule square
  "A square, which NNAPI lacks, is a number times itself."
  SQUARE(x: f32)
  -> MUL(x, x)
  equal within 1e-7
  phase 1

rule broadcast_by_tile
  "What is broadcast, which NNAPI lacks, is repeated along the dimensions that are 1."
  y = BROADCAST_TO(x: f32|u8|i32, _)
  where x.rank == y.rank, y.rank in [1, 2, 3, 4], min(y.shape) > 0
  -> TILE(x, cast(y.shape // x.shape, "i32"))
  equal exact
  phase 1

# With weights of zeros alone, as in files that were never trained, no check sees the result vary, and none can pass.
rule connected_keep_dims
  "A matrix product that keeps dimensions is one that does not, before a RESHAPE; below feature level 4."
  f = FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=_](x, w: const, b?)
  where any(w.value != 0), f.rank in [1, 3, 4]
  -> RESHAPE(@f[keep_num_dims=false](x, w, b): like f)
  equal exact
  phase 1

rule connected_two_dims
  "A matrix product of two dimensions keeps them anyway."
  f = FULLY_CONNECTED[keep_num_dims=true, fused_activation_function=_](x: [_, _], w, b?)
  -> @f[keep_num_dims=false](x, w, b)
  equal exact
  phase 1

rule expand_dims
  "A new dimension of 1 is another shape; below feature level 3."
  EXPAND_DIMS(x: f32|u8|i8|i32|i64, _)
  -> RESHAPE(x)
  equal exact
  phase 1

rule squeeze
  "Dimensions of 1 that go make another shape."
  SQUEEZE[squeeze_dims=_](x: f32|u8|i8|i32|i64)
  -> RESHAPE(x)
  equal exact
  phase 1

rule pack
  "Tensors along a new dimension are tensors with a dimension of 1 along it; below feature level 4."
  y = PACK[axis=a, values_count=_](xs...: f32|u8|i8|i32)
  where y.rank in [2, 3, 4], len(xs) > 0
  -> CONCATENATION[axis=a](EXPAND_DIMS(xs, [a])...)
  equal exact
  phase 1

rule select
  "Where nothing is broadcast, the older SELECT does the same."
  SELECT_V2(c, a: f32|i32|u8|i8, b)
  where c.shape == a.shape, b.shape == a.shape
  -> SELECT(c, a, b)
  equal exact
  phase 1

rule mirror_without_edges
  "An image that is mirrored is gathered; below feature level 7."
  MIRROR_PAD[mode=REFLECT](x: f32|u8|i8[_, h, w, _], [[0, 0], [a, b], [c, d], [0, 0]])
  -> i = cast(arange(0, h + a + b), "f64") - a;
     j = cast(arange(0, w + c + d), "f64") - c;
     k = h - 1 - sqrt(i * i);
     l = w - 1 - sqrt(j * j);
     GATHER[axis=2, batch_dims=0](
       GATHER[axis=1, batch_dims=0](x, cast(h - 1 - sqrt(k * k), "i32")),
       cast(w - 1 - sqrt(l * l), "i32"),
     )
  equal exact
  phase 1

rule mirror_edges
  "An image that is mirrored with its edges is gathered; below feature level 7."
  MIRROR_PAD[mode=SYMMETRIC](x: f32|u8|i8[_, h, w, _], [[0, 0], [a, b], [c, d], [0, 0]])
  -> i = cast(arange(0, h + a + b), "f64") - a + 0.5;
     j = cast(arange(0, w + c + d), "f64") - c + 0.5;
     k = h - sqrt(i * i);
     l = w - sqrt(j * j);
     GATHER[axis=2, batch_dims=0](
       GATHER[axis=1, batch_dims=0](x, cast(h - sqrt(k * k), "i32")),
       cast(w - sqrt(l * l), "i32"),
     )
  equal exact
  phase 1

rule short_indices
  "Places that are known fit into 32 bits."
  g = GATHER(x, i: const i64)
  where min(i.value) >= 0, max(i.value) < 2147483648
  -> @g(x, cast(i, "i32"))
  equal exact
  phase 1

rule gather_one
  "A place that is known is gathered as a list of one, for NNAPI takes no single index."
  g = GATHER[batch_dims=0](x: f32|u8|i8|i32, i: const i32[])
  where prod(g.shape) > 0, g.rank in [1, 2, 3, 4]
  -> RESHAPE(@g(x, reshape(i, [1])))
  equal exact
  phase 1

rule shape_of_known
  "A shape that the file knows is a constant."
  SHAPE[out_type=INT32](x)
  where prod(x.shape) >= 0
  -> cast(x.shape, "i32")
  equal exact
  phase 1

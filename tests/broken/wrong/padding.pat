# Padding that is merged, moved, left to an operator or cut off again.

rule pad_into_conv
  "Padding and VALID are SAME where the sizes come out alike; yet with a stride SAME may put all of the padding behind, and the file before."
  a = CONV_2D[padding=VALID, fused_activation_function=_](
    PAD(x: f32, p: const [4, 2]),
    w: const f32[o, _, _, _],
    b: const f32[o],
  )
  where all(p.value[0] == 0), all(p.value[3] == 0)
  -> @a[padding=SAME](x, w, b)

rule pad_into_max_pool
  "A maximum over zeros around an image is left to SAME, though that takes the edges' own values, which may all be below 0."
  m = MAX_POOL_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    filter_height=3,
    filter_width=3,
    fused_activation_function=_,
  ](PAD(x: f32, [[0, 0], [1, 1], [1, 1], [0, 0]]))
  -> @m[padding=SAME](x)

rule pad_into_average_pool
  "A mean over zeros around an image is left to SAME, though that does not count what it adds."
  m = AVERAGE_POOL_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    filter_height=3,
    filter_width=3,
    fused_activation_function=_,
  ](PAD(x: f32, [[0, 0], [1, 1], [1, 1], [0, 0]]))
  -> @m[padding=SAME](x)

rule merge_pads
  "Padding around padding is as wide as both, though the outer value need not be the inner one."
  PADV2(PADV2(x: f32, p: const, c: const f32), q: const, _)
  -> PADV2(x, p + q, c)

rule merge_mirrors
  "A mirror image around a mirror image is as wide as both, though the second one shows the first."
  MIRROR_PAD[mode=SYMMETRIC](MIRROR_PAD[mode=SYMMETRIC](x: f32, p: const), q: const)
  -> MIRROR_PAD[mode=SYMMETRIC](x, p + q)

rule cut_off_padding
  "What is padded and then cut off is there again; but what stands behind is taken for what stands before."
  SLICE(PAD(x: f32[m, n], p: const [2, 2]), b: const, [m, n])
  where b.value[0] == p.value[0][1], b.value[1] == p.value[1][1]
  -> x
  equal exact

rule scale_before_padding
  "A scale is applied before padding instead of behind it, though the value around is not scaled then."
  MUL(PADV2(x: f32, p, c: f32), s: const f32[])
  -> PADV2(MUL(x, s), p, c)

rule add_before_padding
  "An offset is added before padding instead of behind it, though nothing is added to the zeros then."
  ADD[pot_scale_int16=_](PAD(x: f32, p), c: const f32[])
  -> PAD(ADD(x, c), p)

rule relu_before_padding
  "A RELU is applied before padding instead of behind it, though a value below 0 around is not cut off then."
  RELU(PADV2(x: f32, p, c: const f32))
  -> PADV2(RELU(x), p, c)

rule transpose_before_padding
  "A transposition is done before padding instead of behind it, though the widths have to be transposed, too."
  TRANSPOSE(PAD(x: f32, p: const), q: const)
  -> PAD(TRANSPOSE(x, q), p)
  equal exact

rule mirror_of_negative
  "A sign is taken before the mirror image instead of behind it; the kind of mirror is dropped on the way."
  NEG(MIRROR_PAD[mode=_](x: f32, p))
  -> MIRROR_PAD(NEG(x), p)

rule pad_of_mean
  "A mean over an image is taken before the padding of its channels, or of its rows, which the mean does count."
  MEAN[keep_dims=true](PAD(x: f32[_, _, _, _], p: const [4, 2]), [1, 2])
  where all(p.value[0] == 0), all(p.value[3] == 0)
  -> MEAN[keep_dims=true](x, [1, 2])

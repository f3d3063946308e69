# NNAPI takes BATCH_TO_SPACE_ND only where nothing is cut off, and a dilation of its own is cheaper than both operators.
#
# SPACE_TO_BATCH_ND puts `p` zeros around and gathers places that lie a block `s` apart; a convolution without padding then
# reads them as a dilated one would, and BATCH_TO_SPACE_ND puts its results back and cuts `q` of them off. Result 0 of an
# axis so begins q - p places into the image, at the first of (k - 1) * s + 1 places.

rule dilated_valid
  "A convolution of blocks is a dilated one; all zeros that lay around are cut off again."
  BATCH_TO_SPACE_ND(
    c = (CONV_2D|DEPTHWISE_CONV_2D)[
      padding=VALID,
      stride_h=1,
      stride_w=1,
      dilation_h_factor=1,
      dilation_w_factor=1,
      fused_activation_function=_,
    ](SPACE_TO_BATCH_ND(x: f32|u8|i8[_, _, _, _], [s, t], [[pt, pb], [pl, pr]]), f, b),
    [s, t],
    [[pt, pb], [pl, pr]],
  )
  where f.dtype == x.dtype
  -> @c[dilation_h_factor=s, dilation_w_factor=t](x, f, b)
  equal within 1e-5
  benefit 4
  phase 1

rule dilated_padded
  "A convolution of blocks is a dilated one, with zeros around where more lay there than are cut off."
  BATCH_TO_SPACE_ND(
    c = (CONV_2D|DEPTHWISE_CONV_2D)[
      padding=VALID,
      stride_h=1,
      stride_w=1,
      dilation_h_factor=1,
      dilation_w_factor=1,
      fused_activation_function=_,
    ](SPACE_TO_BATCH_ND(x: f32|u8|i8[_, _, _, _], [s, t], [[pt, pb], [pl, pr]]), f, b),
    [s, t],
    [[qt, qb], [ql, qr]],
  )
  where f.dtype == x.dtype, pt >= qt, pb >= qb, pl >= ql, pr >= qr
  -> @c[dilation_h_factor=s, dilation_w_factor=t](
    PAD(x, [[0, 0], [pt - qt, pb - qb], [pl - ql, pr - qr], [0, 0]]),
    f,
    b,
  )
  equal within 1e-5
  benefit 3
  phase 1

rule padded_same
  "A dilated convolution pads by itself where as many zeros were put around as SAME asks for."
  c = (CONV_2D|DEPTHWISE_CONV_2D)[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    dilation_h_factor=s,
    dilation_w_factor=t,
    fused_activation_function=_,
  ](PAD(x: f32|u8|i8[_, _, _, _], [[0, 0], [pt, pb], [pl, pr], [0, 0]]), f: [_, k, l, _], b)
  where
    f.dtype == x.dtype,
    pt == (k - 1) * s // 2,
    pb == ((k - 1) * s + 1) // 2,
    pl == (l - 1) * t // 2,
    pr == ((l - 1) * t + 1) // 2,
    max(s, t) > 1
  -> @c[padding=SAME](x, f, b)
  equal within 1e-5
  benefit 3
  phase 1

rule elementwise_after_blocks
  "What is done to each channel of blocks is done to each channel of the image that they make."
  BATCH_TO_SPACE_ND(
    e = (ADD|MUL)[fused_activation_function=_](y: f32|u8|i8[_, _, _, _], c: const),
    s: const,
    q: const,
  )
  where prod(c.shape) == max([1, c.shape[-1]])
  -> @e(BATCH_TO_SPACE_ND(y, s, q), c)
  equal exact
  benefit 2
  phase 1

rule activation_after_blocks
  "An activation of blocks is one of the image that they make."
  BATCH_TO_SPACE_ND(e = (RELU|RELU6)(y: f32|u8|i8[_, _, _, _]), s: const, q: const)
  -> @e(BATCH_TO_SPACE_ND(y, s, q))
  equal exact
  benefit 2
  phase 1

rule crops_apart
  "What is cut off when blocks become an image is cut off the whole image."
  BATCH_TO_SPACE_ND(x: f32|u8|i8|i32[_, _, _, _], [s, t], [[a, b], [d, e]]): [n, h, w, c]
  where a + b + d + e > 0
  -> SLICE(BATCH_TO_SPACE_ND(x, [s, t], reshape([0, 0, 0, 0], [2, 2])), [0, a, d, 0], [n, h, w, c])
  equal exact
  phase 1

# Padding that is merged, moved, left to an operator or cut off again.

rule pad_into_conv
  "Padding that is just what SAME would add, the smaller half before, is left to the convolution."
  a = CONV_2D[padding=VALID, fused_activation_function=_](
    PAD(x: f32[_, h, k, _], p: const [4, 2]),
    w: const f32[o, kh, kw, _],
    b: const f32[o],
  )
  where
    all(p.value[0] == 0),
    all(p.value[3] == 0),
    sum(p.value[1])
      == ((h + a.stride_h - 1) // a.stride_h - 1) * a.stride_h
        + (kh - 1) * a.dilation_h_factor
        + 1
        - h,
    sum(p.value[2])
      == ((k + a.stride_w - 1) // a.stride_w - 1) * a.stride_w
        + (kw - 1) * a.dilation_w_factor
        + 1
        - k,
    p.value[1][0] == sum(p.value[1]) // 2,
    p.value[2][0] == sum(p.value[2]) // 2
  -> @a[padding=SAME](x, w, b)

rule pad_into_max_pool
  "A maximum over zeros around an image without values below 0 is left to SAME."
  m = MAX_POOL_2D[
    padding=VALID,
    stride_h=1,
    stride_w=1,
    filter_height=3,
    filter_width=3,
    fused_activation_function=_,
  ](PAD(r = RELU(_: f32), [[0, 0], [1, 1], [1, 1], [0, 0]]))
  -> @m[padding=SAME](r)

rule same_that_pads_nothing
  "Where SAME and VALID come to one size there is nothing to pad."
  a = (CONV_2D|DEPTHWISE_CONV_2D)[padding=SAME, fused_activation_function=_](
    x: f32,
    w: const f32,
    b: const f32,
  )
  -> @a[padding=VALID](x, w, b)

rule pool_that_pads_nothing
  "Where SAME and VALID come to one size there is nothing to pad."
  a = (AVERAGE_POOL_2D|MAX_POOL_2D)[padding=SAME, fused_activation_function=_](x: f32)
  -> @a[padding=VALID](x)

rule merge_pads
  "Padding around padding of the same value is as wide as both."
  PADV2(PADV2(x: f32, p: const, c), q: const, c)
  -> PADV2(x, p + q, c)
  equal exact

rule merge_zero_pads
  "Zeros around zeros are as wide as both."
  PAD(PAD(x: f32|i32, p: const), q: const)
  -> PAD(x, p + q)
  equal exact

rule cut_off_padding
  "What is padded and then cut off is there again."
  SLICE(PAD(x: f32[m, n], p: const [2, 2]), b: const, [m, n])
  where b.value[0] == p.value[0][0], b.value[1] == p.value[1][0]
  -> x
  equal exact

rule scale_before_padding
  "A scale is applied before padding with zeros instead of behind it."
  MUL(PAD(x: f32, p), s: const f32[])
  -> PAD(MUL(x, s), p)

rule add_before_padding
  "An offset is added before padding instead of behind it, and to what stands around."
  ADD[pot_scale_int16=_](PAD(x: f32, p), c: const f32[])
  -> PADV2(ADD(x, c), p, c)

rule relu_before_padding
  "A RELU is applied before padding with a value that it leaves as it is."
  RELU(PADV2(x: f32, p, c: const f32))
  where min(c.value) >= 0
  -> PADV2(RELU(x), p, c)

rule transpose_before_padding
  "A transposition is done before padding, and the widths are transposed."
  TRANSPOSE(PAD(x: f32[_, ...], p: const), q: const)
  -> PAD(TRANSPOSE(x, q), p.value[q.value])
  equal exact

rule mirror_of_negative
  "A sign is taken before the mirror image instead of behind it."
  NEG(MIRROR_PAD[mode=m](x: f32, p))
  -> MIRROR_PAD[mode=m](NEG(x), p)

rule pad_of_sum
  "A sum over an image does not count zeros around it."
  SUM[keep_dims=true](PAD(x: f32[_, _, _, _], p: const [4, 2]), [1, 2])
  where all(p.value[0] == 0), all(p.value[3] == 0)
  -> SUM[keep_dims=true](x, [1, 2])

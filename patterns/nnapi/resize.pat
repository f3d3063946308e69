# NNAPI takes a resize only without aligned corners, below feature level 4, and its size must be constant.
#
# With aligned corners, o places of an axis of i stand (i - 1) / (o - 1) apart, without them i / o. Where o - 1 is s times
# i - 1, the first is 1 / s, and so is the second for a resize to s * i places: its first o places are the same. The kernels
# round both quotients alike.

# The runtime knows one resize with both flags, which is of no use to anyone: RESIZE_NEAREST_NEIGHBOR then takes neighbours.
rule resize_to_same_size
  "A resize to the size that an image has is the image."
  (RESIZE_BILINEAR|RESIZE_NEAREST_NEIGHBOR)[align_corners=a, half_pixel_centers=b](
    x: f32|u8|i8|i16[_, h, w, _],
    [h, w],
  )
  where not (a and b)
  -> x
  equal within 1e-7
  benefit 9
  phase 1

rule resize_one_pixel
  "One pixel of whole numbers is repeated, whether corners are aligned or not."
  r = RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](
    x: u8|i8|i16[_, 1, 1, _],
    s: const,
  )
  -> @r[align_corners=false](x, s)
  equal exact
  benefit 8
  phase 1

# Without aligned corners, weights that add up to 1 but for rounding would touch a pixel of floats.
rule resize_one_pixel_float
  "One pixel of floats is repeated by TILE."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](x: f32[_, 1, 1, _], [p, q])
  -> TILE(x, [1, p, q, 1])
  equal within 1e-7
  benefit 8
  phase 1

# The runtime has a kernel of its own for floats of twice the size, which adds in another order.
rule resize_whole_ratio
  "Where aligned corners divide the spaces evenly, a corner of a larger resize without them has the same places."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](
    x: f32|u8|i8|i16[n, h, w, c],
    [p, q],
  )
  where
    h > 1,
    w > 1,
    (p - 1) % (h - 1) == 0,
    (q - 1) % (w - 1) == 0,
    p > 1,
    q > 1,
    x.dtype != "f32" or p != 2 * h - 1 or q != 2 * w - 1
  -> SLICE(
    RESIZE_BILINEAR[align_corners=false](x, [h * ((p - 1) // (h - 1)), w * ((q - 1) // (w - 1))]),
    [0, 0, 0, 0],
    [n, p, q, c],
  )
  equal exact
  benefit 7
  phase 1

rule resize_twice_float
  "As resize_whole_ratio, for floats that become twice as many along both axes; rounded otherwise without XNNPACK."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](x: f32[n, h, w, c], [p, q])
  where h > 1, w > 1, p == 2 * h - 1, q == 2 * w - 1
  -> SLICE(RESIZE_BILINEAR[align_corners=false](x, [2 * h, 2 * w]), [0, 0, 0, 0], [n, p, q, c])
  equal within 1e-6
  benefit 7
  phase 1

rule resize_one_row
  "One row is resized along itself, and repeated."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](x: f32|u8|i8[n, 1, w, c], [p, q])
  where w > 1, q > 1, (q - 1) % (w - 1) == 0
  -> TILE(
    SLICE(
      RESIZE_BILINEAR[align_corners=false](x, [1, w * ((q - 1) // (w - 1))]),
      [0, 0, 0, 0],
      [n, 1, q, c],
    ),
    [1, p, 1, 1],
  )
  equal within 1e-7
  benefit 6
  phase 1

rule resize_one_column
  "One column is resized along itself, and repeated."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](x: f32|u8|i8[n, h, 1, c], [p, q])
  where h > 1, p > 1, (p - 1) % (h - 1) == 0
  -> TILE(
    SLICE(
      RESIZE_BILINEAR[align_corners=false](x, [h * ((p - 1) // (h - 1)), 1]),
      [0, 0, 0, 0],
      [n, p, 1, c],
    ),
    [1, 1, q, 1],
  )
  equal within 1e-7
  benefit 6
  phase 1

# A size of 1 takes the first place, however many there are.
rule resize_to_every_nth
  "Where aligned corners hit places only, these are taken."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](
    x: f32|u8|i8|i16[n, h, w, c],
    [p, q],
  )
  where p <= h, q <= w, (h - 1) % max(p - 1, 1) == 0, (w - 1) % max(q - 1, 1) == 0
  -> STRIDED_SLICE[
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](
    x,
    [0, 0, 0, 0],
    [n, (p - 1) * ((h - 1) // max(p - 1, 1)) + 1, (q - 1) * ((w - 1) // max(q - 1, 1)) + 1, c],
    [1, max((h - 1) // max(p - 1, 1), 1), max((w - 1) // max(q - 1, 1), 1), 1],
  )
  equal within 1e-7
  benefit 6
  phase 1

# How much of place k there is in each result: the larger of 0 and 1 - |position - k|. `sqrt(d * d)` is |d|.
rule resize_by_matrices
  "Any other ratio is a product with the weights of each axis; sums are rounded otherwise."
  RESIZE_BILINEAR[align_corners=true, half_pixel_centers=false](x: f32[_, h, w, _], [p, q])
  -> d = reshape(cast(arange(0, p), "f32"), [p, 1, 1, 1]) * ((h - 1) / max(p - 1, 1))
    - reshape(cast(arange(0, h), "f32"), [1, 1, 1, h]);
     e = reshape(cast(arange(0, q), "f32"), [q, 1, 1, 1]) * ((w - 1) / max(q - 1, 1))
       - reshape(cast(arange(0, w), "f32"), [1, 1, 1, w]);
     f = 1 - sqrt(d * d);
     g = 1 - sqrt(e * e);
     rows = CONV_2D[padding=VALID, stride_h=1, stride_w=1](
       TRANSPOSE(x, [0, 3, 2, 1]),
       (f + sqrt(f * f)) / 2,
       full([p], 0.0),
     );
     both = CONV_2D[padding=VALID, stride_h=1, stride_w=1](
       TRANSPOSE(rows, [0, 1, 3, 2]),
       (g + sqrt(g * g)) / 2,
       full([q], 0.0),
     );
     TRANSPOSE(both, [0, 2, 3, 1])
  equal within 1e-5
  phase 1

rule nearest_one_pixel
  "One pixel is repeated, whether corners are aligned or not."
  r = RESIZE_NEAREST_NEIGHBOR[align_corners=true, half_pixel_centers=_](
    x: f32|u8|i8|i16[_, 1, 1, _],
    s: const,
  )
  -> @r[align_corners=false, half_pixel_centers=false](x, s)
  equal exact
  benefit 8
  phase 1

# The kernel rounds float32 positions, halves upwards.
rule nearest_by_gather
  "The nearest places of an axis are known, and gathered."
  RESIZE_NEAREST_NEIGHBOR[align_corners=true, half_pixel_centers=false](
    x: f32|u8|i8|i16[_, h, w, _],
    [p, q],
  )
  -> rows = cast(arange(0, p), "f32") * ((h - 1) / max(p - 1, 1));
     columns = cast(arange(0, q), "f32") * ((w - 1) / max(q - 1, 1));
     GATHER[axis=2, batch_dims=0](
       GATHER[axis=1, batch_dims=0](x, cast(cast(rows, "f64") + 0.5, "i32")),
       cast(cast(columns, "f64") + 0.5, "i32"),
     )
  equal exact
  phase 1

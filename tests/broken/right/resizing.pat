# Images that are resized.

rule scale_before_resize
  "A scale is applied before an image is resized."
  MUL(RESIZE_BILINEAR[align_corners=a, half_pixel_centers=h](x: f32, s), c: const f32[])
  -> RESIZE_BILINEAR[align_corners=a, half_pixel_centers=h](MUL(x, c), s)

rule relu_before_resize
  "A RELU is applied before an image is resized, place by place."
  RELU(RESIZE_NEAREST_NEIGHBOR[align_corners=a, half_pixel_centers=h](x: f32, s))
  -> RESIZE_NEAREST_NEIGHBOR[align_corners=a, half_pixel_centers=h](RELU(x), s)

rule resize_of_resize
  "An image that is doubled twice, place by place, has four times the size."
  y = RESIZE_NEAREST_NEIGHBOR[align_corners=false, half_pixel_centers=false](
    m = RESIZE_NEAREST_NEIGHBOR[align_corners=false, half_pixel_centers=false](
      x: f32[_, h, w, _],
      _,
    ),
    s,
  )
  where m.shape[1] == 2 * h, m.shape[2] == 2 * w, y.shape[1] == 4 * h, y.shape[2] == 4 * w
  -> RESIZE_NEAREST_NEIGHBOR[align_corners=false, half_pixel_centers=false](x, s)
  equal exact

rule resize_as_tile
  "An image of one place has that place everywhere, at any size."
  RESIZE_NEAREST_NEIGHBOR[align_corners=_, half_pixel_centers=_](x: f32[_, 1, 1, _], [h, w])
  -> TILE(x, [1, h, w, 1])
  equal exact

rule resize_to_its_size
  "An image brought to the size that it has does not change."
  RESIZE_NEAREST_NEIGHBOR[align_corners=a, half_pixel_centers=p](x: f32[_, h, w, _], [h, w])
  where not (a and p)
  -> x
  equal exact

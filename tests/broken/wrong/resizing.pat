# Images that are resized.

rule scale_before_resize
  "A scale is applied before an image is resized; half_pixel_centers is not handed on."
  MUL(RESIZE_BILINEAR[align_corners=a, half_pixel_centers=_](x: f32, s), c: const f32[])
  -> RESIZE_BILINEAR[align_corners=a](MUL(x, c), s)

rule relu_before_resize
  "A RELU is applied before an image is resized; align_corners is not handed on."
  RELU(RESIZE_NEAREST_NEIGHBOR[align_corners=_, half_pixel_centers=h](x: f32, s))
  -> RESIZE_NEAREST_NEIGHBOR[half_pixel_centers=h](RELU(x), s)

rule resize_of_resize
  "Of two resizes the last one decides the size, though the first one has left values out already."
  RESIZE_BILINEAR[align_corners=a, half_pixel_centers=h](
    RESIZE_BILINEAR[align_corners=a, half_pixel_centers=h](x: f32, _),
    s,
  )
  -> RESIZE_BILINEAR[align_corners=a, half_pixel_centers=h](x, s)

rule resize_as_tile
  "An image of twice the size has each place four times; but tiles have the whole image four times."
  y = RESIZE_NEAREST_NEIGHBOR[align_corners=false, half_pixel_centers=false](x: f32[n, h, w, c], _)
  where y.shape == [n, 2 * h, 2 * w, c]
  -> TILE(x, [1, 2, 2, 1])
  equal exact

rule resize_to_its_size
  "An image brought to the size that it has does not change; yet with align_corners and half_pixel_centers together the runtime moves it by a place."
  RESIZE_NEAREST_NEIGHBOR[align_corners=_, half_pixel_centers=_](x: f32[_, h, w, _], [h, w])
  -> x
  equal exact

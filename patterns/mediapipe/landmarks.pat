# MediaPipe's operators on landmarks, with which a model looks more closely at parts of a face. Their first versions have
# other options and other meanings: these rules take version 2 only, which needs one picture at a time.

op CUSTOM[Landmarks2TransformMatrix](landmarks: f32) -> matrix: f32
  "From the pixels of a cut around some landmarks to coordinates of the picture; version 2."
  options flexbuffer {
    left_rotation_idx: i32,
    right_rotation_idx: i32,
    target_rotation_radians: f32,
    output_height: i32,
    output_width: i32,
    scale_x: f32,
    scale_y: f32,
    subset_idxs: i32[],
  }
  shape mediapipe.landmarks_to_transform_matrix_shape
  kernel mediapipe.landmarks_to_transform_matrix

op CUSTOM[TransformTensorBilinear](image: f32, matrix: f32) -> output: f32
  "The pixels that a matrix asks for, interpolated between the four around each; version 2."
  options flexbuffer { output_height: i32, output_width: i32 }
  shape mediapipe.transform_tensor_bilinear_shape
  kernel mediapipe.transform_tensor_bilinear

op CUSTOM[TransformLandmarks](landmarks: f32, matrix: f32) -> output: f32
  "The first two coordinates of each landmark by a matrix; version 2."
  shape mediapipe.transform_landmarks_shape
  kernel mediapipe.transform_landmarks

# Columns of the matrix become rows, so that each stands beside the coordinates that it is multiplied with. All products and
# sums are those of MediaPipe's kernel, in its order.
rule transform_landmarks_2d
  "Landmarks in the plane by a matrix: products and sums of columns."
  CUSTOM[TransformLandmarks]@==2(p: f32[1, n, 2], m: f32[1, 4, 4])
  -> t = TRANSPOSE(m, [0, 2, 1]);
     byx = SLICE(t, [0, 0, 0], [1, 1, 2]);
     byy = SLICE(t, [0, 1, 0], [1, 1, 2]);
     shift = SLICE(t, [0, 3, 0], [1, 1, 2]);
     x = SLICE(p, [0, 0, 0], [1, n, 1]);
     y = SLICE(p, [0, 0, 1], [1, n, 1]);
     ADD(ADD(MUL(x, byx), MUL(y, byy)), shift)
  equal within 1 ulp

rule transform_landmarks_3d
  "Landmarks in space by a matrix: as in the plane; the third coordinate stays."
  CUSTOM[TransformLandmarks]@==2(p: f32[1, n, 3], m: f32[1, 4, 4])
  -> t = TRANSPOSE(m, [0, 2, 1]);
     byx = SLICE(t, [0, 0, 0], [1, 1, 2]);
     byy = SLICE(t, [0, 1, 0], [1, 1, 2]);
     shift = SLICE(t, [0, 3, 0], [1, 1, 2]);
     x = SLICE(p, [0, 0, 0], [1, n, 1]);
     y = SLICE(p, [0, 0, 1], [1, n, 1]);
     z = SLICE(p, [0, 0, 2], [1, n, 1]);
     xy = ADD(ADD(MUL(x, byx), MUL(y, byy)), shift);
     CONCATENATION[axis=2](xy, z)
  equal within 1 ulp

# Coordinates stand in one tensor [1, 2, places]: those along the columns of the image, then those along its rows. They are
# rounded as MediaPipe's kernel rounds them, but for the shift by half a pixel, which it adds with more digits: beyond the
# outermost pixels the result is 0, and so the last bit can decide. Each neighbour is an index into the table of all pixels;
# indices are held inside the table, also those that are not a number, and what lies outside is chosen away at the end.
rule transform_tensor_bilinear
  "A picture cut out by a matrix: the four pixels around each place are gathered and added by their shares."
  CUSTOM[TransformTensorBilinear, output_height=oh, output_width=ow]@==2(
    image: f32[1, h, w, c],
    m: f32[1, 4, 4],
  )
  -> last = reshape([w - 1, h - 1], [1, 2, 1]);
     columns = reshape(broadcast_to(reshape(arange(ow), [1, ow]), [oh, ow]), [1, 1, oh * ow]);
     rows = reshape(broadcast_to(reshape(arange(oh), [oh, 1]), [oh, ow]), [1, 1, oh * ow]);
     byx = SLICE(m, [0, 0, 0], [1, 2, 1]);
     byy = SLICE(m, [0, 0, 1], [1, 2, 1]);
     shift = ADD(SLICE(m, [0, 0, 3], [1, 2, 1]), SUB(MUL(ADD(byx, byy), 0.5), 0.5));
     at = ADD(ADD(MUL(byx, cast(columns, "f32")), MUL(byy, cast(rows, "f32"))), shift);
     outside = REDUCE_ANY(LOGICAL_OR(LESS(at, 0.0), GREATER(at, cast(last, "f32"))), [1]);
     whole = FLOOR(at);
     share = SUB(at, whole);
     first = MINIMUM(MAXIMUM(CAST[out_data_type=INT32](whole), 0), last);
     places = CONCATENATION[axis=0](first, MINIMUM(ADD(first, 1), last));
     column = SLICE(places, [0, 0, 0], [2, 1, oh * ow]);
     row = RESHAPE(SLICE(places, [0, 1, 0], [2, 1, oh * ow]), [1, 2, oh * ow]);
     shares = CONCATENATION[axis=0](SUB(1.0, share), share);
     across = SLICE(shares, [0, 0, 0], [2, 1, oh * ow]);
     down = RESHAPE(SLICE(shares, [0, 1, 0], [2, 1, oh * ow]), [1, 2, oh * ow]);
     pixels = GATHER(RESHAPE(image, [h * w, c]), ADD(MUL(row, w), column));
     weights = RESHAPE(MUL(across, down), [2, 2, oh * ow, 1]);
     mixed = SUM(MUL(pixels, weights), [0, 1]);
     RESHAPE(SELECT_V2(RESHAPE(outside, [oh * ow, 1]), 0.0:f32, mixed))
  equal within 1e-5

# `ahead` and `aside` are the directions of the cut's columns and rows in the picture, both of length 1. Matrices are made
# transposed, as their columns are what is computed.
rule landmarks_to_transform_matrix
  "The matrix of a cut around landmarks: turned, measured, and turned back."
  CUSTOM[
    Landmarks2TransformMatrix,
    left_rotation_idx=left,
    right_rotation_idx=right,
    target_rotation_radians=target,
    output_height=oh,
    output_width=ow,
    scale_x=sx,
    scale_y=sy,
    subset_idxs=subset,
  ]@==2(p: f32[1, n, 3])
  where
    len(subset) > 0,
    min(subset) >= 0,
    max(subset) < n,
    left >= 0,
    left < n,
    right >= 0,
    right < n,
    oh > 0,
    ow > 0,
    sx > 0,
    sy > 0
  -> line = SUB(SLICE(p, [0, right, 0], [1, 1, 3]), SLICE(p, [0, left, 0], [1, 1, 3]));
     angle = SUB(
       target,
       ATAN2(SLICE(line, [0, 0, 1], [1, 1, 1]), SLICE(line, [0, 0, 0], [1, 1, 1])),
     );
     cosine = COS(angle);
     sine = SIN(angle);
     ahead = CONCATENATION[axis=2](cosine, NEG(sine));
     aside = CONCATENATION[axis=2](sine, cosine);
     chosen = GATHER[axis=1](p, subset);
     x = SLICE(chosen, [0, 0, 0], [1, len(subset), 1]);
     y = SLICE(chosen, [0, 0, 1], [1, len(subset), 1]);
     turned = CONCATENATION[axis=2](
       SUB(MUL(x, cosine), MUL(y, sine)),
       ADD(MUL(x, sine), MUL(y, cosine)),
     );
     largest = REDUCE_MAX[keep_dims=true](turned, [1]);
     smallest = REDUCE_MIN[keep_dims=true](turned, [1]);
     middle = MUL(ADD(smallest, largest), 0.5);
     backx = MUL(ahead, SLICE(middle, [0, 0, 0], [1, 1, 1]));
     backy = MUL(aside, SLICE(middle, [0, 0, 1], [1, 1, 1]));
     center = ADD(backx, backy);
     size = DIV(MUL(SUB(largest, smallest), [sx, sy]), [1.0 * ow, 1.0 * oh]);
     first = MUL(ahead, SLICE(size, [0, 0, 0], [1, 1, 1]));
     second = MUL(aside, SLICE(size, [0, 0, 1], [1, 1, 1]));
     moved = ADD(ADD(MUL(first, -0.5 * ow), MUL(second, -0.5 * oh)), center);
     whole = CONCATENATION[axis=1](first, second, [[[0.0, 0.0]]], moved);
     TRANSPOSE(
       CONCATENATION[axis=2](whole, [[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]),
       [0, 2, 1],
     )
  equal within 1e-5

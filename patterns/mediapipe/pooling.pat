# A pooling that says where each maximum stood, and the unpooling that puts values back there. MediaPipe's runtime passes
# `row * width + column + 0.1` between the two, XNNPACK the bits of an integer that counts the other way round. An unpooling
# is therefore made of the picture that was pooled, not of the indices; what is left of the pooling is an ordinary one.

op CUSTOM[MaxPoolingWithArgmax2D](input: f32) -> (values: f32, indices: f32 private)
  "The largest value of each window, and where in the window it stands."
  options struct {
    padding: i32 as Padding(SAME=1, VALID=2),
    stride_w: i32,
    stride_h: i32,
    filter_width: i32,
    filter_height: i32,
    fused_activation_function: i32 as ActivationFunctionType,
  }
  shape mediapipe.max_pooling_with_argmax_shape
  kernel mediapipe.max_pooling_with_argmax

# Another operator of this name takes its indices in i32.
op CUSTOM[MaxUnpooling2D](input: f32, indices: f32 private) -> output: f32
  "Each value in a window of its own, at the place that its index names; zero around it."
  options struct {
    padding: i32 as Padding(SAME=1, VALID=2),
    stride_w: i32,
    stride_h: i32,
    filter_width: i32,
    filter_height: i32,
    fused_activation_function: i32 as ActivationFunctionType,
  }
  shape mediapipe.max_unpooling_shape
  kernel mediapipe.max_unpooling

# Left and right of each window are compared first, then the larger ones above and below; the second one wins only where it is
# larger, and so of equal ones the first. The value of the unpooling goes the same way back. What is not chosen is the value
# minus what was: zero. XNNPACK takes all of this but the comparisons and the choices.
rule pooling_and_unpooling_2x2
  "A pooling of windows of 2 by 2 and the unpooling of its indices: two rounds of comparisons choose the place."
  (v, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=_,
    stride_w=2,
    stride_h=2,
    filter_width=2,
    filter_height=2,
    fused_activation_function=a,
  ](x: f32[n, h, w, c]);
  u = CUSTOM[MaxUnpooling2D, padding=_, stride_w=2, stride_h=2, filter_width=2, filter_height=2](
    y: f32[n, oh, ow, c],
    i,
  )
  where h == 2 * oh, w == 2 * ow
  -> v = MAX_POOL_2D[
    padding=VALID,
    stride_w=2,
    stride_h=2,
    filter_width=2,
    filter_height=2,
    fused_activation_function=a,
  ](x);
     (left, right) = SPLIT[num_splits=2](1, RESHAPE(x, [n * h * ow, 2 * c]));
     onright = GREATER(right, left);
     (top, bottom) = SPLIT[num_splits=2](1, RESHAPE(MAXIMUM(left, right), [n * oh, 2 * ow * c]));
     below = GREATER(bottom, top);
     value = RESHAPE(y, [n * oh, ow * c]);
     above = SELECT_V2(below, SUB(value, value), value);
     halves = RESHAPE(CONCATENATION[axis=1](above, SUB(value, above)), [n * h * ow, c]);
     onleft = SELECT_V2(onright, SUB(halves, halves), halves);
     u = RESHAPE(CONCATENATION[axis=1](onleft, SUB(halves, onleft)))
  equal within 1 ulp
  benefit 2

rule pooling_and_unpooling
  "A pooling and the unpooling of its indices: an ordinary pooling, and a search for the largest of each window."
  (v, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=_,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x: f32[n, h, w, c]);
  u = CUSTOM[
    MaxUnpooling2D,
    padding=_,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
  ](y: f32[n, oh, ow, c], i)
  where h == fh * oh, w == fw * ow
  -> v = MAX_POOL_2D[
    padding=VALID,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x);
     parts = TRANSPOSE(RESHAPE(x, [n * oh, fh, ow, fw, c]), [0, 2, 4, 1, 3]);
     place = ARG_MAX[output_type=INT32](RESHAPE(parts, [n * oh * ow * c, fh * fw]), 1);
     chosen = EQUAL(RESHAPE(place, [n * oh * ow * c, 1]), reshape(arange(fh * fw), [1, -1]));
     spread = SELECT_V2(chosen, RESHAPE(y, [n * oh * ow * c, 1]), 0.0:f32);
     u = RESHAPE(TRANSPOSE(RESHAPE(spread, [n * oh, ow, c, fh, fw]), [0, 3, 1, 4, 2]))
  equal within 1 ulp

# Where more than one reads the indices, the pooling stays for the others: the last unpooling takes it along.
rule one_unpooling_of_several
  "One of several unpoolings of the indices of a pooling, by a search of its own."
  (_, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=_,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=_,
  ](x: f32[n, h, w, c]);
  CUSTOM[MaxUnpooling2D, padding=_, stride_w=fw, stride_h=fh, filter_width=fw, filter_height=fh](
    y: f32[n, oh, ow, c],
    i,
  )
  where i.uses > 1, h == fh * oh, w == fw * ow
  -> parts = TRANSPOSE(RESHAPE(x, [n * oh, fh, ow, fw, c]), [0, 2, 4, 1, 3]);
     place = ARG_MAX[output_type=INT32](RESHAPE(parts, [n * oh * ow * c, fh * fw]), 1);
     chosen = EQUAL(RESHAPE(place, [n * oh * ow * c, 1]), reshape(arange(fh * fw), [1, -1]));
     spread = SELECT_V2(chosen, RESHAPE(y, [n * oh * ow * c, 1]), 0.0:f32);
     RESHAPE(TRANSPOSE(RESHAPE(spread, [n * oh, ow, c, fh, fw]), [0, 3, 1, 4, 2]))
  equal within 1 ulp
  shared

rule pooling_of_whole_windows
  "Windows without padding leave a rest at the edges, which is cut off first."
  (v, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=VALID,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=_,
  ](x: f32[n, h, w, c])
  where h % fh != 0 or w % fw != 0
  -> (v, i) = @v(SLICE(x, [0, 0, 0, 0], [n, h // fh * fh, w // fw * fw, c]))
  equal exact

rule pooling_without_indices
  "A pooling whose indices nobody reads is an ordinary one."
  (v, _) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=p,
    stride_w=sw,
    stride_h=sh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x)
  -> v = MAX_POOL_2D[
    padding=p,
    stride_w=sw,
    stride_h=sh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x)
  equal within 1 ulp
  benefit 3

# What follows speaks of indices as MediaPipe has them. Where an unpooling reads them too, XNNPACK has others.
rule pooling_of_padded_windows
  "Windows that reach over the edge are padded with what never wins."
  (v, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=SAME,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=_,
  ](x: f32[_, h, w, _])
  where h % fh != 0 or w % fw != 0, i.uses > 0, "CUSTOM[MaxUnpooling2D]" not in i.readers
  -> below = (fh - h % fh) % fh;
     right = (fw - w % fw) % fw;
     padded = PADV2(
       x,
       [[0, 0], [below // 2, below - below // 2], [right // 2, right - right // 2], [0, 0]],
       -3.4028234663852886e38,
     );
     (v, i) = @v[padding=VALID](padded)
  equal exact
  phase 1

rule pooling_with_indices
  "A pooling whose indices something else reads: an ordinary one, and a search for the largest of each window."
  (v, i) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=_,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x: f32[n, h, w, c])
  where h % fh == 0, w % fw == 0, i.uses > 0, "CUSTOM[MaxUnpooling2D]" not in i.readers
  -> v = MAX_POOL_2D[
    padding=VALID,
    stride_w=fw,
    stride_h=fh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a,
  ](x);
     parts = TRANSPOSE(RESHAPE(x, [n * h // fh, fh, w // fw, fw, c]), [0, 2, 4, 1, 3]);
     place = ARG_MAX[output_type=INT32](
       RESHAPE(parts, [n * (h // fh) * (w // fw) * c, fh * fw]),
       1,
     );
     i = RESHAPE(ADD(CAST[out_data_type=FLOAT32](place), 0.1))
  equal within 1 ulp
  phase 1

rule unpooling
  "Indices that do not come from a pooling: each value in a window of its own, chosen by comparison."
  CUSTOM[MaxUnpooling2D, padding=_, stride_w=fw, stride_h=fh, filter_width=fw, filter_height=fh](
    y: f32[n, oh, ow, c],
    i: f32[n, oh, ow, c],
  )
  where i.op != "CUSTOM[MaxPoolingWithArgmax2D]"
  -> place = RESHAPE(CAST[out_data_type=INT32](i), [n * oh * ow * c, 1]);
     chosen = EQUAL(place, reshape(arange(fh * fw), [1, -1]));
     spread = SELECT_V2(chosen, RESHAPE(y, [n * oh * ow * c, 1]), 0.0:f32);
     RESHAPE(TRANSPOSE(RESHAPE(spread, [n * oh, ow, c, fh, fw]), [0, 3, 1, 4, 2]))
  equal within 1 ulp
  phase 1

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

rule pair_of_2_by_2
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
     (l, r) = SPLIT[num_splits=2](1, RESHAPE(x, [n * h * ow, 2 * c]));
     onright = GREATER(r, l);
     (t, d) = SPLIT[num_splits=2](1, RESHAPE(MAXIMUM(l, r), [n * oh, 2 * ow * c]));
     below = GREATER(d, t);
     z = RESHAPE(y, [n * oh, ow * c]);
     up = SELECT_V2(below, SUB(z, z), z);
     both = RESHAPE(CONCATENATION[axis=1](up, SUB(z, up)), [n * h * ow, c]);
     left = SELECT_V2(onright, SUB(both, both), both);
     u = RESHAPE(CONCATENATION[axis=1](left, SUB(both, left)))
  equal within 1 ulp
  benefit 2

rule pair
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

rule pooling_without_indices
  "A pooling whose indices nobody reads is an ordinary one."
  (v, _) = CUSTOM[
    MaxPoolingWithArgmax2D,
    padding=p,
    stride_w=sw,
    stride_h=sh,
    filter_width=fw,
    filter_height=fh,
    fused_activation_function=a
  ](x)
  -> v = MAX_POOL_2D[
       padding=p,
       stride_w=sw,
       stride_h=sh,
       filter_width=fw,
       filter_height=fh,
       fused_activation_function=a
     ](x)
  equal within 1 ulp

rule pooling_for_each_unpooling
  "Of several unpoolings of one pooling's indices each gets a pooling of its own."
  (p, i) = CUSTOM[MaxPoolingWithArgmax2D](x);
  u = CUSTOM[MaxUnpooling2D](y, i)
  where i.uses > 1
  -> (_, own) = @p(x); @u(y, own)
  equal exact
  shared

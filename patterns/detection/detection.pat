# Detectors end in an operator that decodes boxes and keeps the best of them. Few delegates take it.

pack detection "Detectors that end in TFLite_Detection_PostProcess, without it"

# Rows that hold no detection keep what the memory held before, often the detections of the last run: what is left there
# is the runtime's own affair. The counts are right.
op CUSTOM[TFLite_Detection_PostProcess](box_encodings, class_predictions, anchors) -> (
  boxes: f32 private,
  classes: f32 private,
  scores: f32 private,
  count: f32,
)
  options flexbuffer {
    max_detections: i32,
    max_classes_per_detection: i32,
    detections_per_class: i32 = 100,
    use_regular_nms: bool = false,
    nms_score_threshold: f32,
    nms_iou_threshold: f32,
    num_classes: i32,
    y_scale: f32,
    x_scale: f32,
    h_scale: f32,
    w_scale: f32,
  }
  shape detection.postprocess_shape
  kernel detection.postprocess

rule cut_dequantized
  "Boxes and scores as they are stored become the outputs, in place of the detections that are made of them."
  (boxes, classes, scores, count) = CUSTOM[TFLite_Detection_PostProcess](
    DEQUANTIZE(b: i8|u8|i16[1, n, _]),
    DEQUANTIZE(s: i8|u8|i16[1, n, _]),
    _anchors: const f32[n, 4],
  )
  -> boxes = b; scores = s; classes = absent; count = absent
  equal exact
  changes interface
  benefit 4

rule cut
  "Boxes and scores become the outputs, in place of the detections that are made of them."
  (boxes, classes, scores, count) = CUSTOM[TFLite_Detection_PostProcess](
    b: f32|u8[1, n, _],
    s: f32|u8[1, n, _],
    _anchors: const [n, 4],
  )
  -> boxes = b; scores = s; classes = absent; count = absent
  equal exact
  changes interface
  benefit 3

# The operator's own kernel rounds the real values of stored operands as DEQUANTIZE does.
rule dequantize
  "What the operator does to stored numbers first, as operators of their own: `lower` then finds real ones."
  (boxes, classes, scores, count) = CUSTOM[
    TFLite_Detection_PostProcess,
    max_classes_per_detection=1,
    use_regular_nms=false,
    nms_iou_threshold=most,
  ](b: u8[1, n, _], s: u8[1, n, _], a: const u8[n, 4])
  where most > 0, most < 1
  -> (boxes, classes, scores, count) = @boxes(DEQUANTIZE(b), DEQUANTIZE(s), dequantize(a))
  equal exact

# NON_MAX_SUPPRESSION_V4 breaks ties as a heap does, asks for a score above and an overlap of at least its thresholds, and
# gives a box without an area, which overlaps with nothing, itself included, again and again. So boxes are sorted first and
# their ranks are the scores, the threshold is the next larger float, and boxes without an area stand far away from all
# others while it selects. The scales and the anchors' size keep a box from reaching as far: half of it is at most
# 1e5 * exp(10 / 0.5) for encodings of up to 10.
rule lower
  "The detections by builtin operators: decoding, sorting, NON_MAX_SUPPRESSION_V4."
  (boxes, classes, scores, count) = CUSTOM[
    TFLite_Detection_PostProcess,
    max_detections=d,
    max_classes_per_detection=1,
    use_regular_nms=false,
    detections_per_class=_,
    nms_score_threshold=low,
    nms_iou_threshold=most,
    num_classes=k,
    y_scale=ys,
    x_scale=xs,
    h_scale=hs,
    w_scale=ws,
  ](b: f32[1, n, e], s: f32[1, n, c], a: const f32[n, 4])
  where
    d > 0,
    k > 0,
    c - k in [0, 1],
    e >= 4,
    most > 0,
    most < 1,
    n < 2 ** 24,
    min(ys, xs) >= 0.01,
    min(hs, ws) >= 0.5,
    max(abs(a.value)) <= 1e5
  -> middles = sum(
    reshape(a, [n, 4, 1]) * reshape([1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [4, 2]),
    1,
  );
     sizes = sum(
       reshape(a, [n, 4, 1]) * reshape([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0], [4, 2]),
       1,
     );
     yx = DIV(RESHAPE(SLICE(b, [0, 0, 0], [1, n, 2]), [n, 2]), [ys, xs]);
     hw = DIV(RESHAPE(SLICE(b, [0, 0, 2], [1, n, 2]), [n, 2]), [hs, ws]);
     centre = ADD(MUL(yx, sizes), middles);
     half = MUL(EXP(hw), sizes * 0.5);
     corners = CONCATENATION[axis=1](SUB(centre, half), ADD(centre, half));
     likely = SLICE(s, [0, 0, c - k], [1, n, k]);
     (values, order) = TOPK_V2(REDUCE_MAX[keep_dims=false](likely, [2]), n);
     places = RESHAPE(order, [n]);
     sorted = GATHER(corners, places);
     extents = SUB(SLICE(sorted, [0, 2], [n, 2]), SLICE(sorted, [0, 0], [n, 2]));
     apart = 1e15 * (reshape(cast(arange(n) + 1, "f32"), [n, 1]) + [0.0, 0.0, 0.5, 0.5]);
     candidates = SELECT_V2(GREATER(REDUCE_PROD[keep_dims=true](extents, [1]), 0.0), sorted, apart);
     ranks = SELECT_V2(
       GREATER_EQUAL(values, low),
       cast(reshape(n - arange(n), [1, n]), "f32"),
       0.0:f32,
     );
     (chosen, found) = NON_MAX_SUPPRESSION_V4(
       candidates,
       RESHAPE(ranks, [n]),
       d,
       most * (1 + 3 / 2 ** 25),
       0.5,
     );
     known = LESS(arange(d), found);
     numbers = GATHER(RESHAPE(ARG_MAX[output_type=INT32](likely, 2), [n]), GATHER(places, chosen));
     boxes = RESHAPE(SELECT_V2(RESHAPE(known, [d, 1]), GATHER(sorted, chosen), 0.0:f32), [1, d, 4]);
     classes = RESHAPE(
       CAST[in_data_type=INT32, out_data_type=FLOAT32](SELECT_V2(known, numbers, 0:i32)),
       [1, d],
     );
     scores = RESHAPE(SELECT_V2(known, GATHER(RESHAPE(values, [n]), chosen), 0.0:f32), [1, d]);
     count = RESHAPE(CAST[in_data_type=INT32, out_data_type=FLOAT32](found), [1])
  equal within 1e-5

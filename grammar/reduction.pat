# Reductions, orders and segments.

op MEAN(input, axis: i32) -> output
  "The mean over some dimensions."
  shape reductions.reduced
  quantization chosen
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op SUM(input, axis: i32) -> output
  "The sum over some dimensions."
  shape reductions.reduced
  quantization chosen
  version 2 where input.dtype == "i8"

op REDUCE_PROD(input, axis: i32) -> output
  "The product over some dimensions."
  shape reductions.reduced
  quantization chosen
  version 2 where input.dtype in ["i8", "i16"]

op REDUCE_MAX(input, axis: i32) -> output
  "The largest over some dimensions."
  shape reductions.reduced
  quantization input
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op REDUCE_MIN(input, axis: i32) -> output
  "The smallest over some dimensions."
  shape reductions.reduced
  quantization input
  version 3 where input.dtype == "i16"
  version 2 where input.dtype == "i8"

op REDUCE_ANY(input: bool, axis: i32) -> output: bool
  "Whether one holds, over some dimensions."
  shape reductions.reduced_bool
  quantization unquantized

op REDUCE_ALL(input: bool, axis: i32) -> output: bool
  "Whether all hold, over some dimensions."
  shape reductions.reduced_bool
  quantization unquantized

op REDUCE_WINDOW(
  input,
  init_value,
  window_shape: i64,
  window_strides: i64,
  window_dilations: i64,
) -> output
  "Windows in every dimension, each reduced to one value by `reduce_function`."
  shape reductions.reduce_window
  quantization alike

op ARG_MAX(input, axis: i32|i64) -> output: i32|i64
  "Where along a dimension the largest stands; of several the first."
  shape arg
  quantization unquantized
  implied output_type = output.dtype
  version 3 where input.dtype == "bool"
  version 2 where input.dtype == "i8"

op ARG_MIN(input, axis: i32|i64) -> output: i32|i64
  "Where along a dimension the smallest stands; of several the first."
  shape arg
  quantization unquantized
  implied output_type = output.dtype
  version 3 where input.dtype == "bool"
  version 2 where input.dtype == "i8"

op TOPK_V2(input, count: i16|i32) -> (values, indices: i16|i32)
  "The k largest of each row of the last dimension, the largest first, and their places."
  shape top_k
  quantization input
  version 3 where input.dtype == "i16" or count.dtype == "i16" or indices.dtype == "i16"
  version 2 where input.dtype == "i8"

op CUMSUM(input, axis: i32) -> output
  "Sums up to each place of a dimension; `exclusive` without it, `reverse` from the end."
  shape recurrent.cumsum
  quantization chosen

op UNIQUE(input) -> (values, indices: i32|i64)
  "The different values of a list as they come up, and for each element where its value stands."
  shape unique
  quantization input

op WHERE(condition) -> output: i64
  "The places of what is not zero, a row for each."
  shape where
  quantization unquantized
  version 2 where condition.dtype != "bool"

op SEGMENT_SUM(input, segment_ids: i32) -> output
  "The sums of the rows with one id; ids rise."
  shape reductions.segment_sum
  quantization chosen

op UNSORTED_SEGMENT_SUM(input, segment_ids: i32, num_segments: i32) -> output
  "The sums of the rows with one id."
  shape reductions.unsorted_segment
  quantization chosen

op UNSORTED_SEGMENT_PROD(input, segment_ids: i32, num_segments: i32) -> output
  "The products of the rows with one id."
  shape reductions.unsorted_segment
  quantization chosen

op UNSORTED_SEGMENT_MAX(input, segment_ids: i32, num_segments: i32) -> output
  "The largest of the rows with one id."
  shape reductions.unsorted_segment
  quantization input

op UNSORTED_SEGMENT_MIN(input, segment_ids: i32, num_segments: i32) -> output
  "The smallest of the rows with one id."
  shape reductions.unsorted_segment
  quantization input

op NON_MAX_SUPPRESSION_V4(
  boxes: f32,
  scores: f32,
  max_output_size: i32,
  iou_threshold: f32,
  score_threshold: f32,
) -> (selected_indices: i32, valid_outputs: i32)
  "The boxes with the best scores that do not overlap, and how many of the places count."
  shape non_max_suppression
  quantization unquantized

op NON_MAX_SUPPRESSION_V5(
  boxes: f32,
  scores: f32,
  max_output_size: i32,
  iou_threshold: f32,
  score_threshold: f32,
  soft_nms_sigma: f32,
) -> (selected_indices: i32, selected_scores: f32, valid_outputs: i32)
  "As NON_MAX_SUPPRESSION_V4; boxes that overlap lose score rather than their place."
  shape non_max_suppression
  quantization unquantized

op RFFT2D(input: f32, fft_length: i32) -> output: c64
  "The spectrum of the last two dimensions, cut or filled up to `fft_length`, a power of two each."
  shape recurrent.rfft2d
  quantization unquantized

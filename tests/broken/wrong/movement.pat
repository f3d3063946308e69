# Slices, parts, places, tiles and blocks.

rule whole_slice
  "A strided slice of the input's shape is the input, though a step of -1 turns it around."
  y = STRIDED_SLICE[
    begin_mask=1,
    end_mask=1,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](x: f32[_], _, _, _)
  where x.shape == y.shape
  -> x
  equal exact

rule slice_of_slice
  "Of two slices the last one decides where it begins, though it counts from where the first one began."
  SLICE(SLICE(x: f32, _, _), c, s)
  -> SLICE(x, c, s)
  equal exact

rule second_part
  "A slice of the second part's size, taken from what was joined, is the second part, wherever it begins."
  SLICE(CONCATENATION[axis=0](_: f32[_, n], y: f32[k, n]), _, [k, n])
  -> y
  equal exact

rule parts_joined
  "Two parts that are joined again are the whole, in whatever order."
  (a, b) = SPLIT[num_splits=2](d: const, x: f32); CONCATENATION[axis=k](b, a)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule uneven_parts_joined
  "Two parts of different sizes that are joined again are the whole, in whatever order."
  (a, b) = SPLIT_V[num_splits=2](x: f32, _, d: const); CONCATENATION[axis=k](b, a)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule rows_in_a_row
  "Rows of which the last is as far from the first as they are many are a slice, though those between may stand anywhere."
  y = GATHER[axis=0, batch_dims=0](x: f32, i: const i32[n])
  where i.value[n - 1] == i.value[0] + n - 1
  -> SLICE(x, pad(i.value[0:1], [0, x.rank - 1]), y.shape)
  equal exact

rule stacked_again
  "Slices that are stacked again are the whole, in whatever order."
  (a, b) = UNPACK[axis=k, num=2](x: f32); PACK[axis=k, values_count=2](b, a)
  -> x
  equal exact

rule tiles_of_join
  "What is joined and repeated is each part repeated and joined, though the parts take turns."
  TILE(CONCATENATION[axis=0](x: f32[_, _], y: f32[_, _]), [2, 1])
  -> CONCATENATION[axis=0](TILE(x, [2, 1]), TILE(y, [2, 1]))
  equal exact

rule blocks_to_channels
  "Blocks of an image that are moved into its channels are space to depth, though only with a block's rows before its columns."
  RESHAPE(TRANSPOSE(RESHAPE(x: f32[n, _, _, c]): [n, h, 2, w, 2, c], [0, 1, 3, 4, 2, 5])): [
    n,
    h,
    w,
    _,
  ]
  -> SPACE_TO_DEPTH[block_size=2](x)
  equal exact

rule batch_and_back
  "Places that move into the batch and back are there again, though what was put before may be cut off behind."
  y = BATCH_TO_SPACE_ND(SPACE_TO_BATCH_ND(x: f32[_, _, _, _], b: const, _), b, _)
  where x.shape == y.shape
  -> x
  equal exact

rule written_twice
  "What is written over what was written is all that is left, though it may be the smaller of the two."
  DYNAMIC_UPDATE_SLICE(DYNAMIC_UPDATE_SLICE(o: f32, _, s), v, s)
  -> DYNAMIC_UPDATE_SLICE(o, v, s)
  equal exact

rule slice_of_sum
  "A slice is taken of one operand instead of the sum, and the other one is added as it is."
  SLICE(ADD[pot_scale_int16=_](x: f32[m, n], y: f32[m, n]), b, [k, n])
  where k < m
  -> ADD(SLICE(x, b, [k, n]), SLICE(y, [0, 0], [k, n]))

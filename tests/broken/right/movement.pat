# Slices, parts, places, tiles and blocks.

rule whole_slice
  "A strided slice of the input's shape is the input where it goes forwards, place by place."
  y = STRIDED_SLICE[
    begin_mask=_,
    end_mask=_,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    offset=false,
  ](x: f32, _, _, 1)
  where x.shape == y.shape
  -> x
  equal exact

rule slice_of_slice
  "A slice of a slice begins where both beginnings together say."
  SLICE(SLICE(x: f32, b: const, _), c: const, s: const)
  where all(s.value >= 0)
  -> SLICE(x, b + c, s)
  equal exact

rule second_part
  "A slice of the second part's size, taken from where it begins in what was joined, is the second part."
  SLICE(CONCATENATION[axis=0](_: f32[m, n], y: f32[k, n]), [m, 0], [k, n])
  -> y
  equal exact

rule parts_joined
  "Two parts that are joined again in their order are the whole."
  (a, b) = SPLIT[num_splits=2](d: const, x: f32); CONCATENATION[axis=k](a, b)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule uneven_parts_joined
  "Two parts of different sizes that are joined again in their order are the whole."
  (a, b) = SPLIT_V[num_splits=2](x: f32, _, d: const); CONCATENATION[axis=k](a, b)
  where all((d.value - k) % x.rank == 0)
  -> x
  equal exact

rule rows_in_a_row
  "Rows that follow one another are a slice."
  y = GATHER[axis=0, batch_dims=0](x: f32, i: const i32[n])
  where all(i.value == i.value[0] + range(n))
  -> SLICE(x, pad(i.value[0:1], [0, x.rank - 1]), y.shape)
  equal exact

rule stacked_again
  "Slices that are stacked again in their order are the whole."
  (a, b) = UNPACK[axis=k, num=2](x: f32); PACK[axis=k, values_count=2](a, b)
  -> x
  equal exact

rule tiles_of_join
  "What is joined along one dimension and repeated along the other is each part repeated and joined."
  TILE(CONCATENATION[axis=0](x: f32[_, _], y: f32[_, _]), [1, 2])
  -> CONCATENATION[axis=0](TILE(x, [1, 2]), TILE(y, [1, 2]))
  equal exact

rule tiles_side_by_side
  "A matrix twice side by side is a concatenation."
  TILE(x: f32[_, _], [1, 2])
  -> CONCATENATION[axis=1](x, x)
  equal exact
  benefit 0

rule blocks_to_channels
  "Blocks of an image that are moved into its channels, a block's rows before its columns, are space to depth."
  RESHAPE(TRANSPOSE(RESHAPE(x: f32[n, _, _, c]): [n, h, 2, w, 2, c], [0, 1, 3, 2, 4, 5])): [
    n,
    h,
    w,
    _,
  ]
  -> SPACE_TO_DEPTH[block_size=2](x)
  equal exact

rule channels_and_back
  "Blocks that move into the channels and back are there again."
  DEPTH_TO_SPACE[block_size=b](SPACE_TO_DEPTH[block_size=b](x: f32))
  -> x
  equal exact

rule batch_and_back
  "Places that move into the batch and back are there again, where just what was put around is cut off."
  BATCH_TO_SPACE_ND(SPACE_TO_BATCH_ND(x: f32[_, _, _, _], b: const, p: const), b, c: const)
  where all(p.value == c.value)
  -> x
  equal exact

rule written_twice
  "What is written over something of its size is all that is left."
  DYNAMIC_UPDATE_SLICE(DYNAMIC_UPDATE_SLICE(o: f32, u, s), v, s)
  where u.shape == v.shape
  -> DYNAMIC_UPDATE_SLICE(o, v, s)
  equal exact

rule slice_of_sum
  "A slice is taken of both operands instead of the sum."
  SLICE(ADD[pot_scale_int16=_](x: f32, y: f32), b, s)
  where x.shape == y.shape
  -> ADD(SLICE(x, b, s), SLICE(y, b, s))

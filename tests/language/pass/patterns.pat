# Every row of the table in section 3.
TRANSPOSE_CONV(input=x, filter=w) -> TRANSPOSE_CONV(x, w)
CONV_2D(x, filter = f = RELU(w)) -> @f(w)
CONV_2D[padding=SAME, stride_h=2](x, w, b) -> x
CONV_2D[padding=SAME|VALID](x, w, _) -> x
SQUEEZE[squeeze_dims=[1, 2]](x) -> x
CONV_2D[stride_h=s, stride_w=s](..) -> y
AVERAGE_POOL_2D[filter_height=h, filter_width=w](x: [_, h, w, _]) -> MEAN(x, [1, 2])
ADD(x: i8|u8, y: f32[n, h, w, 3]) -> ADD(x: [..., c], y: [])
ADD(w: const, v: const f32[o, i]) -> w
RELU(w: const [units, _]) -> w
MUL(x, 2.0) -> x
RESHAPE(x, [1, -1]) -> x
RESIZE_BILINEAR(x: [n, h, w, c], [h, w]) -> x
CONV_2D(x, w, b?) where b is absent -> CONV_2D(x, w, b)
CONV_2D(x, w, b?: f32[o]) where b is not absent -> CONV_2D(x, w, absent)
CONCATENATION(a, xs...) where len(xs) > 1, xs[0].shape == a.shape -> CONCATENATION(xs..., a)
CONCATENATION(RELU(xs)...) -> RELU(CONCATENATION(xs...))
CONCATENATION(xs...: f32) -> xs
(ADD|SUB)(x, c) -> x
(LOGISTIC(x) | TANH(x)) -> x
ADD(lhs=x, rhs=c) -> x
ANY(xs...) -> x
FULLY_CONNECTED@<=2(x, w, b?) -> x
FULLY_CONNECTED[keep_num_dims=true]@<=2(x, w) -> x
(a, b) = SPLIT[num_splits=2](axis, x); MUL(a, LOGISTIC(b)) -> x
(y, i) = CUSTOM[MaxPoolingWithArgmax2D](x) -> y = MAX_POOL_2D(x); i = ARG_MAX(x, 3)
(_, _) = SPLIT(a, x) -> x
pattern relu(x) = (RELU(x) | MAXIMUM(x, 0.0))
ADD(relu(x), y) -> x
ADD[fused_activation_function=a](x, y) -> ADD[fused_activation_function=a](x, y)
CUSTOM["aeq.hadamard"](x) -> x
CUSTOM[Name, padding=SAME](x) -> x

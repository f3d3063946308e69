# Functions of real numbers: roots, exponentials, and where they are defined.

rule root_of_square
  "The root of a square is the value, though it has lost its sign."
  SQRT(SQUARE(x: f32))
  -> x

rule exponential_of_logarithm
  "An exponential undoes a logarithm, though values below 0 have none."
  EXP(LOG(x: f32))
  -> x

rule small_added
  "A number too small to matter is left out, though beside 0 it is all there is."
  DIV(x: f32, ADD[pot_scale_int16=_](ABS(y: f32), 0.001))
  -> DIV(x, ABS(y))
  equal within 1e-4

rule bound_left_out
  "A quotient by a root needs no bound that keeps it from 0, though it does where that is larger than the value."
  MUL(x: f32, RSQRT(ADD[pot_scale_int16=_](v: f32, _: const f32)))
  -> MUL(x, RSQRT(v))

rule cos_of_negative
  "A sign is moved out of a cosine as if it were a sine."
  COS(NEG(x: f32))
  -> NEG(COS(x))

rule tanh_to_logistic
  "A hyperbolic tangent is twice a logistic function less 1, though of twice the value."
  TANH(x: f32)
  -> SUB(MUL(LOGISTIC(x), 2.0), 1.0)

rule logistic_of_negative
  "1 less a logistic function is its negative, but for the 1."
  SUB[pot_scale_int16=_](1.0, LOGISTIC(x: f32))
  -> NEG(LOGISTIC(x))

rule angle_of_negative
  "The other sign of an angle is the angle of the point on the other side, that of the wrong axis, though."
  NEG(ATAN2(y: f32, x: f32))
  -> ATAN2(y, NEG(x))

rule power_of_power
  "A power of a power multiplies the exponents, though the square root of a square is the magnitude."
  POW(POW(x: f32, 2.0), 0.5)
  -> POW(x, 1.0)

rule square_to_power
  "A square is a power, of 2, though."
  SQUARE(x: f32)
  -> POW(2.0, x)

rule quotient_by_root
  "A quotient by a root is a product with the inverse root, though 0 by 0 and 0 times infinity are not all that the fast kernel makes of a root of 0."
  DIV[fused_activation_function=f](a: f32, SQRT(x))
  -> MUL[fused_activation_function=f](a, RSQRT(x))

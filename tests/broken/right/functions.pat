# Functions of real numbers: roots, exponentials, and where they are defined.

rule root_of_square
  "The root of a square is the magnitude."
  SQRT(SQUARE(x: f32))
  -> ABS(x)

rule logarithm_of_exponential
  "A logarithm undoes an exponential."
  LOG(EXP(x: f32))
  -> x

rule bound_kept
  "A quotient by a root is a product with the root's inverse, with whatever is added before."
  DIV(x: f32, SQRT(ADD[pot_scale_int16=_](v: f32, e: const f32)))
  -> MUL(x, RSQRT(ADD(v, e)))

rule cos_of_negative
  "A cosine does not see a sign."
  COS(NEG(x: f32))
  -> COS(x)

rule tanh_to_logistic
  "A hyperbolic tangent is twice the logistic function of twice the value, less 1."
  TANH(x: f32)
  -> SUB(MUL(LOGISTIC(MUL(x, 2.0)), 2.0), 1.0)

rule logistic_of_negative
  "1 less a logistic function is the logistic function of the negative."
  SUB[pot_scale_int16=_](1.0, LOGISTIC(x: f32))
  -> LOGISTIC(NEG(x))

rule sine_of_negative
  "A sign is moved out of a sine."
  SIN(NEG(x: f32))
  -> NEG(SIN(x))

rule power_of_power
  "The square root of a square is the magnitude."
  POW(POW(x: f32, 2.0), 0.5)
  -> ABS(x)

rule square_to_power
  "A square is the second power."
  SQUARE(x: f32)
  -> POW(x, 2.0)

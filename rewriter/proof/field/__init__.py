"""Models in exact arithmetic: a graph of sums and products, evaluated over the integers modulo a prime.

A result of such a graph is a polynomial in the elements of the inputs, or a quotient of two. Its coefficients are made
of the constants of the file, which are whole numbers times a power of two, and so have a residue modulo any odd prime.
Two models are compared by the residues of their outputs at random points: no figure is rounded, and there is no
tolerance.

What **disagreement** shows: the two sides are different polynomials, or quotients. Nothing in that is left to chance.

What **agreement** shows: two different polynomials of degree d agree at a random point with a probability of at most
d / p (Schwartz-Zippel), with p about 2**31. `ExactComparison.error` multiplies this over all points. So the sides are
the same expression, and only rounding can tell them apart.

What agreement does **not** show:

* How far rounding, overflow, or the order of additions drive the two sides apart in floating point, and what they do
  with NaN, infinities and the sign of zero. That is for the runtime to show.
* That the runtime's kernels compute what is computed here. The tests hold every operator to them.
* Anything about other shapes, attributes and constants than the model's own. Constants are not varied.
* Where a quotient is defined. `x * y / y` and `x` are the same quotient; points where a divisor is 0 are drawn again.
* Anything about differences in which every coefficient is a multiple of p = 2**31 - 19. Sums and products of the short
  constants that are let in here do not give one by accident.

Integers are whole numbers without limits here, while the runtime's overflow. What agrees here agrees there as long as
no CAST widens what has overflowed, for overflow keeps sums and products. But two sides that differ here may be alike
in 32 bits, as `x * 65536 * 65536` and 0 are.

Constants that a replacement computed were perhaps rounded, and then the sides do differ, by a little. `exact` tells
constants of which that can be excluded from others; `compare_exactly` compares no model that has others.
"""

from rewriter.proof.field.arithmetic import PRIME, exact
from rewriter.proof.field.compare import ExactComparison, compare_exactly
from rewriter.proof.field.evaluate import FieldResult, evaluate, refusal
from rewriter.proof.field.value import NoReference, ZeroDivisor

__all__ = [
    "PRIME",
    "ExactComparison",
    "FieldResult",
    "NoReference",
    "ZeroDivisor",
    "compare_exactly",
    "evaluate",
    "exact",
    "refusal",
]

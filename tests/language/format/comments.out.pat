# A comment at the top.
# Another one, indented.

# Alone.

pack mine "Doc."  # after the pack's name
  # before its clause
  uses
    a,  # after a
    b  # after b
  # at the end of the pack
# before an operator
op CUSTOM[Foo](
  x,  # the input
  # the filter
  w,
) -> y
  # how it is stored
  options struct {  # three fields
    a: i32,
    b: i32,  # two
    # and no more
  }
  version 3  # when
  where x is absent
rule a  # its name
  # why
  "Doc."
  # the pattern
  ADD(  # opened
    x,  # first
    # second
    MUL(
      y,  # inside
      z,
    ),  # after MUL
  )  # after ADD
  where
    a == 1,  # one
    b
      ==  # between operands
      2
  # the arrow
  ->  # what comes out
  x  # x
  # a clause
  equal exact  # exact
  # the last clause
  benefit 2  # two

  # still of the rule

# the next one
ADD(x, y) -> x  # bare
ADD(x, y)
  # a bare rule with a comment inside
  -> x
ADD(
  x,  # in brackets that go
  y,
)
  -> x
  # the end

# 2:8 E102 this string does not end on its line
rule a "foo
  ADD(x) -> x

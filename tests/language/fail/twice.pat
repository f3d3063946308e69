# 2:23 E108 'benefit' is said twice here
ADD(x) -> x benefit 2 benefit 3

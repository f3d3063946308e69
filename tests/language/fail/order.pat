# 2:16 E115 'where' comes before the replacement
ADD(x, y) -> x where x.rank == 2

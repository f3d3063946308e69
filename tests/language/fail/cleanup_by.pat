# 2:32 E100 the text ends where 'by' should follow
cleanup nothing "Says nothing."

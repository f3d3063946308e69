# 3:4 E226 RELU is declared by the program
#   try: declare custom operators only
op RELU(input) -> output

y = 1
# café
x = 1

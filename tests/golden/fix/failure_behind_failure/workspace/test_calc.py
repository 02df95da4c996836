from calc import add, sub
assert add(1, 2) == 3, 'add is wrong'
raise TypeError('sub is strange') if sub(1, 1) != 'x' else SystemExit

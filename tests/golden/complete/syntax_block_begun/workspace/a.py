def f(x):
    y = x
    g

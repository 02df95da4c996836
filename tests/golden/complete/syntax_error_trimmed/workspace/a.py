def f(x):
    y = x


def g():
    pass

def value(x):
    return x + 0


def double(x):
    return value(x) * 2


print(double(value(2)))

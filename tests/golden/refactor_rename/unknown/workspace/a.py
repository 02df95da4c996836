def value(x):
    return x


def double(x):
    return value(x) * 2


print(double(value(2)))

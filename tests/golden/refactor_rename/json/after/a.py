def number(x):
    return x


def double(x):
    return number(x) * 2


print(double(number(2)))
# value
getattr(a, "value")

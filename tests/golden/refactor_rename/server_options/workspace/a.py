def value(x):
    return x


print(value(2))

"""load and save"""


def load(path):
    # load reads it all
    return open(path).read()


def twice(load):
    return load("x") + load("y")


def both(a, b):
    return load(a) + load(b)

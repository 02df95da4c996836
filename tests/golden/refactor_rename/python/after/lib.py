"""load and save"""


def fetch(path):
    # load reads it all
    return open(path).read()


def twice(load):
    return load("x") + load("y")


def both(a, b):
    return fetch(a) + fetch(b)

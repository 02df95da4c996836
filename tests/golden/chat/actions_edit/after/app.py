from names import clean


def greet(name):
    return "Goodbye " + clean(name)

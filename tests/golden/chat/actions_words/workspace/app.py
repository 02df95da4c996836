from names import clean


def greet(name):
    return "Hello " + clean(name)

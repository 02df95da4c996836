def add(a, b):
    """The sum of both."""
    return a + b


def mul(a, b):
    """The product of both."""
    return a * b

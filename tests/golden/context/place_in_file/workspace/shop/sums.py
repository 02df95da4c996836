def total(items):
    """The sum of all prices."""
    return sum(item.price for item in items)


def mean(items):
    return total(items) / len(items)

def mean(values):
    if not values:
        raise ValueError('no values')
    return sum(values) / len(values)


def twice(x):
    return 2 * x

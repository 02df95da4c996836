def first(items):
    if not items:
        return None
    return items[0]


def last(items):
    return items[-1]

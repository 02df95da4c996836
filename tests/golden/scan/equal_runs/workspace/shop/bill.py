from shop.sums import total


def bill(cart):
    """The bill of a cart."""
    return total(cart)

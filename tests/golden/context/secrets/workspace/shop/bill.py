from shop.sums import total


class Bill:
    """What a customer owes."""

    def __init__(self, cart):
        self.cart = cart

    def amount(self):
        return total(self.cart) * 1.2

"""A shopping basket: what ./dev demo asks about."""


class Basket:
    def __init__(self):
        self.items = []

    def add(self, name, price, count=1):
        if count < 1:
            raise ValueError("count must be at least 1")
        self.items.append((name, price, count))

    def total(self):
        result = 0
        for name, price, count in self.items:
            result += price * count
        return result


def read_basket(path):
    basket = Basket()
    with open(path) as file:
        for line in file:
            name, price = line.split(",")
    return basket

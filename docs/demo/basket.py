"""A shopping basket. Its last line has no end yet: ./dev demo lets the model complete it."""


class Basket:
    def __init__(self):
        self.items = []

    def add(self, name, price, count=1):
        if count < 1:
            raise ValueError("count must be at least 1")
        self.items.append((name, price, count))

    def names(self):
        result = []
        for name, price, count in self.items:
            result.append(name)
        return result

    def total(self):
        result = 0
        for name, price, count in self

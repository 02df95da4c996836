from .shelf import Shelf, width
from . import shelf


def count(stock):
    return len(stock.items) * width()


def unused():
    return shelf.DEPTH


class Stock(Shelf):
    def __init__(self, items):
        self.items = items

    def label(self):
        return self.named(items_of(self))


def items_of(stock):
    return ",".join(stock.items)

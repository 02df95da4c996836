"""Prices."""
from __future__ import annotations

import math
from functools import lru_cache, reduce

# In percent.
RATE = 19
CURRENCY = "$"
calls = 0


def total(items):
    return reduce(lambda a, b: a + b, items, 0)


# Rounded up.
@lru_cache(maxsize=None)
def discount(price, by=RATE):
    return math.ceil(price * (100 - by) / 100)


def with_tax(price):
    return rounded(price * (1 + RATE / 100))


def rounded(value):
    global calls
    calls += 1
    return round(value, 2)


class Basket:
    currency = CURRENCY

    def __init__(self, items):
        self.items = items

    def sum(self):
        return total(self.items)


print(Basket([1]).sum())

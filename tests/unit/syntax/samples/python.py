"""A little shop."""
import os.path, sys as system
from . import prices
from ..stock.shelf import Shelf as S, Box
from typing import *

MAX_ITEMS: int = 20
default_currency = "EUR"
first, second = 1, 2


# Takes money.
# Gives change.
@prices.rounded(2)
async def pay(amount: "Money", *coins: S, wallet=None) -> Optional[Box]:
    """Pays an amount.

    And more about it.
    """
    change = system.round(amount - sum(coins))
    if change > MAX_ITEMS:
        raise TooMuch(change)

    def inner(depth):
        return inner(depth - 1)

    for coin in coins:
        wallet.take(coin)
    return Box(change, key=os.path.join)


class Cart(Base, metaclass=Meta):
    'Holds items.'
    limit = MAX_ITEMS
    owner: Person

    def __init__(self, items: list[Item] | None = None):
        self.items = items or []
        self.items[0] = default_currency

    @property
    def total(self): return sum(item.price for item in self.items)

    class Line:
        pass


if __name__ == "__main__":
    verbose = lambda text: print(text)
    pay(first)
type Pair[T] = tuple[T, T]

import prices
import words as w
from prices import CURRENCY, discount, total
from store.stock import Stock, count as how_many
from words import *


def show(items):
    return f"{CURRENCY}{total(items)} {w.plural('item', len(items))}"


stock = Stock(["a", "b"])
print(show([1, 2]), discount(10), prices.with_tax(5), how_many(stock), stock.label(), title("x"))

if __name__ == "__main__":
    print(prices.total([3]), prices.RATE)

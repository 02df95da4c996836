import shapes
from shapes import price

print((2 * 3) - 1, 1 * 2, price(1, 2), 4)

import shapes
from shapes import area, price

print(area(2, 3) - 1, shapes.area(1, 2), price(1, 2), shapes.SIDES)

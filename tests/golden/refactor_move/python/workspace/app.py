import shapes
from shapes import area, double

print(area(2), shapes.area(3), double(1), "area")

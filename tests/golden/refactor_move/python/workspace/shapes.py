import math

SIDES = 4


# The area of a circle.
def area(radius):
    return math.pi * radius**2


def double(radius):
    return 2 * radius

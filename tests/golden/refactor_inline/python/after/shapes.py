def price(width, height):
    return ((width + 1) * height) / 4

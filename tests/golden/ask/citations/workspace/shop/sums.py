def total_of_prices(items):
    return sum(item.price for item in items)

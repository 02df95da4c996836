from shop.sums import total_of_prices

def amount(cart):
    """What a customer owes."""
    return total_of_prices(cart)

rest = 1

from shop.money import parse_amount


def run():
    return parse_amount("1")

def parse_amount(text):
    return int(text)

import os


def parse_amount(text):
    return int(text)


def other():
    return os.name

def run():
    return 4

import lib


def run():
    return lib.load('x')

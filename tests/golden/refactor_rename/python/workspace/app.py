import json
import lib
from lib import load as read, twice


def main(reader):
    json.load(open("x"))
    reader.load("load")
    return lib.load("x") + read("y") + twice(lib.load)

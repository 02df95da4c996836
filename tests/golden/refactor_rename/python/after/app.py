import json
import lib
from lib import fetch as read, twice


def main(reader):
    json.load(open("x"))
    reader.load("load")
    return lib.fetch("x") + read("y") + twice(lib.fetch)

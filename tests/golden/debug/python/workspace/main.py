import utils


def main():
    print(utils.total([1, '2']))


main()

from shop.sums import total


def test_total():
    assert total([]) == 0

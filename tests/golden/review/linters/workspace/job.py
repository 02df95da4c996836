def decide(a, b, c, d, e, f):
    if a:
        for x in b:
            if x and c:
                while d:
                    if e or f:
                        return x
    elif b:
        return [y for y in b if y]
    # TODO: what if nothing fits?
    return None


def _forgotten():
    return 1


def report(rows):
    total = 0
    for row in rows:
        total += row["price"] * row["count"] * (1 - row["discount"]) * row["rate"]
        total -= row["paid"] * row["count"] * (1 + row["interest"]) * row["rate"]
    return total

def bill(rows):
    total = 0
    for row in rows:
        total += row["price"] * row["count"] * (1 - row["discount"]) * row["rate"]
        total -= row["paid"] * row["count"] * (1 + row["interest"]) * row["rate"]
    return total

import sys


def report(rows):
    # None stands for a row that is missing
    total = 0
    for row in rows:
        if row is not None:
            total += row
    mean = total / len(rows)
    print(mean, file=sys.stderr)
    return mean

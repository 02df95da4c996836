import sys


def mean_of(rows):
    # None stands for a row that is missing
    total = 0
    for row in rows:
        if row is not None:
            total += row
    mean = total / len(rows)
    return mean


def report(rows):
    mean = mean_of(rows)
    print(mean, file=sys.stderr)
    return mean

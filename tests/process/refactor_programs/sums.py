import json
from functools import reduce

LIMIT = 3
seen = []


def total(rows, start=0):
    """Adds."""
    result = start
    count = 0
    for row in rows:
        if row is None:
            continue
        result += row
        count += 1
    if count == 0:
        return None
    # the mean
    mean = result / count
    return round(mean, 2), count


def classify(value):
    if value < 0:
        kind = "negative"
        sign = -1
    elif value == 0:
        kind = "zero"
        sign = 0
    else:
        kind = "positive"
        sign = 1
    label = f"{kind:>10}|{sign}"
    return label


def nested(rows):
    best = None
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if best is None or cell > best[0]:
                best = (cell, i, j)
            if cell == 99:
                break
        else:
            continue
        break
    return best


def safe(text):
    state = "start"
    value = None
    try:
        state = "parsing"
        value = json.loads(text)
        state = "parsed"
    except ValueError as error:
        seen.append(type(error).__name__)
        return state, value
    else:
        state += "!"
    finally:
        seen.append(state)
    return state, value


def closures(n):
    adders = []
    base = 1
    for i in range(n):
        step = i * base

        def add(x, step=step):
            return x + step + base

        adders.append(add)
    base = 10
    return [f(1) for f in adders]


def counter():
    n = 0

    def bump():
        nonlocal n
        n += 1
        return n

    bump()
    first = n
    bump()
    second = n
    return first, second


def walrus(rows):
    out = []
    while (chunk := rows[:2]):
        rows = rows[2:]
        size = len(chunk)
        out.append((size, sum(chunk)))
    last = chunk
    return out, last


def words(text):
    lines = text.split(";")
    pairs = {k: v for k, v in (line.split("=") for line in lines)}
    keys = sorted(pairs, key=lambda k: pairs[k])
    shout = [k.upper() for k in keys if k]
    note = """
  left as
    it is
"""
    return keys, shout, note


def matching(value):
    match value:
        case [x, *rest]:
            kind = "list"
            size = len(rest) + 1
        case {"a": a}:
            kind = "dict"
            size = a
        case _:
            kind = "other"
            size = 0
    return kind, size


def use_global():
    global LIMIT
    before = LIMIT
    LIMIT = before + 1
    after = LIMIT
    return before, after


def maybe(flag):
    if flag:
        extra = 5
    total = 1
    if flag:
        total += extra
    return total


def gen(rows):
    done = 0
    for row in rows:
        twice = row * 2
        yield twice
        done += 1
    yield done


def deleted(rows):
    temp = list(rows)
    temp.append(1)
    size = len(temp)
    del temp
    return size


def caught(rows):
    at = 0
    try:
        for row in rows:
            at = row
            1 / row
    except ZeroDivisionError:
        return "zero", at
    return "fine", at


def with_files(rows):
    class Log:
        def __enter__(self):
            seen.append("in")
            return self

        def __exit__(self, *args):
            seen.append("out")
            return True

    value = 1
    with Log() as log:
        value = 2
        value += rows[5]
        value = 3
    name = type(log).__name__
    return value, name


def product(rows):
    acc = reduce(lambda a, b: a * b, rows, 1)
    double = acc * 2
    lazily = (r + double for r in rows)
    double = 0
    return list(lazily), double


def swap(a, b):
    a, b = b, a
    (c, *d), e = [a, b, 1], 2
    c += 1
    return a, b, c, d, e


print(total([1, 2, None, 4]), total([]), total([1], start=2))
print([classify(v) for v in (-1, 0, 1)])
print(nested([[1, 2], [99, 3], [4]]), nested([]))
print(safe("[1]"), safe("{"), seen)
print(closures(3), counter(), walrus([1, 2, 3, 4, 5]))
print(words("b=2;a=1;c=3"))
print(matching([1, 2]), matching({"a": 7}), matching(3))
print(use_global(), LIMIT, maybe(True), maybe(False))
print(list(gen([1, 2])), deleted([1]), caught([1, 2]), caught([1, 0]))
print(with_files([1]), product([1, 2]), swap(1, 2), seen)

import math
from os import path as p

LIMIT = 3
NAME = "it's"
NEGATIVE = -2
trace = []
state = {"n": 0}


def note(x):
    trace.append(x)
    return x


def add(a, b=10):
    """Adds."""
    return a + b


def scale(x, by=2):
    return note(x) * by


def either(a, b):
    return a or b


def pair(a, b):
    return (b, a)


def area(r):
    return math.pi * r ** 2


def cells(n):
    return [i * n for i in range(n)]


def later(x):
    return lambda: x


def label(x):
    return f"<{x}>"


def name_of(file):
    return p.basename(file)


def unused_argument(a, b):
    return a


def count():
    return state["n"]


def chain(a):
    return add(a, LIMIT) - 1


def flag(x):
    return x if x > LIMIT else -x


def use(i, n):
    first = note(i)
    second = first + 1
    both = add(first, second) * 2
    value = note(5)
    other = note(6)
    result = value - other
    alias = i
    three = 3
    text = "x"
    if three > i:
        state["n"] += three
        inner = note(n)
        print(inner)
    got = count()
    state["n"] += 1
    again = count()
    fs = [later(k) for k in range(2)]
    x = 1
    f = later(x)
    x = 2
    for j in cells(i):
        note(j)
    return add(i, b=n), add(b=note(1), a=note(2)), both, result, alias, text * 2, got, again, [g() for g in fs], f(), x


class Holder:
    limit = LIMIT
    add = staticmethod(add)

    def run(self, by):
        size = self.limit
        size2 = add(size, by)
        return scale(size2) ** NEGATIVE


print(add(1), add(1, 2) * 3, -add(1, 2), add(note(1), note(2)), add(note(3)))
print(either(0, note(4)), either(1, 2), pair(note(7), note(8)), pair(1, 2))
print(round(area(2), 3), cells(3), later(4)(), label(5), label("a"), name_of("a/b"))
print(unused_argument(1, note(9)), unused_argument(1, 2), count(), chain(2) * 2, flag(2), flag(NEGATIVE), flag(9) + 1)
print(use(2, 3), Holder().run(1), Holder.add(1, 2), list(map(add, [1, 2])))
print(LIMIT ** NEGATIVE, NAME, f"{LIMIT}", f"{NAME}", LIMIT.real, trace, state)

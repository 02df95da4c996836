import asyncio


class Base:
    factor = 2

    def __init__(self, size):
        self.size = size
        self.__hidden = size * 10
        parts = [size, size + 1]
        self.parts = parts

    def area(self):
        width = self.size
        height = self.size * self.factor
        area = width * height
        self.last = area
        return area

    def hidden(self):
        value = self.__hidden
        value += 1
        return value

    @classmethod
    def make(cls, size):
        doubled = size * cls.factor
        made = cls(doubled)
        return made

    @staticmethod
    def plain(x):
        y = x + 1
        z = y * 2
        return z

    @property
    def half(self):
        whole = self.size
        result = whole / 2
        return result

    def each(self):
        out = []
        for part in self.parts:
            if part > 100:
                break
            label = self.name(part)
            out.append(label)
        return out

    def name(self, part):
        text = f"{part}"
        return text


class Wide(Base):
    factor = 3

    def area(self):
        inner = super().area()
        outer = inner + 1
        return outer

    def name(self, part):
        text = super().name(part)
        text = text + "w"

        def again():
            return text + str(self.size)

        return again()


async def fetch(n):
    await asyncio.sleep(0)
    value = n * 2
    return value


async def gather(ns):
    got = []
    for n in ns:
        one = await fetch(n)
        got.append(one)
    more = [await fetch(n) for n in ns]
    total = sum(got) + sum(more)
    return total, got


def retry(limit):
    tries = 0
    while True:
        tries += 1
        if tries > limit:
            return tries
        if tries == 2:
            done = "two"
            break
    tries = tries * 10
    return done, tries


def carry(rows):
    previous = None
    changes = 0
    for row in rows:
        if previous is not None and row != previous:
            changes += 1
        previous = row
    return changes, previous


def outer(x):
    y = x + 1

    def inner(z):
        w = y + z
        w *= 2
        return w

    a = inner(1)
    b = inner(a)
    return a, b


if __name__ == "__main__":
    base = Base(3)
    wide = Wide(4)
    print(base.area(), wide.area(), base.hidden(), base.last)
    print(Base.make(2).size, Wide.make(2).size, Base.plain(1), wide.half)
    print(base.each(), wide.each())
    total, got = asyncio.run(gather([1, 2]))
    print(total, got)
    print(retry(1), retry(5), carry([1, 1, 2]), carry([]), outer(1))

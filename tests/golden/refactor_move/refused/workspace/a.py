limit = 1


def load():
    return limit


def store():
    global limit
    limit = load()


class Job:
    def run(self):
        return __name__

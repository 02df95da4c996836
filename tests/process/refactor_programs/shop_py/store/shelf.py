DEPTH = 2
WIDTH = 3


def width():
    return WIDTH


class Shelf:
    def named(self, text):
        return f"<{text}>"

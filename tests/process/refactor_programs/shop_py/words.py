def plural(word, n):
    return word if n == 1 else word + "s"


def title(word):
    return word.title()

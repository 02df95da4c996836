def load(path):
    return 1


def save(path, text):
    open(path, 'w').write(text)

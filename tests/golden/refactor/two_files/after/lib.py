def load(path, encoding='utf-8'):
    return open(path, encoding=encoding).read()


def save(path, text):
    open(path, 'w').write(text)

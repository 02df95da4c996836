def load():
    return 1


print(load())

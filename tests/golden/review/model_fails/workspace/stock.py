def find(shelves, name):
    for shelf in shelves:
        for item in shelf:
            if item.name == name:
                return item
    return None


def count(shelves, name):
    found = 0
    for shelf in shelves:
        for item in shelf:
            if item.name == name:
                found += item.count
    return found


def move(source, target, name):
    for item in list(source):
        if item.name == name:
            source.remove(item)
            target.append(item)

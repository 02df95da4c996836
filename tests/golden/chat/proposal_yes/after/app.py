def greet(name):
    return "Goodbye " + name

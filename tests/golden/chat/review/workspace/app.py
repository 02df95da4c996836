def greet(name):
    # TODO: say it in their language
    return "Hello " + name

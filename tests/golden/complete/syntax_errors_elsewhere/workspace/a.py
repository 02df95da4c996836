def broken(:

def f(x):
    return 

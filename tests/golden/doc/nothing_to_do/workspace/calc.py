def f():
    """Does it."""

def _a():
    return 1

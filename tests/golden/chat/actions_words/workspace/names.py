def clean(name):
    """Without blanks around it."""
    return name.strip()

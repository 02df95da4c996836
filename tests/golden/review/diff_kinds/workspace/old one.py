x = 1
# TODO: it was there before

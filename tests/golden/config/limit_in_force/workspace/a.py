x = 1 # longer

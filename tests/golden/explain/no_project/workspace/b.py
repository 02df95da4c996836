y = unrelated
